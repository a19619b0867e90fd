#include "api/stream_ledger.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/span.h"

enum { BUCKETS = 1024 };

typedef struct entry {
    struct entry *next;
    size_t streams;
    char developer_id[];
} entry;

struct gx_stream_ledger {
    pthread_mutex_t lock; /* taken when a stream opens or closes, never while one delivers */
    size_t most, most_in_all;
    size_t in_all;
    entry *buckets[BUCKETS];
};

gx_stream_ledger *gx_stream_ledger_new(size_t most, size_t most_in_all)
{
    gx_stream_ledger *ledger = calloc(1, sizeof *ledger);
    if (ledger == NULL)
        return NULL;
    pthread_mutex_init(&ledger->lock, NULL);
    ledger->most = most;
    ledger->most_in_all = most_in_all;
    return ledger;
}

void gx_stream_ledger_free(gx_stream_ledger *ledger)
{
    if (ledger == NULL)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        while (ledger->buckets[i] != NULL) {
            entry *gone = ledger->buckets[i];
            ledger->buckets[i] = gone->next;
            free(gone);
        }
    }
    pthread_mutex_destroy(&ledger->lock);
    free(ledger);
}

/* Where the developer's entry hangs, or would hang. */
static entry **find(gx_stream_ledger *ledger, const char *developer_id)
{
    entry **at = &ledger->buckets[gx_span_hash(gx_span_of(developer_id)) % BUCKETS];
    while (*at != NULL && strcmp((*at)->developer_id, developer_id) != 0)
        at = &(*at)->next;
    return at;
}

static entry *add(entry **at, const char *developer_id)
{
    size_t length = strlen(developer_id) + 1;
    entry *fresh = calloc(1, sizeof *fresh + length);
    if (fresh != NULL) {
        memcpy(fresh->developer_id, developer_id, length);
        *at = fresh;
    }
    return fresh;
}

static gx_admission look(const gx_stream_ledger *ledger, const entry *present)
{
    if ((present != NULL ? present->streams : 0) >= ledger->most)
        return GX_TOO_MANY_OF_DEVELOPER;
    return ledger->in_all < ledger->most_in_all ? GX_ADMITTED : GX_TOO_MANY_IN_ALL;
}

gx_admission gx_stream_ledger_look(gx_stream_ledger *ledger, const char *developer_id)
{
    pthread_mutex_lock(&ledger->lock);
    gx_admission admission = look(ledger, *find(ledger, developer_id));
    pthread_mutex_unlock(&ledger->lock);
    return admission;
}

/* Out of memory is the server's fault, not the developer's. */
static gx_admission take_place(gx_stream_ledger *ledger, entry **at, const char *developer_id)
{
    gx_admission admission = look(ledger, *at);
    if (admission != GX_ADMITTED)
        return admission;
    entry *found = *at != NULL ? *at : add(at, developer_id);
    if (found == NULL)
        return GX_TOO_MANY_IN_ALL;
    found->streams++;
    ledger->in_all++;
    return GX_ADMITTED;
}

gx_admission gx_stream_ledger_admit(gx_stream_ledger *ledger, const char *developer_id)
{
    pthread_mutex_lock(&ledger->lock);
    gx_admission admission = take_place(ledger, find(ledger, developer_id), developer_id);
    pthread_mutex_unlock(&ledger->lock);
    return admission;
}

void gx_stream_ledger_leave(gx_stream_ledger *ledger, const char *developer_id)
{
    pthread_mutex_lock(&ledger->lock);
    entry **at = find(ledger, developer_id);
    ledger->in_all -= *at != NULL;
    if (*at != NULL && --(*at)->streams == 0) {
        entry *gone = *at;
        *at = gone->next;
        free(gone);
    }
    pthread_mutex_unlock(&ledger->lock);
}

size_t gx_stream_ledger_count(gx_stream_ledger *ledger, const char *developer_id)
{
    pthread_mutex_lock(&ledger->lock);
    entry **at = find(ledger, developer_id);
    size_t count = *at != NULL ? (*at)->streams : 0;
    pthread_mutex_unlock(&ledger->lock);
    return count;
}
