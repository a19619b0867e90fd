#include "store/budgets.h"

#define COLUMNS "id, developer_id, grant_id, initial, remaining, currency, debits, created_at, updated_at"

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
    };
}

static const gx_row_shape SHAPE = {sizeof(gx_budget_row), offsetof(gx_budget_row, next), read_row};

gx_step gx_budgets_insert(gx_database *database, const gx_budget_row *budget)
{
    static const char SQL[] = "INSERT INTO budgets (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
                              " ON CONFLICT (grant_id) DO NOTHING";
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

gx_step gx_budgets_debit(gx_database *database, gx_arena *arena, const char *developer_id, const char *grant_id,
                         int64_t amount, int64_t now_ms, gx_budget_row *after)
{
    static const char SQL[] = "UPDATE budgets SET remaining = remaining - $1, debits = debits + 1, updated_at = $2"
                              " WHERE grant_id = $3 AND developer_id = $4 AND remaining >= $1 RETURNING " COLUMNS;
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_int(statement, 1, amount);
    gx_bind_int(statement, 2, now_ms);
    gx_bind_text(statement, 3, grant_id);
    gx_bind_text(statement, 4, developer_id);
    return gx_rows_one(statement, arena, &SHAPE, after);
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

bool gx_budget_transactions_insert(gx_database *database, const gx_budget_transaction_row *transaction)
{
    static const char SQL[] = "INSERT INTO budget_transactions (budget_id, number, id, amount, description, metadata,"
                              " created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, transaction->budget_id);
    gx_bind_int(statement, 2, transaction->number);
    gx_bind_text(statement, 3, transaction->id);
    gx_bind_int(statement, 4, transaction->amount);
    gx_bind_text(statement, 5, transaction->description);
    gx_bind_text(statement, 6, transaction->metadata);
    gx_bind_int(statement, 7, transaction->created_at);
    return gx_statement_run(statement);
}

static void read_transaction(gx_statement *statement, gx_arena *arena, void *out)
{
    *(gx_budget_transaction_row *)out = (gx_budget_transaction_row){
        .budget_id = gx_arena_text(arena, gx_column_text(statement, 0)),
        .number = gx_column_int(statement, 1),
        .id = gx_arena_text(arena, gx_column_text(statement, 2)),
        .amount = gx_column_int(statement, 3),
        .description = gx_arena_text(arena, gx_column_text(statement, 4)),
        .metadata = gx_arena_text(arena, gx_column_text(statement, 5)),
        .created_at = gx_column_int(statement, 6),
    };
}

static const gx_row_shape TRANSACTION_SHAPE = {sizeof(gx_budget_transaction_row),
                                               offsetof(gx_budget_transaction_row, next), read_transaction};

bool gx_budget_transactions_list(gx_database *database, gx_arena *arena, const char *budget_id, int64_t newest,
                                 int64_t most, const gx_budget_transaction_row **first)
{
    static const char SQL[] = "SELECT budget_id, number, id, amount, description, metadata, created_at"
                              " FROM budget_transactions WHERE budget_id = $1 AND number <= $2"
                              " ORDER BY number DESC LIMIT $3";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, budget_id);
    gx_bind_int(statement, 2, newest);
    gx_bind_int(statement, 3, most);
    return gx_rows_page(statement, arena, &TRANSACTION_SHAPE, first);
}
