#include "store/erasure.h"

#include <stdio.h>
#include <string.h>

#include "store/driver.h"
#include "store/rows.h"

/* $1 is the developer. Where an index leads to the rows, a step removes some of them and comes again until there are
 * none. Where none does (of the tokens, say, which nobody lists), it looks through a slice of the whole table: `slice`
 * tells where the one after $1 ends, and `remove` is asked for what lies behind $2, up to $3. */
typedef struct erased_table {
    const char *slice; /* NULL: there is an index */
    const char *remove;
} erased_table;

#define LISTED    "128"
#define SLICE     "1000"
#define BEFORE    "0" /* every id and every time comes behind it */
#define AFTER(id) id " > $2 AND " id " <= $3"

/* In this order: a row goes after those that are found by it. The webhooks come first, for they still deliver; the
 * grants before the events, for a principal may still revoke one. */
static const erased_table TABLES[] = {
    {NULL, "DELETE FROM webhook_deliveries WHERE id IN (SELECT d.id FROM webhooks w JOIN webhook_deliveries d"
           " ON d.webhook_id = w.id WHERE w.developer_id = $1 LIMIT " LISTED ")"},
    {NULL, "DELETE FROM webhooks WHERE id IN (SELECT id FROM webhooks WHERE developer_id = $1 LIMIT " LISTED ")"},
    {"SELECT MAX(id) FROM (SELECT id FROM auth_requests WHERE id > $1 ORDER BY id LIMIT " SLICE ") s",
     "DELETE FROM auth_requests WHERE developer_id = $1 AND " AFTER("id")},
    {"SELECT MAX(id) FROM (SELECT id FROM budget_transactions WHERE id > $1 ORDER BY id LIMIT " SLICE ") s",
     "DELETE FROM budget_transactions WHERE EXISTS (SELECT 1 FROM budgets b"
     " WHERE b.id = budget_transactions.budget_id AND b.developer_id = $1) AND " AFTER("id")},
    {NULL, "DELETE FROM budget_crossings WHERE budget_id IN (SELECT b.id FROM budgets b JOIN budget_crossings c"
           " ON c.budget_id = b.id WHERE b.developer_id = $1 LIMIT " LISTED ")"},
    {NULL, "DELETE FROM budgets WHERE id IN (SELECT id FROM budgets WHERE developer_id = $1 LIMIT " LISTED ")"},
    {"SELECT MAX(id) FROM (SELECT id FROM tokens WHERE id > $1 ORDER BY id LIMIT " SLICE ") s",
     "DELETE FROM tokens WHERE developer_id = $1 AND " AFTER("id")},
    {"SELECT CAST(MAX(created_at) AS TEXT) FROM (SELECT created_at FROM refresh_tokens"
     " WHERE created_at > CAST($1 AS BIGINT) ORDER BY created_at LIMIT " SLICE ") s",
     "DELETE FROM refresh_tokens WHERE developer_id = $1"
     " AND created_at > CAST($2 AS BIGINT) AND created_at <= CAST($3 AS BIGINT)"},
    {NULL, "DELETE FROM grants WHERE id IN (SELECT id FROM grants WHERE developer_id = $1 LIMIT " LISTED ")"},
    {NULL, "DELETE FROM agents WHERE id IN (SELECT id FROM agents WHERE developer_id = $1 LIMIT " LISTED ")"},
    {NULL, "DELETE FROM api_keys WHERE id IN (SELECT id FROM api_keys WHERE developer_id = $1 LIMIT " LISTED ")"},
    {NULL, "DELETE FROM stream_tickets WHERE developer_id = $1"},   /* of half a minute */
    {NULL, "DELETE FROM browser_sessions WHERE developer_id = $1"}, /* of half a day */
    {NULL, "DELETE FROM audit_entries WHERE developer_id = $1 AND number IN"
           " (SELECT number FROM audit_entries WHERE developer_id = $1 ORDER BY number LIMIT " LISTED ")"},
    {NULL, "DELETE FROM idempotency_keys WHERE developer_id = $1 AND key_hash IN"
           " (SELECT key_hash FROM idempotency_keys WHERE developer_id = $1 LIMIT " LISTED ")"},
    {NULL, "DELETE FROM trimmed_events WHERE developer_id = $1 AND block IN"
           " (SELECT block FROM trimmed_events WHERE developer_id = $1 ORDER BY block LIMIT " LISTED ")"},
    {NULL, "DELETE FROM events WHERE developer_id = $1 AND seq IN"
           " (SELECT seq FROM events WHERE developer_id = $1 ORDER BY seq LIMIT " LISTED ")"},
    {NULL, "DELETE FROM developers WHERE id = $1"},
};

