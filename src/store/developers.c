#include "store/developers.h"

#define COLUMNS "id, name, email, mode, key_hash, created_at"

static gx_step read_one(gx_statement *statement, gx_arena *arena, gx_developer_row *out)
{
    gx_step step = gx_statement_step(statement);
    if (step != GX_STEP_ROW)
        return step;
    gx_developer_row row = {
        .id = gx_arena_text(arena, gx_column_text(statement, 0)),
        .name = gx_arena_text(arena, gx_column_text(statement, 1)),
        .email = gx_arena_text(arena, gx_column_text(statement, 2)),
        .mode = gx_arena_text(arena, gx_column_text(statement, 3)),
        .key_hash = gx_arena_text(arena, gx_column_text(statement, 4)),
        .created_at = gx_column_int(statement, 5),
    };
    gx_statement_reset(statement);
    if (arena->failed)
        return GX_STEP_ERROR;
    *out = row;
    return GX_STEP_ROW;
}

gx_step gx_developers_insert(gx_database *database, const gx_developer_row *developer)
{
    static const char SQL[] = "INSERT INTO developers (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6)"
                              " ON CONFLICT (email) DO NOTHING";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, developer->id);
    gx_bind_text(statement, 2, developer->name);
    gx_bind_text(statement, 3, developer->email);
    gx_bind_text(statement, 4, developer->mode);
    gx_bind_text(statement, 5, developer->key_hash);
    gx_bind_int(statement, 6, developer->created_at);
    if (!gx_statement_run(statement))
        return GX_STEP_ERROR;
    return gx_statement_changes(statement) > 0 ? GX_STEP_ROW : GX_STEP_DONE;
}

gx_step gx_developers_find(gx_database *database, gx_arena *arena, const char *developer_id, gx_developer_row *out)
{
    static const char SQL[] = "SELECT " COLUMNS " FROM developers WHERE id = $1";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, developer_id);
    return read_one(statement, arena, out);
}

gx_step gx_developers_find_by_key(gx_database *database, gx_arena *arena, const char *key_hash, gx_developer_row *out)
{
    static const char SQL[] = "SELECT " COLUMNS " FROM developers WHERE key_hash = $1";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, key_hash);
    return read_one(statement, arena, out);
}

gx_step gx_developers_find_by_email(gx_database *database, gx_arena *arena, const char *email, gx_developer_row *out)
{
    static const char SQL[] = "SELECT " COLUMNS " FROM developers WHERE email = $1";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, email);
    return read_one(statement, arena, out);
}

bool gx_developers_set_key(gx_database *database, const char *developer_id, const char *key_hash)
{
    static const char SQL[] = "UPDATE developers SET key_hash = $1 WHERE id = $2";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, key_hash);
    gx_bind_text(statement, 2, developer_id);
    return gx_statement_run(statement);
}
