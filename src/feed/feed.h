/* The feed: the log as one network thread reads it. Holds the tail (recent frames of the developers that somebody here
 * follows) and this thread's subscribers. Everything here but the bus belongs to that thread.
 *
 * A subscriber is a cursor. CATCHUP: pages from the store behind the cursor, read in a read lane. LIVE: frames from the
 * tail. A socket that is full keeps its cursor and nothing else; when the tail has moved past it, it is in CATCHUP
 * again. */
#ifndef GX_FEED_FEED_H
#define GX_FEED_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mailbox.h"
#include "feed/frame.h"
#include "store/lane.h"
#include "store/log.h"
#include "wire/event_type.h"

typedef struct gx_feed gx_feed;
typedef struct gx_subscriber gx_subscriber;
typedef struct gx_bus gx_bus;

/* --- the bus: committed events, from the write lane to every feed of this process --- */

gx_bus *gx_bus_new(void);
void gx_bus_free(gx_bus *bus);

/* Encodes each event once and posts the batch to every feed that joined. Write lane's thread
 * (gx_lanes_options.committed). */
void gx_bus_publish(void *bus, const gx_logged_event *events, size_t count);

/* --- a feed --- */

typedef struct gx_feed_options {
    gx_lanes *lanes;     /* for pages of CATCHUP */
    gx_mailbox *mailbox; /* of this thread */
    gx_bus *bus;         /* joined until gx_feed_free */
    int heartbeat_ms;    /* 0 means 15000 */
    size_t tail_frames;  /* most frames kept per followed developer; 0 means 1024 */
    size_t page_events;  /* most events in one page of CATCHUP; 0 means 512 */
} gx_feed_options;

gx_feed *gx_feed_new(const gx_feed_options *options);

/* All subscribers must be closed, the bus silent and the lanes stopped. */
void gx_feed_free(gx_feed *feed);

/* Sends due heartbeats and wakes subscribers whose `not_before_ms` has come; call it once a second or oftener. */
void gx_feed_tick(gx_feed *feed, int64_t monotonic_ms);

/* Sends stream.closing {reason, reconnectAfterMs} to every subscriber and ends it (drain on SIGTERM). */
void gx_feed_close_all(gx_feed *feed, const char *reason, int reconnect_after_ms);

size_t gx_feed_subscribers(const gx_feed *feed);

/* --- a subscriber --- */

/* Where its bytes go: http/ through api/stream_sse.c, a test through memory. */
typedef struct gx_sink {
    /* Takes what it can now: bytes taken, 0 when full, -1 when gone. */
    int64_t (*write)(void *context, const gx_span *pieces, unsigned count);
    /* Takes all of `rest`, later; calls gx_subscriber_writable when it has gone out. `release(reference)` when the
     * bytes are not needed any more. */
    void (*finish)(void *context, gx_span rest, void (*release)(void *reference), void *reference);
    /* Ends the connection after trying `last`; the owner then calls gx_subscriber_close. */
    void (*end)(void *context, gx_span last);
    void *context;
} gx_sink;

typedef struct gx_subscription {
    const char *developer_id;
    gx_log_position after; /* everything up to it has been seen */
    int64_t not_before_ms; /* events with an older timestamp are skipped: a `since` in the future; 0 for none */
    gx_event_filter filter;
    gx_framing framing;
} gx_subscription;

/* Starts delivering, the first bytes perhaps before it returns. NULL when out of memory. */
gx_subscriber *gx_subscriber_open(gx_feed *feed, const gx_subscription *subscription, const gx_sink *sink);

/* The sink takes bytes again. */
void gx_subscriber_writable(gx_subscriber *subscriber);

/* The connection is gone. Frees it; a page that is still on its way finds nobody and is dropped. */
void gx_subscriber_close(gx_subscriber *subscriber);

/* The last event that was passed on or filtered out. */
const gx_log_position *gx_subscriber_position(const gx_subscriber *subscriber);

#endif
