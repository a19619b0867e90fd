/* What one transaction has appended to the log so far, and the heads of the developers it touched. For the write lane
 * and log_append.c only.
 *
 * A head is read (and its row taken) at a developer's first event in the transaction, counted on in memory, and written
 * back once, just before COMMIT. */
#ifndef GX_STORE_LOG_BATCH_H
#define GX_STORE_LOG_BATCH_H

#include "base/arena.h"
#include "store/log.h"

/* Most bytes of events in one transaction. */
#define GX_LOG_BATCH_MOST_BYTES ((size_t)64 << 20)

typedef struct gx_log_head_cache {
    const char *developer_id;
    gx_log_position at;
    int64_t more_bytes; /* by so much the log has grown; negative: it was trimmed */
} gx_log_head_cache;

/* How to take an event back. */
typedef struct gx_log_undo {
    size_t head;
    gx_log_position before;
} gx_log_undo;

struct gx_log_batch {
    gx_arena text;           /* what the events' spans point to */
    gx_logged_event *events; /* in commit order */
    gx_log_undo *undos;      /* one per event */
    size_t count, capacity;  /* of both */
    gx_log_head_cache *heads;
    size_t head_count, head_capacity;
};

/* Where the batch stood when a job began. */
typedef struct gx_log_mark {
    size_t count, head_count;
} gx_log_mark;

gx_log_batch *gx_log_batch_new(void); /* NULL when out of memory */
void gx_log_batch_free(gx_log_batch *batch);

/* Forgets everything: a new transaction begins. */
void gx_log_batch_clear(gx_log_batch *batch);

gx_log_mark gx_log_batch_mark(const gx_log_batch *batch);

/* Takes back what was appended since the mark. Heads that were first touched since then are forgotten: the savepoint's
 * rollback gave up their rows too. */
void gx_log_batch_undo(gx_log_batch *batch, gx_log_mark mark);

/* The cached head of a developer, NULL when the transaction has not touched it. */
gx_log_head_cache *gx_log_batch_head(gx_log_batch *batch, const char *developer_id);

/* Caches a head; NULL when out of memory. */
gx_log_head_cache *gx_log_batch_add_head(gx_log_batch *batch, const char *developer_id, const gx_log_position *at);

/* Copies an event into the batch and moves the head onto it. False when out of memory. */
bool gx_log_batch_add(gx_log_batch *batch, gx_log_head_cache *head, const gx_log_position *at, gx_event_type type,
                      gx_span data);

/* Writes the heads back (log_append.c). */
bool gx_log_batch_write_heads(const gx_log_batch *batch, gx_database *database);

#endif