enum { TABLE_COUNT = sizeof TABLES / sizeof *TABLES };

static void begin_table(gx_erasure *at, size_t table)
{
    at->table = table;
    strcpy(at->position, BEFORE);
}

/* A text of the one row, if it gives one that is not NULL. */
static gx_step read_text(gx_statement *statement, char out[static GX_ID_SIZE])
{
    gx_step step = gx_statement_step(statement);
    if (step == GX_STEP_ROW) {
        gx_span text = gx_column_span(statement, 0);
        if (text.len == 0)
            step = GX_STEP_DONE;
        else if (text.len < GX_ID_SIZE)
            snprintf(out, GX_ID_SIZE, "%.*s", (int)text.len, text.ptr);
        else
            step = GX_STEP_ERROR;
    }
    gx_statement_reset(statement);
    return step;
}

gx_log_lookup gx_erasure_next(gx_database *database, gx_erasure *out)
{
    gx_erasure next;
    begin_table(&next, 0);
    gx_step step =
        read_text(gx_query(database, "SELECT id FROM developers WHERE deleted_at IS NOT NULL ORDER BY id LIMIT 1"),
                  next.developer_id);
    if (step == GX_STEP_ROW)
        *out = next;
    return step == GX_STEP_ROW ? GX_LOG_FOUND : step == GX_STEP_DONE ? GX_LOG_NOT_FOUND : GX_LOG_ERROR;
}

/* As every call that writes takes it, first of all; DONE when another server has erased the last of it. */
static gx_step take_developer(gx_database *database, const char *developer_id)
{
    char id[GX_ID_SIZE];
    gx_statement *statement =
        gx_query(database, "SELECT id FROM developers WHERE id = $1 AND deleted_at IS NOT NULL /* for update */");
    gx_bind_text(statement, 1, developer_id);
    return read_text(statement, id);
}

static bool erase_listed(gx_database *database, const erased_table *table, gx_erasure *at)
{
    gx_statement *statement = gx_query(database, table->remove);
    gx_bind_text(statement, 1, at->developer_id);
    gx_step step = gx_rows_changed(statement);
    if (step == GX_STEP_DONE)
        begin_table(at, at->table + 1);
    return step != GX_STEP_ERROR;
}

static bool erase_slice(gx_database *database, const erased_table *table, gx_erasure *at)
{
    char end[GX_ID_SIZE];
    gx_statement *slice = gx_query(database, table->slice);
    gx_bind_text(slice, 1, at->position);
    gx_step step = read_text(slice, end);
    if (step == GX_STEP_DONE)
        begin_table(at, at->table + 1);
    if (step != GX_STEP_ROW)
        return step == GX_STEP_DONE;
    gx_statement *statement = gx_query(database, table->remove);
    gx_bind_text(statement, 1, at->developer_id);
    gx_bind_text(statement, 2, at->position);
    gx_bind_text(statement, 3, end);
    memcpy(at->position, end, sizeof end);
    return gx_statement_run(statement);
}

bool gx_erase(gx_txn *txn, const gx_erasure *from, gx_erasure *to, bool *done)
{
    gx_erasure at = *from;
    gx_step developer = take_developer(txn->database, at.developer_id);
    if (developer == GX_STEP_ERROR)
        return false;
    *done = developer == GX_STEP_DONE || at.table == TABLE_COUNT;
    if (!*done) {
        const erased_table *table = &TABLES[at.table];
        if (!(table->slice ? erase_slice : erase_listed)(txn->database, table, &at))
            return false;
    }
    *to = at;
    return true;
}
