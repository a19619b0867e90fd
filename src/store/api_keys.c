#include "store/api_keys.h"

#include <stddef.h>

#include "store/rows.h"

#define COLUMNS "id, developer_id, hash, name, scopes, shown, created_at, expires_at, ended_by, last_used_at"

static void read_row(gx_statement *statement, gx_arena *arena, void *out)
{
    *(gx_api_key_row *)out = (gx_api_key_row){
        .id = gx_arena_text(arena, gx_column_text(statement, 0)),
        .developer_id = gx_arena_text(arena, gx_column_text(statement, 1)),
        .hash = gx_arena_text(arena, gx_column_text(statement, 2)),
        .name = gx_arena_text(arena, gx_column_text(statement, 3)),
        .scopes = gx_arena_text(arena, gx_column_text(statement, 4)),
        .shown = gx_arena_text(arena, gx_column_text(statement, 5)),
        .created_at = gx_column_int(statement, 6),
        .expires_at = gx_column_int(statement, 7),
        .ended_by = gx_arena_text(arena, gx_column_text(statement, 8)),
        .last_used_at = gx_column_int(statement, 9),
    };
}

static const gx_row_shape SHAPE = {sizeof(gx_api_key_row), offsetof(gx_api_key_row, next), read_row};

gx_step gx_api_keys_insert(gx_database *database, const gx_api_key_row *key)
{
    static const char SQL[] = "INSERT INTO api_keys (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
                              " ON CONFLICT (hash) DO NOTHING";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, key->id);
    gx_bind_text(statement, 2, key->developer_id);
    gx_bind_text(statement, 3, key->hash);
    gx_bind_text(statement, 4, key->name);
    gx_bind_text(statement, 5, key->scopes);
    gx_bind_text(statement, 6, key->shown);
    gx_bind_int(statement, 7, key->created_at);
    gx_bind_int(statement, 8, key->expires_at);
    gx_bind_text(statement, 9, key->ended_by);
    gx_bind_int(statement, 10, key->last_used_at);
    return gx_rows_changed(statement);
}

gx_step gx_api_keys_find_by_hash(gx_database *database, gx_arena *arena, const char *hash, gx_api_key_row *out)
{
    gx_statement *statement = gx_query(database, "SELECT " COLUMNS " FROM api_keys WHERE hash = $1");
    gx_bind_text(statement, 1, hash);
    return gx_rows_one(statement, arena, &SHAPE, out);
}

gx_step gx_api_keys_find(gx_database *database, gx_arena *arena, const char *developer_id, const char *id,
                         int64_t now_ms, gx_api_key_row *out)
{
    static const char SQL[] =
        "SELECT " COLUMNS " FROM api_keys WHERE id = $1 AND developer_id = $2 AND expires_at > $3";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, id);
    gx_bind_text(statement, 2, developer_id);
    gx_bind_int(statement, 3, now_ms);
    return gx_rows_one(statement, arena, &SHAPE, out);
}

bool gx_api_keys_list(gx_database *database, gx_arena *arena, const char *developer_id, int64_t now_ms,
                      gx_api_key_row **first)
{
    static const char SQL[] =
        "SELECT " COLUMNS " FROM api_keys WHERE developer_id = $1 AND expires_at > $2 ORDER BY id";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, developer_id);
    gx_bind_int(statement, 2, now_ms);
    return gx_rows_all(statement, arena, &SHAPE, first);
}

bool gx_api_keys_end(gx_database *database, const char *id, int64_t at_ms, const char *ended_by)
{
    static const char SQL[] = "UPDATE api_keys SET expires_at = $1, ended_by = $2 WHERE id = $3";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_int(statement, 1, at_ms);
    gx_bind_text(statement, 2, ended_by);
    gx_bind_text(statement, 3, id);
    return gx_statement_run(statement);
}

bool gx_api_keys_revive(gx_database *database, const char *id)
{
    return gx_api_keys_end(database, id, GX_KEY_NEVER, NULL);
}

bool gx_api_keys_used(gx_database *database, const char *id, int64_t at_ms)
{
    static const char SQL[] = "UPDATE api_keys SET last_used_at = $1 WHERE id = $2 AND last_used_at < $1";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_int(statement, 1, at_ms);
    gx_bind_text(statement, 2, id);
    return gx_statement_run(statement);
}

bool gx_api_keys_clear(gx_database *database, const char *developer_id, int64_t before_ms)
{
    static const char SQL[] = "DELETE FROM api_keys WHERE id IN (SELECT id FROM api_keys"
                              " WHERE developer_id = $1 AND expires_at < $2 LIMIT 8)";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, developer_id);
    gx_bind_int(statement, 2, before_ms);
    return gx_statement_run(statement);
}
