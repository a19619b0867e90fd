#include "store/browser_sessions.h"

#include "store/driver.h"
#include "store/rows.h"

static bool clear_some(gx_database *database, int64_t now_ms)
{
    static const char SQL[] = "DELETE FROM browser_sessions WHERE hash IN"
                              " (SELECT hash FROM browser_sessions WHERE expires_at < $1"
                              "  ORDER BY expires_at LIMIT 4 /* for update skip locked */)";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_int(statement, 1, now_ms);
    return gx_statement_run(statement);
}

bool gx_browser_sessions_insert(gx_database *database, const gx_browser_session_row *session)
{
    static const char SQL[] = "INSERT INTO browser_sessions (hash, developer_id, key_hash, created_at, expires_at)"
                              " VALUES ($1, $2, $3, $4, $5)";
    if (!clear_some(database, session->created_at))
        return false;
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, session->hash);
    gx_bind_text(statement, 2, session->developer_id);
    gx_bind_text(statement, 3, session->key_hash);
    gx_bind_int(statement, 4, session->created_at);
    gx_bind_int(statement, 5, session->expires_at);
    return gx_statement_run(statement);
}

static void read_row(gx_statement *statement, gx_arena *arena, void *out)
{
    *(gx_browser_session_row *)out = (gx_browser_session_row){
        .hash = gx_arena_text(arena, gx_column_text(statement, 0)),
        .developer_id = gx_arena_text(arena, gx_column_text(statement, 1)),
        .key_hash = gx_arena_text(arena, gx_column_text(statement, 2)),
        .created_at = gx_column_int(statement, 3),
        .expires_at = gx_column_int(statement, 4),
    };
}

static const gx_row_shape SHAPE = {.size = sizeof(gx_browser_session_row), .read = read_row};

gx_step gx_browser_sessions_find(gx_database *database, gx_arena *arena, const char *hash, gx_browser_session_row *out)
{
    static const char SQL[] = "SELECT hash, developer_id, key_hash, created_at, expires_at"
                              " FROM browser_sessions WHERE hash = $1";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, hash);
    return gx_rows_one(statement, arena, &SHAPE, out);
}

bool gx_browser_sessions_delete(gx_database *database, const char *hash)
{
    gx_statement *statement = gx_query(database, "DELETE FROM browser_sessions WHERE hash = $1");
    gx_bind_text(statement, 1, hash);
    return gx_statement_run(statement);
}
