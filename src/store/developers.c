#include "store/developers.h"

#include "store/rows.h"

#define COLUMNS "id, name, email, mode, created_at, fido_rp_name"

static void read_row(gx_statement *statement, gx_arena *arena, void *out)
{
    *(gx_developer_row *)out = (gx_developer_row){
        .id = gx_arena_text(arena, gx_column_text(statement, 0)),
        .name = gx_arena_text(arena, gx_column_text(statement, 1)),
        .email = gx_arena_text(arena, gx_column_text(statement, 2)),
        .mode = gx_arena_text(arena, gx_column_text(statement, 3)),
        .created_at = gx_column_int(statement, 4),
        .fido_rp_name = gx_arena_text(arena, gx_column_text(statement, 5)),
    };
}

static const gx_row_shape SHAPE = {.size = sizeof(gx_developer_row), .read = read_row};

gx_step gx_developers_insert(gx_database *database, const gx_developer_row *developer)
{
    static const char SQL[] = "INSERT INTO developers (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6)"
                              " ON CONFLICT (email) DO NOTHING";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, developer->id);
    gx_bind_text(statement, 2, developer->name);
    gx_bind_text(statement, 3, developer->email);
    gx_bind_text(statement, 4, developer->mode);
    gx_bind_int(statement, 5, developer->created_at);
    gx_bind_text(statement, 6, developer->fido_rp_name);
    return gx_rows_changed(statement);
}

gx_step gx_developers_find(gx_database *database, gx_arena *arena, const char *developer_id, gx_developer_row *out)
{
    static const char SQL[] = "SELECT " COLUMNS " FROM developers WHERE id = $1 AND deleted_at IS NULL";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, developer_id);
    return gx_rows_one(statement, arena, &SHAPE, out);
}

gx_step gx_developers_take(gx_database *database, gx_arena *arena, const char *developer_id, gx_developer_row *out)
{
    static const char SQL[] =
        "SELECT " COLUMNS " FROM developers WHERE id = $1 AND deleted_at IS NULL /* for update */";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, developer_id);
    return gx_rows_one(statement, arena, &SHAPE, out);
}

gx_step gx_developers_find_by_key(gx_database *database, gx_arena *arena, const char *key_hash, gx_developer_row *out)
{
    static const char SQL[] = "SELECT " COLUMNS " FROM developers WHERE deleted_at IS NULL"
                              " AND id = (SELECT developer_id FROM api_keys WHERE hash = $1)";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, key_hash);
    return gx_rows_one(statement, arena, &SHAPE, out);
}

gx_step gx_developers_take_by_key(gx_database *database, gx_arena *arena, const char *key_hash, gx_developer_row *out)
{
    static const char SQL[] = "SELECT " COLUMNS " FROM developers WHERE deleted_at IS NULL"
                              " AND id = (SELECT developer_id FROM api_keys WHERE hash = $1) /* for update */";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, key_hash);
    return gx_rows_one(statement, arena, &SHAPE, out);
}

gx_step gx_developers_find_by_email(gx_database *database, gx_arena *arena, const char *email, gx_developer_row *out)
{
    static const char SQL[] = "SELECT " COLUMNS " FROM developers WHERE email = $1";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, email);
    return gx_rows_one(statement, arena, &SHAPE, out);
}

bool gx_developers_count_events(gx_database *database, int64_t *count)
{
    static const char SQL[] = "SELECT CAST(COALESCE(SUM(last_seq), 0) AS BIGINT) FROM developers";
    return gx_rows_count(gx_query(database, SQL), count);
}

bool gx_developers_set_fido_rp_name(gx_database *database, const char *developer_id, const char *fido_rp_name)
{
    static const char SQL[] = "UPDATE developers SET fido_rp_name = $1 WHERE id = $2";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, fido_rp_name);
    gx_bind_text(statement, 2, developer_id);
    return gx_statement_run(statement);
}

bool gx_developers_delete(gx_database *database, const char *developer_id, int64_t now_ms)
{
    static const char SQL[] = "UPDATE developers SET name = '', email = NULL,"
                              " fido_rp_name = NULL, deleted_at = $1 WHERE id = $2";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_int(statement, 1, now_ms);
    gx_bind_text(statement, 2, developer_id);
    return gx_statement_run(statement);
}
