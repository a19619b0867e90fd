#include "store/auth_requests.h"

#include "store/rows.h"

#define OF_AN_ACTIVE_AGENT                                                                                             \
    "EXISTS (SELECT 1 FROM agents WHERE agents.id = auth_requests.agent_id AND agents.status = 'active')"
#define COLUMNS                                                                                                        \
    "id, developer_id, agent_id, principal_id, scopes, redirect_uri, state, audience, code_challenge, grant_life_ms, " \
    "status, code_hash, created_at, expires_at"

static void read_row(gx_statement *statement, gx_arena *arena, void *out)
{
    *(gx_auth_request_row *)out = (gx_auth_request_row){
        .id = gx_arena_text(arena, gx_column_text(statement, 0)),
        .developer_id = gx_arena_text(arena, gx_column_text(statement, 1)),
        .agent_id = gx_arena_text(arena, gx_column_text(statement, 2)),
        .principal_id = gx_arena_text(arena, gx_column_text(statement, 3)),
        .scopes = gx_arena_text(arena, gx_column_text(statement, 4)),
        .redirect_uri = gx_arena_text(arena, gx_column_text(statement, 5)),
        .state = gx_arena_text(arena, gx_column_text(statement, 6)),
        .audience = gx_arena_text(arena, gx_column_text(statement, 7)),
        .code_challenge = gx_arena_text(arena, gx_column_text(statement, 8)),
        .grant_life_ms = gx_column_int(statement, 9),
        .status = gx_arena_text(arena, gx_column_text(statement, 10)),
        .code_hash = gx_arena_text(arena, gx_column_text(statement, 11)),
        .created_at = gx_column_int(statement, 12),
        .expires_at = gx_column_int(statement, 13),
    };
}

static const gx_row_shape SHAPE = {.size = sizeof(gx_auth_request_row), .read = read_row};

bool gx_auth_requests_insert(gx_database *database, const gx_auth_request_row *request)
{
    static const char SQL[] = "INSERT INTO auth_requests (" COLUMNS ")"
                              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, request->id);
    gx_bind_text(statement, 2, request->developer_id);
    gx_bind_text(statement, 3, request->agent_id);
    gx_bind_text(statement, 4, request->principal_id);
    gx_bind_text(statement, 5, request->scopes);
    gx_bind_text(statement, 6, request->redirect_uri);
    gx_bind_text(statement, 7, request->state);
    gx_bind_text(statement, 8, request->audience);
    gx_bind_text(statement, 9, request->code_challenge);
    gx_bind_int(statement, 10, request->grant_life_ms);
    gx_bind_text(statement, 11, request->status);
    gx_bind_text(statement, 12, request->code_hash);
    gx_bind_int(statement, 13, request->created_at);
    gx_bind_int(statement, 14, request->expires_at);
    return gx_statement_run(statement);
}

gx_step gx_auth_requests_find(gx_database *database, gx_arena *arena, const char *request_id, gx_auth_request_row *out)
{
    static const char SQL[] = "SELECT " COLUMNS " FROM auth_requests WHERE id = $1";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, request_id);
    return gx_rows_one(statement, arena, &SHAPE, out);
}

gx_step gx_auth_requests_find_by_code(gx_database *database, gx_arena *arena, const char *developer_id,
                                      const char *code_hash, gx_auth_request_row *out)
{
    static const char SQL[] = "SELECT " COLUMNS " FROM auth_requests WHERE code_hash = $1 AND developer_id = $2"
                              " AND " OF_AN_ACTIVE_AGENT;
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, code_hash);
    gx_bind_text(statement, 2, developer_id);
    return gx_rows_one(statement, arena, &SHAPE, out);
}

gx_step gx_auth_requests_approve(gx_database *database, const char *request_id, const char *code_hash,
                                 int64_t code_expires_at, int64_t now_ms)
{
    static const char SQL[] = "UPDATE auth_requests SET status = 'approved', code_hash = $1, expires_at = $2"
                              " WHERE id = $3 AND status = 'pending' AND expires_at > $4";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, code_hash);
    gx_bind_int(statement, 2, code_expires_at);
    gx_bind_text(statement, 3, request_id);
    gx_bind_int(statement, 4, now_ms);
    return gx_rows_changed(statement);
}

gx_step gx_auth_requests_deny(gx_database *database, const char *request_id)
{
    static const char SQL[] = "UPDATE auth_requests SET status = 'denied' WHERE id = $1 AND status = 'pending'";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, request_id);
    return gx_rows_changed(statement);
}

gx_step gx_auth_requests_consume(gx_database *database, const char *developer_id, const char *request_id,
                                 int64_t now_ms)
{
    static const char SQL[] = "UPDATE auth_requests SET status = 'consumed'"
                              " WHERE id = $1 AND developer_id = $2 AND status = 'approved' AND expires_at > $3"
                              " AND " OF_AN_ACTIVE_AGENT;
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, request_id);
    gx_bind_text(statement, 2, developer_id);
    gx_bind_int(statement, 3, now_ms);
    return gx_rows_changed(statement);
}
