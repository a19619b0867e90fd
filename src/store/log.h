/* The log: each developer's events, seq 1, 2, 3 … without holes. It is sorted three ways at once (seq, id and timestamp
 * all grow together), so the primary key (developer_id, seq) is the only index: an id or a time is found by bisection.
 */
#ifndef GX_STORE_LOG_H
#define GX_STORE_LOG_H

#include <stdbool.h>
#include <stdint.h>

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

/* A position: everything up to and including `seq` has been seen. id is "" at seq 0, and where that event is not kept
 * any more. */
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

typedef enum gx_log_lookup { GX_LOG_ERROR = -1, GX_LOG_NOT_FOUND = 0, GX_LOG_FOUND = 1 } gx_log_lookup;

/* The lookups below take several queries: call them in a transaction, as jobs do. They see what is committed, not what
 * the running transaction has appended.
 *
 * The newest position; seq 0 for an empty log. NOT_FOUND: no such developer. */
gx_log_lookup gx_log_head(gx_database *database, const char *developer_id, gx_log_position *out);

/* The position of the event with this id. */
gx_log_lookup gx_log_find_id(gx_database *database, const char *developer_id, gx_span event_id, gx_log_position *out);

/* The position just before the first event with timestamp >= since_ms: the head when there is none yet. NOT_FOUND: no
 * such developer. */
gx_log_lookup gx_log_find_since(gx_database *database, const char *developer_id, int64_t since_ms,
                                gx_log_position *out);

/* Calls `visit` for the events after `after_seq` in order (spans lent for the call) until it returns false or
 * `most_events` were visited. Returns how many were visited, that last one included, -1 on a fault. */
int64_t gx_log_read(gx_database *database, const char *developer_id, int64_t after_seq, int64_t most_events,
                    bool (*visit)(void *context, const gx_logged_event *event), void *context);

#endif
