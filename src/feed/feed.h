/* The feed: the log as one network thread reads it. Holds the tail (recent frames of the developers that somebody here
 * follows) and this thread's subscribers. Everything here but the bus belongs to that thread.
 *
 * A subscriber is a cursor. CATCHUP: pages from the store behind the cursor, read in a read lane. LIVE: frames from the
 * tail. A socket that is full keeps its cursor and the rest of one frame, nothing else; when the tail has moved past
 * it, it is in CATCHUP again. */
#ifndef GX_FEED_FEED_H
#define GX_FEED_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/mailbox.h"
#include "base/metrics.h"
#include "feed/frame.h"
#include "feed/framing.h"
#include "store/lane.h"
#include "store/log.h"
#include "wire/event_type.h"

typedef struct gx_feed gx_feed;
typedef struct gx_subscriber gx_subscriber;
typedef struct gx_bus gx_bus;

/* --- the bus: committed events, from the write lane to every feed of this process --- */

gx_bus *gx_bus_new(void);

/* All feeds must have left. */
void gx_bus_free(gx_bus *bus);

/* Encodes each event once and posts the batch to every feed that joined. Write lane's thread
 * (gx_lanes_options.committed). */
void gx_bus_publish(void *bus, const gx_logged_event *events, size_t count);

/* The same for events that another server has committed; they are not counted as committed here. Any thread. */
void gx_bus_relay(gx_bus *bus, const gx_logged_event *events, size_t count);

/* The store may hold events that will not be published: all feeds look for themselves at their next tick. Any thread
 * (gx_lanes_options.unsure). */
void gx_bus_doubt(void *bus);

/* A developer's key has changed, or opens nothing any more because the developer was deleted: all feeds look whose
 * streams were opened with such a one, at their next tick and, because such a stream may be about to open, for a while.
 * Any thread. */
void gx_bus_check_keys(gx_bus *bus);

/* A letter goes round all feeds of this process: `visit` is called on the thread of each, one after the other, and at
 * last `done` on that of `home`, so that both may write to one place without a lock. Feeds that leave meanwhile are
 * passed over. False, and nothing is called, when out of memory. Any thread. */
bool gx_bus_go_round(gx_bus *bus, gx_mailbox *home, void (*visit)(void *context, gx_feed *feed),
                     void (*done)(void *context), void *context);

/* What the feeds of this process have done so far, for the operator. */
typedef struct gx_bus_stats {
    uint64_t events[GX_EVENT_TYPE_COUNT + 1]; /* published, by type */
    uint64_t opened[GX_TRANSPORT_COUNT];      /* subscribers ever */
    uint64_t ended[GX_TRANSPORT_COUNT];       /* of them */
    uint64_t delivered;                       /* frames of events that sinks have taken */
    uint64_t replayed;                        /* of them, those from pages */
    uint64_t catchups;                        /* subscribers that were behind: at their start, or later */
    uint64_t pages;                           /* of CATCHUP */
    uint64_t gaps;                            /* stream.gap, told to a subscriber whom trimming had overtaken */
    gx_histogram lag_us; /* from the publication of a batch, right behind its commit, until the last of a thread's
                            live subscribers was given it; one value for each batch and thread */
} gx_bus_stats;

/* Any thread. */
void gx_bus_stats_read(gx_bus *bus, gx_bus_stats *out);

/* --- a feed --- */

typedef struct gx_feed_options {
    gx_lanes *lanes;     /* for pages of CATCHUP */
    gx_mailbox *mailbox; /* of this thread; must outlive the lanes */
    gx_bus *bus;         /* joined until gx_feed_free */
    int heartbeat_ms;    /* 0 means 15000 */
    int poll_ms;         /* how often it asks for what other programs appended; 0: never, nobody else writes */
    size_t tail_frames;  /* most frames kept per followed developer; 0 means 1024 */
    size_t tail_bytes;   /* most memory for them; 0 means 4 MiB */
    size_t page_events;  /* most events in one page of CATCHUP; 0 means 1024 */
} gx_feed_options;

/* NULL when out of memory. */
gx_feed *gx_feed_new(const gx_feed_options *options);

gx_bus *gx_feed_bus(const gx_feed *feed);

/* The silence after which a subscriber hears a heartbeat. */
int gx_feed_heartbeat_ms(const gx_feed *feed);

/* All subscribers must be closed. Pages and batches that are still on their way find nobody. */
void gx_feed_free(gx_feed *feed);

/* Sends due heartbeats, asks again for pages that could not be had, and looks at the store where the bus lost a frame
 * or another program may have appended some. Call it once a second or oftener. */
void gx_feed_tick(gx_feed *feed, int64_t monotonic_ms);

/* A drain has begun: from here on no subscriber opens. Those who are here go on. */
void gx_feed_admit_no_more(gx_feed *feed);

