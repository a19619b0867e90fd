#include "store/idempotency_keys.h"

#include "store/driver.h"
#include "store/rows.h"

static const char FIND[] = "SELECT fingerprint, status, body FROM idempotency_keys"
                           " WHERE developer_id = $1 AND key_hash = $2 AND created_at >= $3";
static const char INSERT[] =
    "INSERT INTO idempotency_keys (developer_id, key_hash, fingerprint, status, body, created_at)"
    " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (developer_id, key_hash) DO NOTHING";
static const char CLEAR[] = "DELETE FROM idempotency_keys WHERE (developer_id, key_hash) IN"
                            " (SELECT developer_id, key_hash FROM idempotency_keys WHERE created_at < $1"
                            "  ORDER BY created_at LIMIT 4 /* for update skip locked */)";
static const char REPLACE_OLD[] = "DELETE FROM idempotency_keys"
                                  " WHERE developer_id = $1 AND key_hash = $2 AND created_at < $3";

static void read_row(gx_statement *statement, gx_arena *arena, void *out)
{
    *(gx_idempotency_key *)out = (gx_idempotency_key){
        .fingerprint = gx_arena_text(arena, gx_column_text(statement, 0)),
        .status = gx_column_int(statement, 1),
        .body = gx_arena_text(arena, gx_column_text(statement, 2)),
    };
}

static const gx_row_shape SHAPE = {.size = sizeof(gx_idempotency_key), .read = read_row};

gx_step gx_idempotency_keys_find(gx_database *database, gx_arena *arena, const char *developer_id, const char *key_hash,
                                 int64_t not_before_ms, gx_idempotency_key *out)
{
    gx_statement *find = gx_query(database, FIND);
    gx_bind_text(find, 1, developer_id);
    gx_bind_text(find, 2, key_hash);
    gx_bind_int(find, 3, not_before_ms);
    return gx_rows_one(find, arena, &SHAPE, out);
}

static bool delete_expired(gx_database *database, const char *developer_id, const char *key_hash, int64_t not_before_ms)
{
    gx_statement *same = gx_query(database, REPLACE_OLD);
    gx_bind_text(same, 1, developer_id);
    gx_bind_text(same, 2, key_hash);
    gx_bind_int(same, 3, not_before_ms);
    if (!gx_statement_run(same))
        return false;
    gx_statement *others = gx_query(database, CLEAR);
    gx_bind_int(others, 1, not_before_ms);
    return gx_statement_run(others);
}

bool gx_idempotency_keys_insert(gx_database *database, const char *developer_id, const char *key_hash,
                                const gx_idempotency_key *row, int64_t now_ms, int64_t not_before_ms)
{
    if (!delete_expired(database, developer_id, key_hash, not_before_ms))
        return false;
    gx_statement *insert = gx_query(database, INSERT);
    gx_bind_text(insert, 1, developer_id);
    gx_bind_text(insert, 2, key_hash);
    gx_bind_text(insert, 3, row->fingerprint);
    gx_bind_int(insert, 4, row->status);
    gx_bind_text(insert, 5, row->body);
    gx_bind_int(insert, 6, now_ms);
    if (!gx_statement_run(insert))
        return false;
    /* The same request in another lane: the next run finds its answer. */
    return gx_statement_changes(insert) > 0 ||
           gx_database_fail(database, GX_FAULT_CONFLICT, "the same Idempotency-Key was just used");
}
