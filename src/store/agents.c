#include "store/agents.h"

#define COLUMNS "id, developer_id, name, description, scopes, status, created_at, updated_at"

static void read_row(gx_statement *statement, gx_arena *arena, void *out)
{
    *(gx_agent_row *)out = (gx_agent_row){
        .id = gx_arena_text(arena, gx_column_text(statement, 0)),
        .developer_id = gx_arena_text(arena, gx_column_text(statement, 1)),
        .name = gx_arena_text(arena, gx_column_text(statement, 2)),
        .description = gx_arena_text(arena, gx_column_text(statement, 3)),
        .scopes = gx_arena_text(arena, gx_column_text(statement, 4)),
        .status = gx_arena_text(arena, gx_column_text(statement, 5)),
        .created_at = gx_column_int(statement, 6),
        .updated_at = gx_column_int(statement, 7),
    };
}

static const gx_row_shape SHAPE = {sizeof(gx_agent_row), offsetof(gx_agent_row, next), read_row};

bool gx_agents_insert(gx_database *database, const gx_agent_row *agent)
{
    static const char SQL[] = "INSERT INTO agents (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, agent->id);
    gx_bind_text(statement, 2, agent->developer_id);
    gx_bind_text(statement, 3, agent->name);
    gx_bind_text(statement, 4, agent->description);
    gx_bind_text(statement, 5, agent->scopes);
    gx_bind_text(statement, 6, agent->status);
    gx_bind_int(statement, 7, agent->created_at);
    gx_bind_int(statement, 8, agent->updated_at);
    return gx_statement_run(statement);
}

gx_step gx_agents_find(gx_database *database, gx_arena *arena, const char *developer_id, const char *agent_id,
                       gx_agent_row *out)
{
    static const char SQL[] = "SELECT " COLUMNS " FROM agents WHERE id = $1 AND developer_id = $2";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, agent_id);
    gx_bind_text(statement, 2, developer_id);
    return gx_rows_one(statement, arena, &SHAPE, out);
}

bool gx_agents_list(gx_database *database, gx_arena *arena, const char *developer_id, gx_paging paging,
                    const gx_agent_row **first)
{
    static const char SQL[] = "SELECT " COLUMNS " FROM agents WHERE developer_id = $1"
                              " ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, developer_id);
    gx_bind_paging(statement, 2, paging);
    return gx_rows_page(statement, arena, &SHAPE, first);
}

bool gx_agents_count(gx_database *database, const char *developer_id, int64_t *count)
{
    static const char SQL[] = "SELECT COUNT(*) FROM agents WHERE developer_id = $1";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, developer_id);
    return gx_rows_count(statement, count);
}

bool gx_agents_update(gx_database *database, const gx_agent_row *agent)
{
    static const char SQL[] = "UPDATE agents SET name = $1, description = $2, scopes = $3, status = $4,"
                              " updated_at = $5 WHERE id = $6";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, agent->name);
    gx_bind_text(statement, 2, agent->description);
    gx_bind_text(statement, 3, agent->scopes);
    gx_bind_text(statement, 4, agent->status);
    gx_bind_int(statement, 5, agent->updated_at);
    gx_bind_text(statement, 6, agent->id);
    return gx_statement_run(statement);
}

bool gx_agents_delete(gx_database *database, const char *agent_id)
{
    static const char SQL[] = "DELETE FROM agents WHERE id = $1";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, agent_id);
    return gx_statement_run(statement);
}
