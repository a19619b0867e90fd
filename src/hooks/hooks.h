/* Webhooks: the log, posted to where its developer wants it. A webhook is a cursor in the store: at least once, in
 * order, from where it stopped, whatever happened to this process. One thread works for all of them; a receiver that
 * hangs holds up nobody but itself, and no event waits for a webhook.
 *
 * Several servers may share a store: who delivers for a webhook holds its lease, which ends soon after its holder. */
#ifndef GX_HOOKS_HOOKS_H
#define GX_HOOKS_HOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/log.h"
#include "feed/feed.h"
#include "hooks/schedule.h"
#include "store/lane.h"

typedef struct gx_hooks gx_hooks;

typedef struct gx_hooks_options {
    gx_lanes *lanes;
    gx_bus *bus; /* joined until gx_hooks_free */
    const gx_logger *logger;
    const char *owner;    /* names this server in leases, and the same one after a restart; lent */
    bool allow_private;   /* post to loopback, link-local and private addresses too */
    gx_schedule schedule; /* count 0 means the default */
    int timeout_ms;       /* of one attempt; 0 means 10000 */
    int poll_ms;          /* how often to look for webhooks made on other servers; 0 means 30000 */
    int reach_ms;         /* how often to ask for events that other servers appended; 0: never, there are none */
    size_t most_at_work;  /* attempts in flight, and events in memory; 0 means 256 */
} gx_hooks_options;

/* What happened since the start. */
typedef struct gx_hooks_stats {
    int64_t delivered;
    int64_t failed;  /* given up */
    int64_t retried; /* attempts that failed and are made again */
    int64_t skipped; /* events that retention took away before their webhook had come to them */
    int64_t lag;     /* events that are committed and not settled yet, over all webhooks */
} gx_hooks_stats;

/* Starts the thread. NULL: see `error`. */
gx_hooks *gx_hooks_start(const gx_hooks_options *options, gx_error *error);

/* The developer's webhooks have changed, or a delivery was asked for once more. Any thread, before gx_hooks_join. */
void gx_hooks_changed(void *hooks, const char *developer_id);

/* Any thread. */
void gx_hooks_read_stats(const gx_hooks *hooks, gx_hooks_stats *out);

/* Any thread: begin nothing, finish (for up to `drain_ms`) what is on its way, end the thread. */
void gx_hooks_drain(gx_hooks *hooks, int drain_ms);

/* Waits for the thread to end. The lanes must be stopped between this and gx_hooks_free. NULL is allowed in both. */
void gx_hooks_join(gx_hooks *hooks);
void gx_hooks_free(gx_hooks *hooks);

#endif
