#include "store/stream_tickets.h"

#include "store/driver.h"
#include "store/rows.h"

static bool clear_some(gx_database *database, int64_t now_ms)
{
    static const char SQL[] = "DELETE FROM stream_tickets WHERE hash IN"
                              " (SELECT hash FROM stream_tickets WHERE expires_at < $1"
                              "  ORDER BY expires_at LIMIT 4 /* for update skip locked */)";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_int(statement, 1, now_ms);
    return gx_statement_run(statement);
}

bool gx_stream_tickets_insert(gx_database *database, const gx_stream_ticket_row *ticket, int64_t now_ms)
{
    static const char SQL[] = "INSERT INTO stream_tickets (hash, developer_id, key_hash, expires_at)"
                              " VALUES ($1, $2, $3, $4)";
    if (!clear_some(database, now_ms))
        return false;
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, ticket->hash);
    gx_bind_text(statement, 2, ticket->developer_id);
    gx_bind_text(statement, 3, ticket->key_hash);
    gx_bind_int(statement, 4, ticket->expires_at);
    return gx_statement_run(statement);
}

static void read_row(gx_statement *statement, gx_arena *arena, void *out)
{
    *(gx_stream_ticket_row *)out = (gx_stream_ticket_row){
        .hash = gx_arena_text(arena, gx_column_text(statement, 0)),
        .developer_id = gx_arena_text(arena, gx_column_text(statement, 1)),
        .key_hash = gx_arena_text(arena, gx_column_text(statement, 2)),
        .expires_at = gx_column_int(statement, 3),
    };
}

static const gx_row_shape SHAPE = {.size = sizeof(gx_stream_ticket_row), .read = read_row};

gx_step gx_stream_tickets_take(gx_database *database, gx_arena *arena, const char *hash, gx_stream_ticket_row *out)
{
    static const char SQL[] = "DELETE FROM stream_tickets WHERE hash = $1"
                              " RETURNING hash, developer_id, key_hash, expires_at";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, hash);
    return gx_rows_one(statement, arena, &SHAPE, out);
}
