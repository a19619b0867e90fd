/* How far several logs go, and under which key: a handful of developers to a query. */
#include <stdio.h>
#include <string.h>

#include "store/log.h"

#define AT_ONCE 16

static void note(gx_log_reach *reaches, size_t count, gx_statement *row)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(reaches[i].developer_id, gx_column_text(row, 0)) != 0)
            continue;
        reaches[i].found = true;
        reaches[i].last_seq = gx_column_int(row, 1);
        snprintf(reaches[i].key_hash, sizeof reaches[i].key_hash, "%s", gx_column_text(row, 2));
    }
}

static bool read_some(gx_database *database, gx_log_reach *reaches, size_t count)
{
    gx_statement *statement =
        gx_query(database, "SELECT id, last_seq, key_hash FROM developers WHERE deleted_at IS NULL AND id IN "
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
