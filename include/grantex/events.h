/* grantex/events.h - the live stream of authorization events, as a pull stream and as a subscription.
 *
 *   grantex_stream *stream;
 *   const grantex_event *event;
 *   const char *types[] = {"budget.threshold", "budget.exhausted", NULL};
 *   s = grantex_events_stream(client, &(grantex_stream_options){.event_types = types}, &stream, &error);
 *   while ((s = grantex_stream_next(stream, &event, -1, &error)) == GRANTEX_OK)
 *       printf("%s %s\n", event->type.text, event->data.text);
 *   grantex_stream_close(stream);
 *
 * Faults of the network heal inside: the stream resumes after the last event and each event comes out once.
 *
 * Thread-safety: a stream belongs to one thread at a time; only grantex_stream_cancel and
 * grantex_stream_get_stats may be called from another one.
 * After fork() every call on a stream of the parent returns GRANTEX_E_FORKED in the child. */
#ifndef GRANTEX_EVENTS_H
#define GRANTEX_EVENTS_H

#include <stddef.h>
#include <stdint.h>

#include "grantex/client.h"
#include "grantex/sse.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One event. Made by the library only, so it may grow at its end. Every text is NUL-terminated as well. */
typedef struct grantex_event {
    grantex_text id;        /* "evt_01…": unique */
    grantex_text type;      /* "grant.created", …; also types that this version does not know */
    grantex_text timestamp; /* RFC 3339, UTC */
    grantex_text data;      /* the payload: JSON text, "{}" when the server sent none */
    grantex_text json;      /* the whole event as the server sent it */
    int64_t seq;            /* 1, 2, 3 … per developer, without holes; 0 when the server does not count */
} grantex_event;

/* --- stream ---------------------------------------------------------------------------------------------------- */

typedef enum grantex_reconnect {
    GRANTEX_RECONNECT_AUTO = 0, /* resume after a fault, end when the server ends the stream */
    GRANTEX_RECONNECT_ALWAYS,   /* resume after a clean end too (not after 204, which means: stay away) */
    GRANTEX_RECONNECT_NEVER,    /* the first fault is an error */
} grantex_reconnect;

typedef enum grantex_notice_kind {
    GRANTEX_NOTICE_OPEN = 1, /* the server has accepted; `attempt` is 1 for the first time, more after a fault */
    GRANTEX_NOTICE_RETRYING, /* the connection is gone (`error` says why); the next attempt comes in `delay_ms` */
    GRANTEX_NOTICE_CLOSING,  /* the server said that it will close (`detail`); the stream resumes by itself */
    GRANTEX_NOTICE_GAP, /* events are missing for good: `missed` of them; `detail` if the server told. -1: unknown how
                         * many, or whether any: a server without ids and numbers was come back to, and repeated nothing
                         */
    GRANTEX_NOTICE_DROPPED, /* one event was left out: too large, or not an event (`error` says which) */
    GRANTEX_NOTICE_END,     /* the stream is over for the reason in `error`; comes once, not after a cancel */
} grantex_notice_kind;

/* What happens beside the events. Everything in it is lent until the callback returns. Made by the library only. */
typedef struct grantex_notice {
    grantex_notice_kind kind;
    int attempt;                /* OPEN, RETRYING: attempts since the last time that all was well, counted from 1 */
    int64_t delay_ms;           /* RETRYING */
    int64_t missed;             /* GAP */
    const grantex_error *error; /* RETRYING, DROPPED, END; NULL otherwise */
    grantex_text detail;        /* CLOSING, GAP: JSON of the server; "" otherwise */
} grantex_notice;

/* Called on the thread that is inside grantex_stream_next (for a subscription: on its own thread). It may call
 * grantex_stream_cancel and grantex_stream_cursor, and nothing else on that stream. */
typedef void (*grantex_notice_fn)(const grantex_notice *notice, void *user);

/* Everything is copied when the stream is opened; zero means the default, so that
 * &(grantex_stream_options){.since = "2026-03-01T12:00:00Z"} is a whole set of options. */