/* Sends stream.closing {reason, reconnectAfterMs} to `most` of the subscribers at most, longest silent first, and ends
 * them. One whose socket is full in the middle of a frame is cut instead: to its client that is a fault, and it
 * resumes. When none is left no page is asked for any more: the lanes may stop. */
void gx_feed_close_some(gx_feed *feed, size_t most, const char *reason, int reconnect_after_ms);

/* Subscribers that are open and not ended. */
size_t gx_feed_subscribers(const gx_feed *feed);

/* Calls `visit` for every subscriber of the developer that is open and not ended, with its sink's context. */
void gx_feed_each_subscriber(gx_feed *feed, const char *developer_id,
                             void (*visit)(void *context, const gx_subscriber *subscriber, void *sink_context),
                             void *context);

/* --- a subscriber ---
 *
 * Who frees it: its owner, by gx_subscriber_close, at any moment but inside a sink function that the subscriber has
 * called. While a page is in a read lane the memory stays until that page comes back; the owner needs not know. A
 * subscriber never closes itself: it ends (sink.end, or a write that returned -1) and waits for its owner to close
 * it. */

/* Where its bytes go: http/ through api/stream_socket.c, a test through memory. No function calls back into the
 * subscriber before it returns. */
typedef struct gx_sink {
    /* Takes what it can now: bytes taken, 0 when full, -1 when gone (the owner then closes the subscriber, later). At
     * most GX_SINK_MOST_PIECES. */
    int64_t (*write)(void *context, const gx_span *pieces, unsigned count);
    /* Takes all of `rest` (never empty), later; then `release(reference)` gives the bytes back and
     * gx_subscriber_writable is called. Until that nothing else is written. */
    void (*finish)(void *context, gx_span rest, void (*release)(void *reference), void *reference);
    /* Ends the connection after trying `last`, which may be empty; the owner then calls gx_subscriber_close. */
    void (*end)(void *context, gx_span last);
    void *context;
} gx_sink;

#define GX_SINK_MOST_PIECES 64

/* What of the log a subscriber gets to see, and in which form. */
typedef struct gx_view {
    gx_event_filter filter;
    int64_t not_before_ms; /* events with an older timestamp are passed over: a `since` in the future; 0 for none */
    gx_framing framing;
    bool quiet; /* no heartbeats: the owner breaks the silence by gx_subscriber_say, if anybody does */
} gx_view;

static inline bool gx_view_shows(const gx_view *view, gx_event_type type, int64_t timestamp_ms)
{
    return gx_event_filter_has(view->filter, type) && timestamp_ms >= view->not_before_ms;
}

typedef struct gx_subscription {
    const char *developer_id; /* copied */
    const char *key_hash;     /* of the API key that opened it, copied; when it is over, the stream ends with the
                                 reason "key_rotated", "key_revoked" or "key_expired", and with "developer_deleted" when
                                 there is no developer any more */
    int64_t key_expires_at;   /* wall clock; 0 or INT64_MAX: not as far as is known */
    int64_t session_ends_at;  /* of the browser that opened it, wall clock: then the stream ends with the reason
                                 "session_expired"; 0 or INT64_MAX: there is none */
    gx_log_position after;    /* everything up to it has been seen */
    gx_view view;
    bool held; /* nothing is delivered before gx_subscriber_writable */
} gx_subscription;

/* Starts delivering, the first bytes perhaps before it returns. NULL when out of memory or after
 * gx_feed_admit_no_more. */
gx_subscriber *gx_subscriber_open(gx_feed *feed, const gx_subscription *subscription, const gx_sink *sink);

/* From its position on it sees what this filter lets through; what has been handed to the sink is not taken back. */
void gx_subscriber_filter(gx_subscriber *subscriber, gx_event_filter filter);

/* Writes bytes of the owner's own (a whole frame, which it takes over) between two events, as soon as the sink takes
 * some: instead of earlier ones that still wait. */
void gx_subscriber_say(gx_subscriber *subscriber, gx_buffer *bytes);

/* The peer has sent something: it lives. Where it answers heartbeats, one that leaves two unanswered is ended before
 * the third. */
void gx_subscriber_heard(gx_subscriber *subscriber);

/* The sink takes bytes again: what it was given to finish has gone out. */
void gx_subscriber_writable(gx_subscriber *subscriber);

/* The connection is gone. */
void gx_subscriber_close(gx_subscriber *subscriber);

/* Whether it gets what is new at once; else it is on its way through older pages, or its socket is full. */
bool gx_subscriber_is_live(const gx_subscriber *subscriber);

/* What it sees. */
const gx_view *gx_subscriber_view(const gx_subscriber *subscriber);

/* The last event that was passed on or filtered out. */
const gx_log_position *gx_subscriber_position(const gx_subscriber *subscriber);

#endif
