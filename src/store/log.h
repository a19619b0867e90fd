/* The log: each developer's events, seq 1, 2, 3 … without holes. It is sorted three ways at once (seq, id and timestamp
 * all grow together), so the primary key (developer_id, seq) is the only index: an id or a time is found by bisection.
 */
#ifndef GX_STORE_LOG_H
#define GX_STORE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"
#include "store/txn.h"
#include "wire/event.h"
#include "wire/event_type.h"

/* One event as the log has it. Spans are lent: how long, each function says. */
typedef struct gx_logged_event {
    const char *developer_id;
    int64_t seq;
    gx_span id; /* "evt_…" */
    gx_event_type type;
    gx_span type_name; /* also tells what GX_EVENT_OTHER is */
    int64_t timestamp_ms;
    gx_span data; /* payload, JSON object text */
} gx_logged_event;

/* A position: everything up to and including `seq` has been seen, whether it is kept or was trimmed. id is "" at seq 0.
 */
typedef struct gx_log_position {
    int64_t seq;
    char id[GX_EVENT_ID_SIZE];
    int64_t timestamp_ms;
} gx_log_position;

/* Appends one event in the running transaction. Takes the developer's row first, so commit order = seq order = id
 * order; the timestamp is now_ms, or the developer's last one where the clock went back. False on a store fault or when
 * memory ran out (the job must then fail as a whole); the database's fault is set in each case. An unknown developer is
 * a fault. */
bool gx_log_append(gx_txn *txn, const char *developer_id, gx_event_type type, gx_span data);

/* Takes the developer's row as an append does, until the transaction ends, and appends nothing: for whatever else must
 * have one writer at a time per developer. False as above. */
bool gx_log_hold(gx_txn *txn, const char *developer_id);

typedef enum gx_log_lookup { GX_LOG_ERROR = -1, GX_LOG_NOT_FOUND = 0, GX_LOG_FOUND = 1, GX_LOG_TRIMMED } gx_log_lookup;

/* The lookups below take several queries: call them in a transaction, as jobs do. They see what is committed, not what
 * the running transaction has appended.
 *
 * The newest position; seq 0 for an empty log. NOT_FOUND: no such developer. */
gx_log_lookup gx_log_head(gx_database *database, const char *developer_id, gx_log_position *out);

/* The oldest event that is kept; NOT_FOUND: none is. */
gx_log_lookup gx_log_oldest(gx_database *database, const char *developer_id, gx_log_position *out);

/* The position of the event with this id; TRIMMED (and *out) where it was one, and is not kept any more. */
gx_log_lookup gx_log_find_id(gx_database *database, const char *developer_id, gx_span event_id, gx_log_position *out);

/* The position just before the first event with timestamp >= since_ms, kept or trimmed: the head when there is none
 * yet. NOT_FOUND: no such developer. */
gx_log_lookup gx_log_find_since(gx_database *database, const char *developer_id, int64_t since_ms,
                                gx_log_position *out);

/* The position just before the newest `count` events; before the oldest kept one where fewer are. NOT_FOUND: no such
 * developer. */
gx_log_lookup gx_log_find_last(gx_database *database, const char *developer_id, int64_t count, gx_log_position *out);

/* What an event counts of the log's size (--retain-bytes): its payload and, roundly, all that is beside it. */
static inline int64_t gx_log_bytes_of(gx_span data)
{
    return (int64_t)data.len + 128;
}

#define GX_KEY_HASH_SIZE 65 /* lower-case hex SHA-256 of an API key, NUL */

typedef struct gx_reader_key gx_reader_key;

/* An API key that opens a log, or did until a moment ago. */
struct gx_reader_key {
    char hash[GX_KEY_HASH_SIZE];
    int64_t expires_at; /* INT64_MAX: never */
    bool rotated, revoked;
    gx_reader_key *next;
};

typedef struct gx_log_reach {
    const char *developer_id;
    bool found;          /* false: there is no such developer any more */
    int64_t last_seq;    /* of the newest event */
    gx_reader_key *keys; /* see gx_log_read_keys */
} gx_log_reach;

/* Fills in how far each log goes; one whose developer is not there stays as it is. */
bool gx_log_read_reaches(gx_database *database, gx_log_reach *reaches, size_t count);

/* Fills in which keys open each, and which did until a while before now, in the arena. */
bool gx_log_read_keys(gx_database *database, gx_arena *arena, gx_log_reach *reaches, size_t count, int64_t now_ms);

/* Calls `visit` for the events after `after_seq` in order (spans lent for the call) until it returns false or
 * `most_events` were visited. Returns how many were visited, that last one included, -1 on a fault. What was trimmed is
 * passed over, and gx_log_gap_after tells of it; any other hole in the log is a fault. */
int64_t gx_log_read(gx_database *database, const char *developer_id, int64_t after_seq, int64_t most_events,
                    bool (*visit)(void *context, const gx_logged_event *event), void *context);

/* --- what is not kept any more --- */

/* Events by type. */
typedef struct gx_log_counts {
    int64_t of[GX_EVENT_TYPE_COUNT + 1];
} gx_log_counts;

/* How many of them the filter lets through. */
int64_t gx_log_counts_sum(const gx_log_counts *counts, gx_event_filter filter);

/* The events behind a position that were trimmed. */
typedef struct gx_log_gap {
    int64_t from;           /* seq of the first of them */
    gx_log_position to;     /* the last of them: where to read on */
    gx_log_counts missed;   /* those from from to to, but none older than was asked for */
    gx_log_position oldest; /* the first event that is kept; seq 0 when none is */
} gx_log_gap;

/* Whether trimming has overtaken who stands at `after` and wants nothing older than `not_before_ms`. NOT_FOUND: no. */
gx_log_lookup gx_log_gap_after(gx_database *database, const char *developer_id, const gx_log_position *after,
                               int64_t not_before_ms, gx_log_gap *out);

#endif
