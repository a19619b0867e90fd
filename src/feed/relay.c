#include "feed/relay.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/module.h"
#include "feed/relay_message.h"

enum { MOST_QUEUED_BYTES = 4 << 20, MOST_EVENTS_AT_ONCE = 64, TEND_S = 2 };

typedef struct outgoing {
    gx_list in_queue;
    char subject[GX_RELAY_SUBJECT_SIZE];
    size_t length;
    char bytes[];
} outgoing;

struct gx_relay {
    gx_bus *bus;
    const gx_logger *logger;
    const gx_relay_module *module;
    gx_relay_line *line;
    pthread_t sender;
    pthread_mutex_t lock; /* guards the queue */
    pthread_cond_t changed;
    gx_list queue;
    size_t queued_bytes;
    bool ending;
    atomic_bool connected;
    gx_counter sent, received, dropped, refused;
};

/* --- out --- */

static void enqueue(gx_relay *relay, const char *developer_id, gx_span message)
{
    outgoing *fresh = malloc(sizeof *fresh + message.len);
    if (fresh == NULL || !gx_relay_subject_of(fresh->subject, developer_id)) {
        free(fresh);
        gx_count(&relay->dropped, 1);
        return;
    }
    fresh->length = message.len;
    memcpy(fresh->bytes, message.ptr, message.len);
    pthread_mutex_lock(&relay->lock);
    bool room = relay->queued_bytes + message.len <= MOST_QUEUED_BYTES;
    if (room) {
        gx_list_push_back(&relay->queue, &fresh->in_queue);
        relay->queued_bytes += message.len;
        pthread_cond_signal(&relay->changed);
    } else {
        gx_count(&relay->dropped, 1);
    }
    pthread_mutex_unlock(&relay->lock);
    if (!room)
        free(fresh);
}

/* Events of one developer that follow each other share a message. */
static size_t write_message(gx_buffer *message, const gx_logged_event *events, size_t count)
{
    size_t taken = 0;
    while (taken < count && strcmp(events[taken].developer_id, events[0].developer_id) == 0 &&
           message->length < GX_RELAY_MOST_BYTES / 2)
        gx_relay_message_add(message, &events[taken++]);
    return taken;
}

void gx_relay_send(gx_relay *relay, const gx_logged_event *events, size_t count)
{
    gx_buffer message = GX_BUFFER_INIT(GX_RELAY_MOST_BYTES);
    for (size_t at = 0; at < count;) {
        const char *developer_id = events[at].developer_id;
        gx_buffer_clear(&message);
        at += write_message(&message, events + at, count - at);
        if (message.failed)
            gx_count(&relay->dropped, 1);
        else
            enqueue(relay, developer_id, gx_buffer_span(&message));
    }
    gx_buffer_free(&message);
}

/* Until something is queued, but not for ever; under the lock. */
static void wait_for_work(gx_relay *relay)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += TEND_S;
    int waited = 0;
    while (gx_list_empty(&relay->queue) && !relay->ending && waited == 0)
        waited = pthread_cond_timedwait(&relay->changed, &relay->lock, &until);
}

/* NULL: nothing came for a while. */
static outgoing *take_next(gx_relay *relay, bool *ending)
{
    pthread_mutex_lock(&relay->lock);
    wait_for_work(relay);
    *ending = relay->ending; /* what is queued then is left to the store */
    outgoing *next = NULL;
    if (!relay->ending && !gx_list_empty(&relay->queue)) {
        next = GX_LIST_ENTRY(relay->queue.next, outgoing, in_queue);
        gx_list_remove(&next->in_queue);
        relay->queued_bytes -= next->length;
    }
    pthread_mutex_unlock(&relay->lock);
    return next;
}

static void publish(gx_relay *relay, const outgoing *one)
{
    bool sent = relay->module->publish(relay->line, one->subject, (gx_span){one->bytes, one->length});
    gx_count(sent ? &relay->sent : &relay->dropped, 1);
}

