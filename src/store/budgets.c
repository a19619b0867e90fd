#include "store/budgets.h"

#define COLUMNS                                                                                                        \
    "id, developer_id, grant_id, initial, remaining, currency, debits, created_at, updated_at, last_transaction,"      \
    " last_but_one"

static void read_row(gx_statement *statement, gx_arena *arena, void *out)
{
    *(gx_budget_row *)out = (gx_budget_row){
        .id = gx_arena_text(arena, gx_column_text(statement, 0)),
        .developer_id = gx_arena_text(arena, gx_column_text(statement, 1)),
        .grant_id = gx_arena_text(arena, gx_column_text(statement, 2)),
        .initial = gx_column_int(statement, 3),
        .remaining = gx_column_int(statement, 4),
        .currency = gx_arena_text(arena, gx_column_text(statement, 5)),
        .debits = gx_column_int(statement, 6),
        .created_at = gx_column_int(statement, 7),
        .updated_at = gx_column_int(statement, 8),
        .last_transaction = gx_arena_text(arena, gx_column_text(statement, 9)),
        .last_but_one = gx_arena_text(arena, gx_column_text(statement, 10)),
    };
}

static const gx_row_shape SHAPE = {sizeof(gx_budget_row), offsetof(gx_budget_row, next), read_row};

gx_step gx_budgets_insert(gx_database *database, const gx_budget_row *budget)
{
    static const char SQL[] = "INSERT INTO budgets (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,"
                              " $10, $11) ON CONFLICT (grant_id) DO NOTHING";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, budget->id);
    gx_bind_text(statement, 2, budget->developer_id);
    gx_bind_text(statement, 3, budget->grant_id);
    gx_bind_int(statement, 4, budget->initial);
    gx_bind_int(statement, 5, budget->remaining);
    gx_bind_text(statement, 6, budget->currency);
    gx_bind_int(statement, 7, budget->debits);
    gx_bind_int(statement, 8, budget->created_at);
    gx_bind_int(statement, 9, budget->updated_at);
    gx_bind_text(statement, 10, budget->last_transaction);
    gx_bind_text(statement, 11, budget->last_but_one);
    return gx_rows_changed(statement);
}

gx_step gx_budgets_find(gx_database *database, gx_arena *arena, const char *developer_id, const char *grant_id,
                        gx_budget_row *out)
{
    static const char SQL[] = "SELECT " COLUMNS " FROM budgets WHERE grant_id = $1 AND developer_id = $2";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, grant_id);
    gx_bind_text(statement, 2, developer_id);
    return gx_rows_one(statement, arena, &SHAPE, out);
}

/* Changed and then read: for RETURNING, SQLite makes a table of its own at every step. The row is taken by the change,
 * so nobody comes in between. */
gx_step gx_budgets_debit(gx_database *database, gx_arena *arena, const char *developer_id, const char *grant_id,
                         const char *transaction_id, int64_t amount, int64_t now_ms, gx_budget_row *after)
{
    static const char SQL[] = "UPDATE budgets SET remaining = remaining - $1, debits = debits + 1, updated_at = $2,"
                              " last_transaction = $5, last_but_one = last_transaction"
                              " WHERE grant_id = $3 AND developer_id = $4 AND remaining >= $1";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_int(statement, 1, amount);
    gx_bind_int(statement, 2, now_ms);
    gx_bind_text(statement, 3, grant_id);
    gx_bind_text(statement, 4, developer_id);
    gx_bind_text(statement, 5, transaction_id);
    gx_step taken = gx_rows_changed(statement);
    return taken == GX_STEP_ROW ? gx_budgets_find(database, arena, developer_id, grant_id, after) : taken;
}

bool gx_budgets_list(gx_database *database, gx_arena *arena, const char *developer_id, gx_paging paging,
                     const gx_budget_row **first)
{
    static const char SQL[] = "SELECT " COLUMNS " FROM budgets WHERE developer_id = $1"
                              " ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, developer_id);
    gx_bind_paging(statement, 2, paging);
    return gx_rows_page(statement, arena, &SHAPE, first);
}

