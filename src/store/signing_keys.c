#include "store/signing_keys.h"

#include "store/rows.h"

static void read_pem(gx_statement *statement, gx_arena *arena, void *out)
{
    *(const char **)out = gx_arena_text(arena, gx_column_text(statement, 0));
}

static const gx_row_shape PEM_SHAPE = {.size = sizeof(char *), .read = read_pem};

gx_step gx_signing_keys_newest(gx_database *database, gx_arena *arena, const char **pem)
{
    static const char SQL[] = "SELECT private_pem FROM signing_keys ORDER BY created_at DESC, kid DESC LIMIT 1";
    return gx_rows_one(gx_query(database, SQL), arena, &PEM_SHAPE, pem);
}

bool gx_signing_keys_insert(gx_database *database, const char *kid, const char *pem, int64_t now_ms)
{
    static const char SQL[] = "INSERT INTO signing_keys (kid, private_pem, created_at) VALUES ($1, $2, $3)";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, kid);
    gx_bind_text(statement, 2, pem);
    gx_bind_int(statement, 3, now_ms);
    return gx_statement_run(statement);
}