static void *run(void *context)
{
    gx_relay *relay = context;
    int64_t tended_ms = gx_clock_monotonic_ms();
    bool ending = false;
    while (!ending) {
        outgoing *next = take_next(relay, &ending);
        if (next != NULL)
            publish(relay, next);
        free(next);
        if (gx_clock_monotonic_ms() - tended_ms < TEND_S * 1000)
            continue;
        relay->module->tend(relay->line);
        tended_ms = gx_clock_monotonic_ms();
    }
    return NULL;
}

/* --- in --- */

static void received(void *context, const char *subject, gx_span message)
{
    gx_relay *relay = context;
    gx_logged_event events[MOST_EVENTS_AT_ONCE];
    char developer_id[GX_RELAY_DEVELOPER_SIZE];
    bool bad = !gx_relay_subject_read(developer_id, subject);
    for (size_t count = 1; count > 0 && !bad;) {
        count = 0;
        while (count < MOST_EVENTS_AT_ONCE && gx_relay_message_next(&message, developer_id, &events[count], &bad))
            count++;
        gx_bus_relay(relay->bus, events, count);
    }
    gx_count(bad ? &relay->refused : &relay->received, 1);
}

/* While it was down others have written, and nobody told. */
static void changed(void *context, bool connected)
{
    gx_relay *relay = context;
    bool before = atomic_exchange(&relay->connected, connected);
    if (before == connected)
        return;
    if (connected)
        gx_log(relay->logger, GX_LEVEL_INFO, "the bus is there");
    else
        gx_log(relay->logger, GX_LEVEL_WARN, "the bus is gone: until it is back, others are heard of by polls");
    gx_bus_doubt(relay->bus);
}

static void troubled(void *context, const char *what)
{
    gx_relay *relay = context;
    gx_log(relay->logger, GX_LEVEL_WARN, "the bus: %s", what);
    gx_bus_doubt(relay->bus);
}

void gx_relay_read_counts(const gx_relay *relay, gx_relay_counts *out)
{
    *out = (gx_relay_counts){.connected = atomic_load(&relay->connected),
                             .sent = gx_counted(&relay->sent),
                             .received = gx_counted(&relay->received),
                             .dropped = gx_counted(&relay->dropped),
                             .refused = gx_counted(&relay->refused)};
}

/* --- its life --- */

static bool begin(gx_relay *relay, const gx_relay_options *options, gx_error *error)
{
    gx_relay_line_events events = {.received = received, .changed = changed, .troubled = troubled, .context = relay};
    relay->module = gx_module_load("grantex-nats", "gx_nats_module", error);
    if (relay->module == NULL)
        return false;
    relay->line = relay->module->open(options, GX_RELAY_ALL, &events, error);
    if (relay->line == NULL)
        return false;
    if (!atomic_load(&relay->connected))
        gx_log(relay->logger, GX_LEVEL_WARN, "the bus is not there yet: until it is, others are heard of by polls");
    if (pthread_create(&relay->sender, NULL, run, relay) == 0)
        return true;
    relay->module->close(relay->line);
    gx_error_set(error, "no thread could be started");
    return false;
}

static void free_relay(gx_relay *relay)
{
    for (gx_list *node = relay->queue.next, *next; node != &relay->queue; node = next) {
        next = node->next;
        free(GX_LIST_ENTRY(node, outgoing, in_queue));
    }
    pthread_mutex_destroy(&relay->lock);
    pthread_cond_destroy(&relay->changed);
    free(relay);
}

gx_relay *gx_relay_open(const gx_relay_options *options, gx_error *error)
{
    gx_relay *relay = calloc(1, sizeof *relay);
    if (relay == NULL) {
        gx_error_set(error, "out of memory");
        return NULL;
    }
    relay->bus = options->bus;
    relay->logger = options->logger;
    gx_list_init(&relay->queue);
    pthread_mutex_init(&relay->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&relay->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (begin(relay, options, error))
        return relay;
    free_relay(relay);
    return NULL;
}

void gx_relay_close(gx_relay *relay)
{
    if (relay == NULL)
        return;
    pthread_mutex_lock(&relay->lock);
    relay->ending = true;
    pthread_cond_signal(&relay->changed);
    pthread_mutex_unlock(&relay->lock);
    pthread_join(relay->sender, NULL);
    atomic_store(&relay->connected, false); /* that it goes now is no news */
    relay->module->close(relay->line);
    free_relay(relay);
}
