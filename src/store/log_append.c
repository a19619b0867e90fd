/* Appending: seq, id and timestamp are given out here, under the developer's row. */
#include <string.h>

#include "base/ulid.h"
#include "store/driver.h"
#include "store/log_batch.h"
#include "store/log_row.h"

#define ID_PREFIX_LENGTH (sizeof GX_EVENT_ID_PREFIX - 1)

/* The update changes nothing: it takes the row, until the transaction ends, in every kind of store. */
static gx_log_head_cache *take_head(gx_txn *txn, const char *developer_id)
{
    gx_statement *statement = gx_query(txn->database, "UPDATE developers SET last_seq = last_seq WHERE id = $1 "
                                                      "RETURNING last_seq, last_event_id, last_event_at");
    gx_bind_text(statement, 1, developer_id);
    gx_log_position at;
    gx_log_lookup found = gx_log_position_of_statement(statement, &at);
    if (found == GX_LOG_NOT_FOUND)
        gx_database_fail(txn->database, GX_FAULT_OTHER, "an event for a developer that does not exist");
    if (found != GX_LOG_FOUND)
        return NULL;
    gx_log_head_cache *head = gx_log_batch_add_head(txn->log, developer_id, &at);
    if (head == NULL)
        gx_database_fail(txn->database, GX_FAULT_LOST, "out of memory");
    return head;
}

/* The position after `head`: never earlier in time, whatever the clock says. */
static bool next_position(const gx_log_position *head, int64_t now_ms, gx_log_position *next)
{
    const char *previous = head->seq == 0 ? "" : head->id + ID_PREFIX_LENGTH;
    next->seq = head->seq + 1;
    next->timestamp_ms = now_ms > head->timestamp_ms ? now_ms : head->timestamp_ms;
    memcpy(next->id, GX_EVENT_ID_PREFIX, ID_PREFIX_LENGTH);
    return gx_ulid_next(next->id + ID_PREFIX_LENGTH, previous, next->timestamp_ms);
}

static bool insert_event(gx_database *database, const char *developer_id, const gx_log_position *at, gx_event_type type,
                         gx_span data)
{
    gx_statement *statement = gx_query(database, "INSERT INTO events (developer_id, seq, id, type, timestamp, data) "
                                                 "VALUES ($1, $2, $3, $4, $5, $6)");
    gx_bind_text(statement, 1, developer_id);
    gx_bind_int(statement, 2, at->seq);
    gx_bind_text(statement, 3, at->id);
    gx_bind_text(statement, 4, gx_event_type_name(type));
    gx_bind_int(statement, 5, at->timestamp_ms);
    gx_bind_span(statement, 6, data);
    return gx_statement_run(statement);
}

/* The developer's head, taken now unless the transaction has it already; NULL on a fault. */
static gx_log_head_cache *hold_head(gx_txn *txn, const char *developer_id)
{
    if (txn->log == NULL) {
        gx_database_fail(txn->database, GX_FAULT_OTHER, "the log's head is not for a job that only reads");
        return NULL;
    }
    gx_log_head_cache *head = gx_log_batch_head(txn->log, developer_id);
    return head != NULL ? head : take_head(txn, developer_id);
}

bool gx_log_hold(gx_txn *txn, const char *developer_id)
{
    return hold_head(txn, developer_id) != NULL;
}

bool gx_log_append(gx_txn *txn, const char *developer_id, gx_event_type type, gx_span data)
{
    gx_log_head_cache *head = hold_head(txn, developer_id);
    if (head == NULL)
        return false;

    gx_log_position next;
    if (!next_position(&head->at, txn->now_ms, &next))
        return gx_database_fail(txn->database, GX_FAULT_LOST, "no randomness for an event id");
    if (!insert_event(txn->database, developer_id, &next, type, data))
        return false;
    if (!gx_log_batch_add(txn->log, head, &next, type, data))
        return gx_database_fail(txn->database, GX_FAULT_LOST, "out of memory");
    return true;
}

static bool write_head(const gx_log_head_cache *head, gx_database *database)
{
    gx_statement *statement =
        gx_query(database, "UPDATE developers SET last_seq = $2, last_event_id = $3, last_event_at = $4,"
                           " log_bytes = log_bytes + $5 WHERE id = $1");
    gx_bind_text(statement, 1, head->developer_id);
    gx_bind_int(statement, 2, head->at.seq);
    gx_bind_text(statement, 3, head->at.id);
    gx_bind_int(statement, 4, head->at.timestamp_ms);
    gx_bind_int(statement, 5, head->more_bytes);
    return gx_statement_run(statement);
}

bool gx_log_batch_write_heads(const gx_log_batch *batch, gx_database *database)
{
    for (size_t i = 0; i < batch->head_count; i++) {
        if (!write_head(&batch->heads[i], database))
            return false;
    }
    return true;
}