typedef struct grantex_stream_options {
    const char *const *event_types; /* ends with NULL; names, or prefixes as "grant.*"; NULL or empty: all */
    const char *since;              /* RFC 3339: replay from there on, then live; judged by the server */
    const char *cursor;             /* from grantex_stream_cursor, or an event id: go on after it; beats `since` */
    grantex_reconnect reconnect;
    grantex_notice_fn on_notice; /* may be NULL */
    void *notice_user;
    int header_timeout_ms;      /* from the request to the answer's head; 0: 45 s */
    int idle_timeout_ms;        /* without one byte (heartbeats count); 0: 37.5 s, 2.5 heartbeats of grantexd */
    int max_backoff_ms;         /* most that is waited by chance before an attempt; 0: 30 s */
    int max_attempts;           /* attempts in a row that fail before the stream gives up; 0: no limit */
    size_t max_event_bytes;     /* also of one line; 0: 16 MiB; a larger event is left out and reported as a notice */
    unsigned window;            /* ids that are remembered, so that no event comes out twice; 0: 4096, at most 2^20 */
    const char *const *headers; /* "Name: value" for each request; ends with NULL; NULL: none. At most 16, not those
                                 * that the library sends itself */
    const void *reserved[8];    /* must be zero */
} grantex_stream_options;

typedef struct grantex_stream grantex_stream;

/* Opens a stream; nothing is sent before the first grantex_stream_next. `options` may be NULL. *stream is given to the
 * caller: grantex_stream_close. Written only on success.
 * GRANTEX_E_INVALID (`message` names the option), GRANTEX_E_NO_MEMORY, GRANTEX_E_SYSTEM, GRANTEX_E_FORKED. */
GRANTEX_API grantex_status grantex_events_stream(grantex_client *client, const grantex_stream_options *options,
                                                 grantex_stream **stream, grantex_error *error);

/* Waits for the next event, at most `timeout_ms` (0: does not wait, negative: for ever).
 *
 *   GRANTEX_OK           *event is lent: valid until the next call of next or close on this stream
 *   GRANTEX_TIMEOUT      nothing yet; call again
 *   GRANTEX_END          the server ended the stream (see grantex_reconnect)
 *   GRANTEX_E_CANCELLED  grantex_stream_cancel was called
 *   GRANTEX_E_AUTH       401
 *   GRANTEX_E_API        400, 403, 404, 410 and the like; with reconnect = never also 429 and 5xx
 *   GRANTEX_E_PROTOCOL   the answer is not an event stream
 *   GRANTEX_E_NETWORK    a certificate that is not trusted, a URL that cannot be; with reconnect = never every fault
 *   GRANTEX_E_NO_MEMORY, GRANTEX_E_SYSTEM, GRANTEX_E_FORKED, GRANTEX_E_INVALID
 *
 * Every negative status but E_INVALID is final: later calls return it again. */
GRANTEX_API grantex_status grantex_stream_next(grantex_stream *stream, const grantex_event **event, int timeout_ms,
                                               grantex_error *error);

/* A descriptor for poll, epoll, libuv or asyncio: readable means that grantex_stream_next(…, 0, …) has something to do.
 * It is the same over reconnects and belongs to the stream: never read, write or close it. -1 for NULL. */
GRANTEX_API int grantex_stream_fd(const grantex_stream *stream);

/* Makes the next or running grantex_stream_next return GRANTEX_E_CANCELLED at once, in every state. May be called from
 * any thread and from a signal handler, as often as one likes, until the stream is closed. NULL is allowed. */
GRANTEX_API void grantex_stream_cancel(grantex_stream *stream);

/* Where to go on after the event that was returned last: give it as `cursor` to a later stream, also of another
 * process. "" before the first one. Opaque; lent until the next call of next or close. Store it together with the
 * effect of the event and each event counts once, over crashes too. With grantexd it is an event id. */
GRANTEX_API grantex_text grantex_stream_cursor(const grantex_stream *stream);

/* What a stream has done since it was opened. It may grow at its end. */
typedef struct grantex_stream_stats {
    uint64_t bytes;           /* of bodies that were read, heartbeats too */
    uint64_t events;          /* handed out */
    uint64_t duplicates;      /* left out: had been handed out before */
    uint64_t filtered;        /* left out: of a type that was not asked for */
    uint64_t dropped;         /* left out: too large, or no events */
    uint64_t gaps;            /* that were told by notices */
    uint64_t attempts;        /* requests that were sent */
    uint64_t connections;     /* of them, those that became a stream */
    int64_t last_byte_age_ms; /* since a byte came; -1: none did */
    int64_t connected_for_ms; /* since this connection became a stream; -1: there is none */
} grantex_stream_stats;

