/* The relay: what this server has committed, told to the others that share its store, and the other way round. It may
 * lose, repeat and reorder, and the network between may be down: every event has its seq, a feed that sees a hole reads
 * the store, and one that hears nothing polls. So it can cost latency, never an event.
 *
 * Threads: gx_relay_send is the write lanes' and never waits. */
#ifndef GX_FEED_RELAY_H
#define GX_FEED_RELAY_H

#include "base/error.h"
#include "base/log.h"
#include "base/metrics.h"
#include "feed/feed.h"

typedef struct gx_relay gx_relay;

typedef struct gx_relay_options {
    const char *url;              /* nats://… or tls://…, several with commas between; never logged */
    const char *credentials_file; /* NATS user JWT and seed (.creds); NULL: what the URL says */
    const char *ca_file;          /* whom to trust, PEM; NULL: the system's */
    gx_bus *bus;
    const gx_logger *logger;
} gx_relay_options;

typedef struct gx_relay_counts {
    bool connected;
    uint64_t sent, received; /* messages */
    uint64_t dropped;        /* that had no room in the queue; their events are found in the store */
    uint64_t refused;        /* that were none of ours */
} gx_relay_counts;

/* Comes back at once: a server of the bus that is down is tried for as long as the relay lives. NULL: see `error`. */
gx_relay *gx_relay_open(const gx_relay_options *options, gx_error *error);

/* Events that were committed, in that order; copied. */
void gx_relay_send(gx_relay *relay, const gx_logged_event *events, size_t count);

void gx_relay_read_counts(const gx_relay *relay, gx_relay_counts *out); /* any thread */

/* Nothing is sent any more. The bus must still be there. NULL is allowed. */
void gx_relay_close(gx_relay *relay);

/* --- the network under it: a module of its own, grantex-nats --- */

typedef struct gx_relay_line gx_relay_line;

typedef struct gx_relay_line_events {
    void (*received)(void *context, const char *subject, gx_span message); /* lent */
    void (*changed)(void *context, bool connected);
    void (*troubled)(void *context, const char *what); /* messages may have been lost */
    void *context;
} gx_relay_line_events;

typedef struct gx_relay_module {
    /* The callbacks come on threads of the module's, until `close` returns. */
    gx_relay_line *(*open)(const gx_relay_options *options, const char *subject, const gx_relay_line_events *events,
                           gx_error *error);                                    /* `subject` is static */
    bool (*publish)(gx_relay_line *line, const char *subject, gx_span message); /* may wait for the network */
    /* On the thread that publishes, now and then. */
    void (*tend)(gx_relay_line *line);
    void (*close)(gx_relay_line *line);
} gx_relay_module;

extern const gx_relay_module gx_nats_module;

#endif
