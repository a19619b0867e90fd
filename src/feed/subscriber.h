/* What feed.c, delivery.c and subscriber.c know of each other; nobody else includes this. */
#ifndef GX_FEED_SUBSCRIBER_H
#define GX_FEED_SUBSCRIBER_H

#include <string.h>

#include "base/buffer.h"
#include "base/list.h"
#include "feed/bus.h"
#include "feed/feed.h"
#include "feed/poll.h"
#include "feed/run.h"
#include "feed/tail_table.h"

struct gx_feed {
    gx_feed_options options; /* with the defaults filled in */
    gx_bus_member *member;
    gx_poll *poll;
    unsigned losses, key_checks; /* of the bus, as far as they were looked at */
    int64_t now_ms;              /* monotonic, of the last tick */
    gx_tail_table tails;
    gx_list by_last_write; /* gx_subscriber.in_feed: every one that has not ended, longest silent first */
    gx_list retries;       /* gx_subscriber.in_retries: those whose page could not be had */
    gx_list due;           /* gx_tail.due: those that a batch has brought something */
    size_t subscriber_count;
    bool closing; /* no subscriber opens any more */
    gx_buffer heartbeats[GX_FRAMING_COUNT];
};

/* The tail of a developer, made when nobody followed it yet; and given back. NULL when out of memory. */
gx_tail *gx_feed_follow(gx_feed *feed, const char *developer_id);
void gx_feed_unfollow(gx_feed *feed, gx_tail *tail);

typedef enum gx_subscriber_state { GX_CATCHUP, GX_LIVE } gx_subscriber_state;

/* Enough of a key's hash to tell it from another; ten thousand streams keep one each. */
#define GX_KEY_MARK_SIZE 32

static inline void gx_key_mark_of(char mark[static GX_KEY_MARK_SIZE], const char *key_hash)
{
    memset(mark, 0, GX_KEY_MARK_SIZE);
    memcpy(mark, key_hash, strnlen(key_hash, GX_KEY_MARK_SIZE));
}

/* What a delivery touches comes first, in as few cache lines as it fits. */
struct gx_subscriber {
    gx_list in_tail;
    gx_feed *feed;
    gx_tail *tail;
    gx_subscriber_state state;
    bool full;        /* the sink has something to finish */
    bool reading;     /* a page is on its way */
    bool doubted;     /* that page may be older than what the bus lost: it does not lead to LIVE */
    bool stale;       /* it begins elsewhere, or its filter holds no more: it is read again */
    bool flowing;     /* the last page went out whole at once */
    bool ended;       /* nothing is written any more; the owner will close it */
    bool closed;      /* the owner has; freed when `reading` ends */
    int64_t told_seq; /* the client's own cursor: the last id that was sent to it */
    int64_t last_write_ms;
    gx_log_position position;
    gx_view view;
    gx_sink sink;
    gx_list in_feed;
    gx_buffer aside;     /* what the owner wants to say */
    size_t page_events;  /* how many the next page asks for */
    unsigned unanswered; /* heartbeats since the peer was heard, where it answers them */
    gx_list in_retries;
    char key_mark[GX_KEY_MARK_SIZE];
    int64_t session_ends_ms; /* wall clock; INT64_MAX: none asks */
};

static inline bool gx_subscriber_may_write(const gx_subscriber *subscriber)
{
    return !subscriber->full && !subscriber->ended;
}

/* Bytes taken; when the peer is gone the subscriber has ended and it is -1. */
int64_t gx_subscriber_write(gx_subscriber *subscriber, const gx_span *pieces, unsigned count);

/* The sink took only a part. What it began must go out whole, so the rest of that frame is the sink's now, and all
 * further ones wait in the log. A frame that it took nothing of is handed over just the same: that is how we learn when
 * it takes more. */
void gx_subscriber_hand_over(gx_subscriber *subscriber, gx_span rest, void (*release)(void *reference),
                             void *reference);

static inline gx_span gx_span_behind(gx_span bytes, size_t taken)
{
    return (gx_span){bytes.ptr + taken, bytes.len - taken};
}

/* Takes the bytes over; -1 as above. */
int64_t gx_subscriber_write_whole(gx_subscriber *subscriber, gx_buffer *bytes);

/* --- delivery.c --- */

/* Writes what there is for it, as far as the sink takes it; asks for a page in CATCHUP. */
void gx_subscriber_pump(gx_subscriber *subscriber);

/* The same, for one of the followers of a tail who get it after the other. */
void gx_subscriber_pump_run(gx_subscriber *subscriber, gx_run *run);

/* From LIVE, or from nothing, to CATCHUP. */
void gx_subscriber_fall_behind(gx_subscriber *subscriber);

/* The tail cannot be trusted: the store is asked first. Writes nothing at once. */
void gx_subscriber_doubt(gx_subscriber *subscriber);

/* The client has heard nothing for a while. Ends one who should have answered. */
void gx_subscriber_beat(gx_subscriber *subscriber);

/* Says why, if it can, and ends. */
void gx_subscriber_end(gx_subscriber *subscriber, const char *reason, int reconnect_after_ms);

#endif