/* Writes a snapshot of at most `size` (sizeof *stats) bytes. Any thread, at any time until the stream is closed; the
 * numbers are exact each by itself, not as a whole. NULL is allowed and leaves *stats alone. */
GRANTEX_API void grantex_stream_get_stats(const grantex_stream *stream, grantex_stream_stats *stats, size_t size);

/* Drops the connection and makes the next grantex_stream_next open a new one at once, after the last event: for who
 * knows that the network has changed. Nothing is lost or repeated. The thread that the stream belongs to. NULL is
 * allowed. */
GRANTEX_API void grantex_stream_restart(grantex_stream *stream);

/* Closes the connection at once and frees the stream; NULL is allowed. */
GRANTEX_API void grantex_stream_close(grantex_stream *stream);

/* A copy that lives until grantex_event_free; NULL when out of memory. */
GRANTEX_API grantex_event *grantex_event_dup(const grantex_event *event);

/* Frees a copy; NULL is allowed. Never call it on an event that was lent. */
GRANTEX_API void grantex_event_free(grantex_event *event);

/* --- subscribe ------------------------------------------------------------------------------------------------- */

typedef struct grantex_subscription grantex_subscription;

/* `event` is lent until the handler returns. */
typedef void (*grantex_event_handler)(const grantex_event *event, void *user);

/* A stream with a thread of its own that calls `handler` for each event, one after the other. *subscription is set
 * before the first call of `handler` and is given to the caller: grantex_unsubscribe. Why a subscription ended by
 * itself is told to options->on_notice (GRANTEX_NOTICE_END); it must be unsubscribed all the same.
 * The thread blocks all signals. Errors as for grantex_events_stream. */
GRANTEX_API grantex_status grantex_events_subscribe(grantex_client *client, const grantex_stream_options *options,
                                                    grantex_event_handler handler, void *user,
                                                    grantex_subscription **subscription, grantex_error *error);

/* Closes the connection at once and frees the subscription; NULL is allowed. After it returned no handler runs or will
 * run: it waits for one that is running, so do not hold a lock that the handler needs. Called inside the handler or the
 * notice callback it returns at once and that call is the last. */
GRANTEX_API void grantex_unsubscribe(grantex_subscription *subscription);

/* --- payloads -------------------------------------------------------------------------------------------------- */

/* Amounts count ten-thousandths (see grantex/budgets.h); -1 when the server did not tell. Texts are "" when absent. */

typedef struct grantex_grant_created {
    grantex_text grant_id, agent_id, principal_id, expires_at, parent_grant_id;
    const grantex_text *scopes;
    size_t scope_count;
    int64_t delegation_depth;
} grantex_grant_created;

typedef struct grantex_grant_revoked {
    grantex_text grant_id, agent_id, principal_id, root_grant_id;
    grantex_text revoked_by; /* "developer", "principal", "system" */
} grantex_grant_revoked;

typedef struct grantex_token_issued {
    grantex_text grant_id, token_id, agent_id, principal_id, expires_at;
    grantex_text method; /* "exchange", "refresh" */
} grantex_token_issued;

typedef struct grantex_budget_threshold {
    grantex_text grant_id, agent_id, principal_id;
    int64_t percentage; /* 50, 80 */
    int64_t remaining, initial;
} grantex_budget_threshold;

typedef struct grantex_budget_exhausted {
    grantex_text grant_id, agent_id, principal_id;
    int64_t initial;
} grantex_budget_exhausted;

/* Read the payload of an event into *payload, whose texts are lent: until the next of these calls on the same event,
 * or as long as the event. Not from two threads at once on one event. *payload is written only on success.
 *   GRANTEX_E_INVALID    the event has another type
 *   GRANTEX_E_PROTOCOL   the payload has no grantId, or a field of the wrong kind
 *   GRANTEX_E_NO_MEMORY */
GRANTEX_API grantex_status grantex_event_grant_created(const grantex_event *event, grantex_grant_created *payload);
GRANTEX_API grantex_status grantex_event_grant_revoked(const grantex_event *event, grantex_grant_revoked *payload);
GRANTEX_API grantex_status grantex_event_token_issued(const grantex_event *event, grantex_token_issued *payload);
GRANTEX_API grantex_status grantex_event_budget_threshold(const grantex_event *event,
                                                          grantex_budget_threshold *payload);
GRANTEX_API grantex_status grantex_event_budget_exhausted(const grantex_event *event,
                                                          grantex_budget_exhausted *payload);

#ifdef __cplusplus
}
#endif
#endif
