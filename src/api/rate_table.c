#include "api/rate_table.h"

#include <pthread.h>
#include <stdlib.h>

/* 65,536 callers at 16 bytes: 1 MiB, of which the system gives only the pages that are used. */
enum { WINDOW_MS = 60 * 1000, SETS = 8192, PLACES = 8, LOCKS = 64 };

typedef struct place {
    uint64_t caller;
    uint32_t minute; /* 0: nobody's */
    uint32_t calls;
} place;

struct gx_rate_table {
    pthread_mutex_t locks[LOCKS]; /* a set is under the lock of its number modulo LOCKS; held for one count */
    place sets[SETS][PLACES];
};

gx_rate_table *gx_rate_table_new(void)
{
    gx_rate_table *table = calloc(1, sizeof *table);
    if (table == NULL)
        return NULL;
    for (int i = 0; i < LOCKS; i++)
        pthread_mutex_init(&table->locks[i], NULL);
    return table;
}

void gx_rate_table_free(gx_rate_table *table)
{
    if (table == NULL)
        return;
    for (int i = 0; i < LOCKS; i++)
        pthread_mutex_destroy(&table->locks[i]);
    free(table);
}

static bool is_worth_less(const place *a, const place *b)
{
    return a->minute != b->minute ? a->minute < b->minute : a->calls < b->calls;
}

/* The caller's place, or the one that is given up for them. */
static place *find(place *set, uint64_t caller)
{
    place *least = &set[0];
    for (int i = 0; i < PLACES; i++) {
        if (set[i].minute != 0 && set[i].caller == caller)
            return &set[i];
        if (is_worth_less(&set[i], least))
            least = &set[i];
    }
    return least;
}

/* How many calls that makes, this one included. */
static uint32_t count(place *at, uint64_t caller, uint32_t minute)
{
    if (at->caller != caller || at->minute != minute)
        *at = (place){.caller = caller, .minute = minute};
    if (at->calls < UINT32_MAX)
        at->calls++;
    return at->calls;
}

gx_rate_verdict gx_rate_table_count(gx_rate_table *table, uint64_t caller, uint32_t limit, int64_t now_ms)
{
    uint32_t minute = (uint32_t)(now_ms / WINDOW_MS);
    int64_t left_ms = WINDOW_MS - now_ms % WINDOW_MS;
    size_t set = caller % SETS;
    pthread_mutex_t *lock = &table->locks[set % LOCKS];
    pthread_mutex_lock(lock);
    uint32_t calls = count(find(table->sets[set], caller), caller, minute);
    pthread_mutex_unlock(lock);
    return (gx_rate_verdict){
        .limit = limit,
        .remaining = calls < limit ? limit - calls : 0,
        .reset_s = (uint32_t)((left_ms + 999) / 1000),
        .refused = calls > limit,
    };
}
