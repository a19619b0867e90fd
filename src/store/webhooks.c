#include "store/webhooks.h"

#define STORED "id, developer_id, url, events, secret, cursor_seq, created_at"
#define COLUMNS                                                                                                        \
    STORED ", leased_by, leased_until, (SELECT last_seq FROM developers WHERE developers.id = webhooks.developer_id)"

/* Between the quotes lie the names; the pieces outside, and names that only a newer program knows, add nothing. */
static gx_event_filter filter_of(gx_span json_array)
{
    gx_event_filter filter = 0;
    for (gx_span piece, unknown; gx_span_split(&json_array, '"', &piece);)
        gx_event_filter_add(&filter, piece, &unknown);
    return filter;
}

static void read_row(gx_statement *statement, gx_arena *arena, void *out)
{
    *(gx_webhook_row *)out = (gx_webhook_row){
        .id = gx_arena_text(arena, gx_column_text(statement, 0)),
        .developer_id = gx_arena_text(arena, gx_column_text(statement, 1)),
        .url = gx_arena_text(arena, gx_column_text(statement, 2)),
        .events = gx_arena_text(arena, gx_column_text(statement, 3)),
        .filter = filter_of(gx_column_span(statement, 3)),
        .secret = gx_arena_text(arena, gx_column_text(statement, 4)),
        .cursor_seq = gx_column_int(statement, 5),
        .created_at = gx_column_int(statement, 6),
        .leased_by = gx_arena_text(arena, gx_column_text(statement, 7)),
        .leased_until = gx_column_int(statement, 8),
        .head_seq = gx_column_int(statement, 9),
    };
}

static const gx_row_shape SHAPE = {sizeof(gx_webhook_row), offsetof(gx_webhook_row, next), read_row};

bool gx_webhooks_insert(gx_database *database, const gx_webhook_row *webhook)
{
    static const char SQL[] = "INSERT INTO webhooks (" STORED ") VALUES ($1, $2, $3, $4, $5, $6, $7)";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, webhook->id);
    gx_bind_text(statement, 2, webhook->developer_id);
    gx_bind_text(statement, 3, webhook->url);
    gx_bind_text(statement, 4, webhook->events);
    gx_bind_text(statement, 5, webhook->secret);
    gx_bind_int(statement, 6, webhook->cursor_seq);
    gx_bind_int(statement, 7, webhook->created_at);
    return gx_statement_run(statement);
}

gx_step gx_webhooks_find(gx_database *database, gx_arena *arena, const char *developer_id, const char *webhook_id,
                         gx_webhook_row *out)
{
    static const char SQL[] = "SELECT " COLUMNS " FROM webhooks WHERE id = $1 AND developer_id = $2";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, webhook_id);
    gx_bind_text(statement, 2, developer_id);
    return gx_rows_one(statement, arena, &SHAPE, out);
}

bool gx_webhooks_list(gx_database *database, gx_arena *arena, const char *developer_id, const gx_webhook_row **first)
{
    static const char SQL[] =
        "SELECT " COLUMNS " FROM webhooks WHERE developer_id = $1 ORDER BY created_at DESC, id DESC";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, developer_id);
    return gx_rows_all(statement, arena, &SHAPE, first);
}

bool gx_webhooks_count(gx_database *database, const char *developer_id, int64_t *count)
{
    static const char SQL[] = "SELECT COUNT(*) FROM webhooks WHERE developer_id = $1";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, developer_id);
    return gx_rows_count(statement, count);
}

gx_step gx_webhooks_delete(gx_database *database, const char *developer_id, const char *webhook_id)
{
    static const char WEBHOOK[] = "DELETE FROM webhooks WHERE id = $1 AND developer_id = $2";
    static const char DELIVERIES[] = "DELETE FROM webhook_deliveries WHERE webhook_id = $1";
    gx_statement *webhook = gx_query(database, WEBHOOK);
    gx_bind_text(webhook, 1, webhook_id);
    gx_bind_text(webhook, 2, developer_id);
    gx_step there = gx_rows_changed(webhook);
    if (there != GX_STEP_ROW)
        return there;
    gx_statement *deliveries = gx_query(database, DELIVERIES);
    gx_bind_text(deliveries, 1, webhook_id);
    return gx_statement_run(deliveries) ? GX_STEP_ROW : GX_STEP_ERROR;
}

bool gx_webhooks_list_all(gx_database *database, gx_arena *arena, const char *after_id, int64_t most,
                          const gx_webhook_row **first)
{
    static const char SQL[] = "SELECT " COLUMNS " FROM webhooks WHERE id > $1 ORDER BY id LIMIT $2";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, after_id);
    gx_bind_int(statement, 2, most);
    return gx_rows_all(statement, arena, &SHAPE, first);
}

gx_step gx_webhooks_lease(gx_database *database, gx_arena *arena, const char *webhook_id, const char *owner,
                          int64_t now_ms, int64_t until_ms, gx_webhook_row *out)
{
    static const char SQL[] = "UPDATE webhooks SET leased_by = $1, leased_until = $2"
                              " WHERE id = $3 AND (leased_by = $1 OR leased_until < $4) RETURNING " COLUMNS;
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, owner);
    gx_bind_int(statement, 2, until_ms);
    gx_bind_text(statement, 3, webhook_id);
    gx_bind_int(statement, 4, now_ms);
    return gx_rows_one(statement, arena, &SHAPE, out);
}

bool gx_webhooks_release(gx_database *database, const char *owner)
{
    static const char SQL[] = "UPDATE webhooks SET leased_by = NULL, leased_until = 0 WHERE leased_by = $1";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, owner);
    return gx_statement_run(statement);
}

gx_step gx_webhooks_move(gx_database *database, const char *webhook_id, const char *owner, int64_t seq)
{
    static const char SQL[] = "UPDATE webhooks SET cursor_seq = CASE WHEN cursor_seq < $1 THEN $1 ELSE cursor_seq END"
                              " WHERE id = $2 AND leased_by = $3";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_int(statement, 1, seq);
    gx_bind_text(statement, 2, webhook_id);
    gx_bind_text(statement, 3, owner);
    return gx_rows_changed(statement);
}