bool gx_budgets_count(gx_database *database, const char *developer_id, int64_t *count)
{
    static const char SQL[] = "SELECT COUNT(*) FROM budgets WHERE developer_id = $1";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, developer_id);
    return gx_rows_count(statement, count);
}

gx_step gx_budget_crossings_insert(gx_database *database, const char *budget_id, int64_t percentage, int64_t now_ms)
{
    static const char SQL[] = "INSERT INTO budget_crossings (budget_id, percentage, crossed_at) VALUES ($1, $2, $3)"
                              " ON CONFLICT (budget_id, percentage) DO NOTHING";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, budget_id);
    gx_bind_int(statement, 2, percentage);
    gx_bind_int(statement, 3, now_ms);
    return gx_rows_changed(statement);
}

/* --- the ledger --- */

#define TRANSACTION_COLUMNS "id, budget_id, number, previous_id, amount, description, metadata, created_at"

bool gx_budget_transactions_insert(gx_database *database, const gx_budget_transaction_row *transaction)
{
    static const char SQL[] = "INSERT INTO budget_transactions (" TRANSACTION_COLUMNS ")"
                              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, transaction->id);
    gx_bind_text(statement, 2, transaction->budget_id);
    gx_bind_int(statement, 3, transaction->number);
    gx_bind_text(statement, 4, transaction->previous_id);
    gx_bind_int(statement, 5, transaction->amount);
    gx_bind_text(statement, 6, transaction->description);
    gx_bind_text(statement, 7, transaction->metadata);
    gx_bind_int(statement, 8, transaction->created_at);
    return gx_statement_run(statement);
}

static void read_transaction(gx_statement *statement, gx_arena *arena, void *out)
{
    *(gx_budget_transaction_row *)out = (gx_budget_transaction_row){
        .id = gx_arena_text(arena, gx_column_text(statement, 0)),
        .budget_id = gx_arena_text(arena, gx_column_text(statement, 1)),
        .number = gx_column_int(statement, 2),
        .previous_id = gx_arena_text(arena, gx_column_text(statement, 3)),
        .amount = gx_column_int(statement, 4),
        .description = gx_arena_text(arena, gx_column_text(statement, 5)),
        .metadata = gx_arena_text(arena, gx_column_text(statement, 6)),
        .created_at = gx_column_int(statement, 7),
    };
}

static const gx_row_shape TRANSACTION_SHAPE = {sizeof(gx_budget_transaction_row),
                                               offsetof(gx_budget_transaction_row, next), read_transaction};

/* Walks back from the nearest signpost that is not older than what is wanted; from the newest where there is none. */
bool gx_budget_transactions_list(gx_database *database, gx_arena *arena, const gx_budget_row *budget, int64_t newest,
                                 int64_t most, const gx_budget_transaction_row **first)
{
    static const char SQL[] =
        "WITH RECURSIVE walk (" TRANSACTION_COLUMNS ") AS ("
        "SELECT " TRANSACTION_COLUMNS " FROM budget_transactions WHERE id = COALESCE("
        "(SELECT id FROM budget_transactions WHERE budget_id = $1 AND number >= $2 AND number % 64 = 0"
        " ORDER BY number LIMIT 1), $4)"
        " UNION ALL SELECT t.id, t.budget_id, t.number, t.previous_id, t.amount, t.description, t.metadata,"
        " t.created_at FROM walk JOIN budget_transactions t ON t.id = walk.previous_id WHERE walk.number > $3"
        ") SELECT " TRANSACTION_COLUMNS " FROM walk WHERE number <= $2 ORDER BY number DESC";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, budget->id);
    gx_bind_int(statement, 2, newest);
    gx_bind_int(statement, 3, newest - most + 1);
    gx_bind_text(statement, 4, budget->last_transaction);
    return gx_rows_page(statement, arena, &TRANSACTION_SHAPE, first);
}
