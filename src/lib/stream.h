/* The inside of a stream. Its files, in the order in which an event meets them:
 *
 *   stream.c          the public calls: open, next, cursor, cancel, close
 *   stream_options.c  the caller's options, judged and copied
 *   stream_connect.c  one attempt after the other: request, verdict on the answer, when to come back (contract, section
 * 4) stream_wait.c     the one descriptor: sockets, a timer, a wake-up stream_read.c     bytes to events: parse, leave
 * out repeats, see gaps, obey control frames stream_stats.c    what it has done
 *
 * One thread at a time is inside; only `cancelled` and `wake` are touched by others. */
#ifndef GX_LIB_STREAM_H
#define GX_LIB_STREAM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "grantex/events.h"
#include "lib/client.h"
#include "lib/event.h"
#include "lib/recent.h"
#include "lib/transport.h"

#define GX_NEVER          INT64_MAX
#define GX_CURSOR_SIZE    257 /* longest id that is used as a cursor, and NUL */
#define GX_MOST_HEADERS   16
#define GX_TIME_SIZE      64
#define GX_CURSOR_BY_TIME "since:" /* cursor of a server that sends no ids */

typedef enum gx_phase {
    GX_PHASE_START,      /* the next attempt is due */
    GX_PHASE_CONNECTING, /* no head yet */
    GX_PHASE_OPEN,       /* events come */
    GX_PHASE_REFUSED,    /* an error answer; its body comes */
    GX_PHASE_WAITING,    /* for the time of the next attempt */
    GX_PHASE_ENDED,      /* for good; `last` says why */
} gx_phase;

/* Where to go on: an id when the server sends ids, else a time. */
typedef struct gx_position {
    char id[GX_CURSOR_SIZE];
    char since[sizeof GX_CURSOR_BY_TIME - 1 + GX_TIME_SIZE]; /* begins so: the cursor; behind that is the time, or "" */
    bool reached; /* by an event that was handed out, or by the cursor that the caller gave */
} gx_position;

static inline const char *gx_position_time(const gx_position *position)
{
    return position->since + sizeof GX_CURSOR_BY_TIME - 1;
}

typedef struct gx_stream_settings {
    char **types;    /* ends with NULL; NULL: all */
    char *type_list; /* the same, joined by commas */
    char *since;
    grantex_reconnect reconnect;
    grantex_notice_fn on_notice;
    void *notice_user;
    int header_timeout_ms, idle_timeout_ms, max_backoff_ms, max_attempts;
    size_t max_event_bytes;
    uint32_t window;
    char **headers; /* ends with NULL; NULL: none */
} gx_stream_settings;

/* Written by the thread of the stream, read by any. */
typedef struct gx_stream_counts {
    atomic_uint_least64_t bytes, events, duplicates, filtered, dropped, gaps, attempts, connections;
    atomic_int_least64_t last_byte_at, connected_at; /* monotonic ms; 0: never, not now */
} gx_stream_counts;

struct grantex_stream {
    grantex_stream *self;   /* for what a call changes that promises not to change what can be seen */
    grantex_client *client; /* held */
    gx_stream_settings settings;

    int epoll, timer, wake;
    int64_t timer_at; /* what the timer is set to; GX_NEVER: not set */
    bool lent;        /* somebody may wait for `epoll` beside us: only then it needs the timer */

    gx_transport *transport;
    gx_phase phase;
    int failures;        /* attempts since the last time that all was well */
    int64_t phase_until; /* when the phase runs out, monotonic ms; GX_NEVER */
    int64_t open_since;
    gx_buffer input; /* body bytes that came: of the stream, or of an error answer */
    size_t parsed;   /* of them; nothing is read from the socket before all are */

    grantex_sse_parser *parser;
    gx_recent *recent;
    gx_event_record event;
    int64_t last_seq; /* 0: unknown */
    bool unproven;    /* came back to a server that neither names nor counts its events, and none came twice yet */
    gx_position position;
    atomic_bool cancelled;
    gx_stream_counts counts;
    gx_buffer authorization; /* the line that was sent last */
    bool asked_for_key;      /* since a key was last taken */
    bool ran_out;            /* the phase did, and no socket had anything to say */

    grantex_error last; /* why it ended */
};

/* stream_options.c */
grantex_status gx_stream_settings_read(gx_stream_settings *settings, const grantex_stream_options *options,
                                       grantex_error *error);
void gx_stream_settings_free(gx_stream_settings *settings);
/* Whether an event of that type was asked for. */
bool gx_stream_settings_want(const gx_stream_settings *settings, gx_span type);

/* stream_stats.c */
static inline void gx_stream_count(atomic_uint_least64_t *count, uint64_t more) /* there is one writer only */
{
    atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + more, memory_order_relaxed);
}

/* stream_connect.c */
/* Goes on with the connection as far as it can without waiting. True when something changed, so that it is worth
 * looking for events again. */
bool gx_stream_advance(grantex_stream *stream);
/* Drops the connection; the next attempt is due. */
void gx_stream_start_anew(grantex_stream *stream);
/* Ends the stream for the reason in stream->last. */
void gx_stream_end(grantex_stream *stream);
/* Drops the connection and comes back in `delay_ms` or later, by chance. The reason is in stream->last. */
void gx_stream_come_back(grantex_stream *stream, int64_t delay_ms, grantex_notice_kind kind, grantex_text detail);
/* Sets the reason. */
void gx_stream_blame(grantex_stream *stream, grantex_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void gx_stream_notify(grantex_stream *stream, const grantex_notice *notice);

/* stream_wait.c */
bool gx_stream_open_descriptors(grantex_stream *stream);
void gx_stream_close_descriptors(grantex_stream *stream);
/* Makes the descriptor readable at `at` at the latest. */
void gx_stream_arm(grantex_stream *stream, int64_t at);
/* When the stream has something to do by itself. */
int64_t gx_stream_due(const grantex_stream *stream);
/* Waits for sockets, the timer or a cancel, until `until` at the latest, and lets them act. */
void gx_stream_wait(grantex_stream *stream, int64_t until);

/* stream_read.c */
/* The next event from the bytes that are there: GRANTEX_OK, GRANTEX_TIMEOUT (all are read), GRANTEX_E_CANCELLED or
 * GRANTEX_E_NO_MEMORY. */
grantex_status gx_stream_read(grantex_stream *stream);

#endif
