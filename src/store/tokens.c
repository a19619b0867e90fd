#include "store/tokens.h"

#include "store/rows.h"

bool gx_tokens_insert(gx_database *database, const gx_token_row *token)
{
    static const char SQL[] = "INSERT INTO tokens (id, developer_id, grant_id, issued_at, expires_at)"
                              " VALUES ($1, $2, $3, $4, $5)";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, token->id);
    gx_bind_text(statement, 2, token->developer_id);
    gx_bind_text(statement, 3, token->grant_id);
    gx_bind_int(statement, 4, token->issued_at);
    gx_bind_int(statement, 5, token->expires_at);
    return gx_statement_run(statement);
}

gx_step gx_tokens_revoke(gx_database *database, const char *developer_id, const char *token_id, int64_t now_ms)
{
    static const char SQL[] = "UPDATE tokens SET revoked_at = $1"
                              " WHERE id = $2 AND developer_id = $3 AND revoked_at IS NULL";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_int(statement, 1, now_ms);
    gx_bind_text(statement, 2, token_id);
    gx_bind_text(statement, 3, developer_id);
    if (!gx_statement_run(statement))
        return GX_STEP_ERROR;
    return gx_statement_changes(statement) > 0 ? GX_STEP_ROW : GX_STEP_DONE;
}

gx_step gx_tokens_find(gx_database *database, const char *developer_id, const char *token_id, int64_t *revoked_at)
{
    static const char SQL[] = "SELECT revoked_at FROM tokens WHERE id = $1 AND developer_id = $2";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, token_id);
    gx_bind_text(statement, 2, developer_id);
    gx_step step = gx_statement_step(statement);
    if (step == GX_STEP_ROW)
        *revoked_at = gx_column_int(statement, 0);
    gx_statement_reset(statement);
    return step;
}

bool gx_refresh_tokens_insert(gx_database *database, const gx_refresh_row *refresh)
{
    static const char SQL[] = "INSERT INTO refresh_tokens (hash, developer_id, grant_id, agent_id, created_at,"
                              " expires_at) VALUES ($1, $2, $3, $4, $5, $6)";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, refresh->hash);
    gx_bind_text(statement, 2, refresh->developer_id);
    gx_bind_text(statement, 3, refresh->grant_id);
    gx_bind_text(statement, 4, refresh->agent_id);
    gx_bind_int(statement, 5, refresh->created_at);
    gx_bind_int(statement, 6, refresh->expires_at);
    return gx_statement_run(statement);
}

static void read_refresh(gx_statement *statement, gx_arena *arena, void *out)
{
    *(gx_refresh_row *)out = (gx_refresh_row){
        .hash = gx_arena_text(arena, gx_column_text(statement, 0)),
        .developer_id = gx_arena_text(arena, gx_column_text(statement, 1)),
        .grant_id = gx_arena_text(arena, gx_column_text(statement, 2)),
        .agent_id = gx_arena_text(arena, gx_column_text(statement, 3)),
        .created_at = gx_column_int(statement, 4),
        .expires_at = gx_column_int(statement, 5),
        .used_at = gx_column_int(statement, 6),
    };
}

static const gx_row_shape REFRESH_SHAPE = {.size = sizeof(gx_refresh_row), .read = read_refresh};

gx_step gx_refresh_tokens_find(gx_database *database, gx_arena *arena, const char *developer_id, int64_t created_at,
                               const char *hash, gx_refresh_row *out)
{
    static const char SQL[] = "SELECT hash, developer_id, grant_id, agent_id, created_at, expires_at, used_at"
                              " FROM refresh_tokens WHERE created_at = $1 AND hash = $2 AND developer_id = $3";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_int(statement, 1, created_at);
    gx_bind_text(statement, 2, hash);
    gx_bind_text(statement, 3, developer_id);
    return gx_rows_one(statement, arena, &REFRESH_SHAPE, out);
}

gx_step gx_refresh_tokens_use(gx_database *database, const gx_refresh_row *refresh, int64_t now_ms)
{
    static const char SQL[] = "UPDATE refresh_tokens SET used_at = $1"
                              " WHERE created_at = $2 AND hash = $3 AND used_at IS NULL";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_int(statement, 1, now_ms);
    gx_bind_int(statement, 2, refresh->created_at);
    gx_bind_text(statement, 3, refresh->hash);
    return gx_rows_changed(statement);
}
