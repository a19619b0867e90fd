#include "store/webhook_deliveries.h"

#include <string.h>

#include "store/webhooks.h"

#define COLUMNS                                                                                                        \
    "webhook_id, seq, id, event_id, event_type, status, attempts, next_attempt_at, last_error, created_at, "           \
    "delivered_at"

/* The same where webhooks is joined, which has an id and a created_at too. */
#define OF_DELIVERY                                                                                                    \
    "d.webhook_id, d.seq, d.id, d.event_id, d.event_type, d.status, d.attempts, d.next_attempt_at, d.last_error,"      \
    " d.created_at, d.delivered_at FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id"

#define FILTER " FROM webhook_deliveries WHERE webhook_id = $1 AND ($2 = '' OR status = $2)"

static void read_row(gx_statement *statement, gx_arena *arena, void *out)
{
    *(gx_webhook_delivery_row *)out = (gx_webhook_delivery_row){
        .webhook_id = gx_arena_text(arena, gx_column_text(statement, 0)),
        .seq = gx_column_int(statement, 1),
        .id = gx_arena_text(arena, gx_column_text(statement, 2)),
        .event_id = gx_arena_text(arena, gx_column_text(statement, 3)),
        .event_type = gx_arena_text(arena, gx_column_text(statement, 4)),
        .status = gx_arena_text(arena, gx_column_text(statement, 5)),
        .attempts = gx_column_int(statement, 6),
        .next_attempt_at = gx_column_int(statement, 7),
        .last_error = gx_arena_text(arena, gx_column_text(statement, 8)),
        .created_at = gx_column_int(statement, 9),
        .delivered_at = gx_column_int(statement, 10),
    };
}

static const gx_row_shape SHAPE = {sizeof(gx_webhook_delivery_row), offsetof(gx_webhook_delivery_row, next), read_row};

bool gx_webhook_deliveries_list(gx_database *database, gx_arena *arena, const char *webhook_id, const char *status,
                                gx_paging paging, const gx_webhook_delivery_row **first)
{
    static const char SQL[] = "SELECT " COLUMNS FILTER " ORDER BY seq DESC LIMIT $3 OFFSET $4";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, webhook_id);
    gx_bind_text(statement, 2, status);
    gx_bind_paging(statement, 3, paging);
    return gx_rows_page(statement, arena, &SHAPE, first);
}

bool gx_webhook_deliveries_count(gx_database *database, const char *webhook_id, const char *status, int64_t *count)
{
    static const char SQL[] = "SELECT COUNT(*)" FILTER;
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, webhook_id);
    gx_bind_text(statement, 2, status);
    return gx_rows_count(statement, count);
}

gx_step gx_webhook_deliveries_find(gx_database *database, gx_arena *arena, const char *developer_id,
                                   const char *delivery_id, gx_webhook_delivery_row *out)
{
    static const char SQL[] = "SELECT " OF_DELIVERY " WHERE d.id = $1 AND w.developer_id = $2";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, delivery_id);
    gx_bind_text(statement, 2, developer_id);
    return gx_rows_one(statement, arena, &SHAPE, out);
}

gx_step gx_webhook_deliveries_again(gx_database *database, const char *delivery_id, int64_t now_ms)
{
    static const char SQL[] = "UPDATE webhook_deliveries SET status = 'pending', attempts = 0, next_attempt_at = $1"
                              " WHERE id = $2 AND status = 'failed'";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_int(statement, 1, now_ms);
    gx_bind_text(statement, 2, delivery_id);
    return gx_rows_changed(statement);
}

gx_step gx_webhook_deliveries_at(gx_database *database, gx_arena *arena, const char *webhook_id, int64_t seq,
                                 gx_webhook_delivery_row *out)
{
    static const char SQL[] = "SELECT " COLUMNS " FROM webhook_deliveries WHERE webhook_id = $1 AND seq = $2";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, webhook_id);
    gx_bind_int(statement, 2, seq);
    return gx_rows_one(statement, arena, &SHAPE, out);
}

static bool write_attempt(gx_database *database, const gx_webhook_delivery_row *attempt)
{
    static const char SQL[] =
        "INSERT INTO webhook_deliveries (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        " ON CONFLICT (webhook_id, seq) DO UPDATE SET status = excluded.status, attempts = excluded.attempts,"
        " next_attempt_at = excluded.next_attempt_at, last_error = excluded.last_error,"
        " delivered_at = excluded.delivered_at";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, attempt->webhook_id);
    gx_bind_int(statement, 2, attempt->seq);
    gx_bind_text(statement, 3, attempt->id);
    gx_bind_text(statement, 4, attempt->event_id);
    gx_bind_text(statement, 5, attempt->event_type);
    gx_bind_text(statement, 6, attempt->status);
    gx_bind_int(statement, 7, attempt->attempts);
    gx_bind_int(statement, 8, attempt->next_attempt_at);
    gx_bind_text(statement, 9, attempt->last_error);
    gx_bind_int(statement, 10, attempt->created_at);
    if (attempt->delivered_at == 0)
        gx_bind_null(statement, 11);
    else
        gx_bind_int(statement, 11, attempt->delivered_at);
    return gx_statement_run(statement);
}

/* The webhook's row comes first: it says whether the lease still holds, and holds off a deletion until the end. */
gx_step gx_webhook_deliveries_record(gx_database *database, const char *owner, const gx_webhook_delivery_row *attempt)
{
    bool settled = strcmp(attempt->status, "pending") != 0;
    gx_step ours = gx_webhooks_move(database, attempt->webhook_id, owner, settled ? attempt->seq : 0);
    if (ours != GX_STEP_ROW)
        return ours;
    return write_attempt(database, attempt) ? GX_STEP_ROW : GX_STEP_ERROR;
}

bool gx_webhook_deliveries_due(gx_database *database, gx_arena *arena, const char *owner, int64_t now_ms, int64_t most,
                               const gx_webhook_delivery_row **first)
{
    static const char SQL[] = "SELECT " OF_DELIVERY " WHERE d.status = 'pending' AND d.next_attempt_at <= $1"
                              " AND d.seq <= w.cursor_seq AND (w.leased_by = $2 OR w.leased_until < $1)"
                              " ORDER BY d.next_attempt_at, d.id LIMIT $3";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_int(statement, 1, now_ms);
    gx_bind_text(statement, 2, owner);
    gx_bind_int(statement, 3, most);
    return gx_rows_all(statement, arena, &SHAPE, first);
}

bool gx_webhook_deliveries_trim(gx_database *database, const char *webhook_id)
{
    static const char SQL[] = "DELETE FROM webhook_deliveries WHERE webhook_id = $1 AND status <> 'pending'"
                              " AND seq <= (SELECT seq FROM webhook_deliveries WHERE webhook_id = $1"
                              " AND status <> 'pending' ORDER BY seq DESC LIMIT 1 OFFSET $2)";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, webhook_id);
    gx_bind_int(statement, 2, GX_WEBHOOK_DELIVERIES_KEPT);
    return gx_statement_run(statement);
}
