/* How far several logs go, and which keys open them: a handful of developers to a query. */
#include <stdio.h>
#include <string.h>

#include "store/log.h"

#define AT_ONCE 16
#define TOLD_MS 60000 /* so long a server may take to hear why a key is over; afterwards it is just no key */

static void note(gx_log_reach *reaches, size_t count, gx_statement *row)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(reaches[i].developer_id, gx_column_text(row, 0)) != 0)
            continue;
        reaches[i].found = true;
        reaches[i].last_seq = gx_column_int(row, 1);
    }
}

static bool read_some(gx_database *database, gx_log_reach *reaches, size_t count)
{
    gx_statement *statement =
        gx_query(database, "SELECT id, last_seq FROM developers WHERE deleted_at IS NULL AND id IN "
                           "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)");
    for (size_t i = 0; i < AT_ONCE; i++)
        gx_bind_text(statement, (int)i + 1, i < count ? reaches[i].developer_id : NULL);
    gx_step step;
    while ((step = gx_statement_step(statement)) == GX_STEP_ROW)
        note(reaches, count, statement);
    return step == GX_STEP_DONE;
}

bool gx_log_read_reaches(gx_database *database, gx_log_reach *reaches, size_t count)
{
    for (size_t done = 0; done < count; done += AT_ONCE) {
        if (!read_some(database, reaches + done, count - done < AT_ONCE ? count - done : AT_ONCE))
            return false;
    }
    return true;
}

static bool note_key(gx_arena *arena, gx_log_reach *reaches, size_t count, gx_statement *row)
{
    gx_reader_key *key = gx_arena_alloc(arena, sizeof *key);
    if (key == NULL)
        return false;
    const char *ended_by = gx_column_text(row, 3);
    *key = (gx_reader_key){
        .expires_at = gx_column_int(row, 2),
        .rotated = ended_by != NULL && strcmp(ended_by, "rotated") == 0,
        .revoked = ended_by != NULL && strcmp(ended_by, "revoked") == 0,
    };
    snprintf(key->hash, sizeof key->hash, "%s", gx_column_text(row, 1));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(reaches[i].developer_id, gx_column_text(row, 0)) != 0)
            continue;
        key->next = reaches[i].keys;
        reaches[i].keys = key;
        break;
    }
    return true;
}

static bool read_some_keys(gx_database *database, gx_arena *arena, gx_log_reach *reaches, size_t count, int64_t now_ms)
{
    gx_statement *statement =
        gx_query(database, "SELECT developer_id, hash, expires_at, ended_by FROM api_keys WHERE developer_id IN "
                           "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
                           " AND expires_at > $17");
    for (size_t i = 0; i < AT_ONCE; i++)
        gx_bind_text(statement, (int)i + 1, i < count ? reaches[i].developer_id : NULL);
    gx_bind_int(statement, AT_ONCE + 1, now_ms - TOLD_MS);
    gx_step step;
    while ((step = gx_statement_step(statement)) == GX_STEP_ROW)
        if (!note_key(arena, reaches, count, statement)) {
            gx_statement_reset(statement);
            return false;
        }
    return step == GX_STEP_DONE;
}

bool gx_log_read_keys(gx_database *database, gx_arena *arena, gx_log_reach *reaches, size_t count, int64_t now_ms)
{
    for (size_t done = 0; done < count; done += AT_ONCE) {
        size_t some = count - done < AT_ONCE ? count - done : AT_ONCE;
        if (!read_some_keys(database, arena, reaches + done, some, now_ms))
            return false;
    }
    return true;
}
