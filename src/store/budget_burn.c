#include "store/budget_burn.h"

static void read_row(gx_statement *statement, gx_arena *arena, void *out)
{
    *(gx_budget_burn_row *)out = (gx_budget_burn_row){
        .budget_id = gx_arena_text(arena, gx_column_text(statement, 0)),
        .grant_id = gx_arena_text(arena, gx_column_text(statement, 1)),
        .agent_id = gx_arena_text(arena, gx_column_text(statement, 2)),
        .agent_name = gx_arena_text(arena, gx_column_text(statement, 3)),
        .principal_id = gx_arena_text(arena, gx_column_text(statement, 4)),
        .currency = gx_arena_text(arena, gx_column_text(statement, 5)),
        .initial = gx_column_int(statement, 6),
        .remaining = gx_column_int(statement, 7),
        .debits = gx_column_int(statement, 8),
        .created_at = gx_column_int(statement, 9),
        .counted = gx_column_int(statement, 10),
        .spent = gx_column_int(statement, 11),
        .oldest_at = gx_column_int(statement, 12),
        .cut = gx_column_int(statement, 13) != 0,
    };
}

static const gx_row_shape SHAPE = {sizeof(gx_budget_burn_row), offsetof(gx_budget_burn_row, next), read_row};

/* Debits that are counted for each budget. */
#define SHARE "(SELECT $5 / (COUNT(*) + 1) FROM candidates WHERE burns = 1)"

/* Each budget's ledger is walked from its newest row back (the rows of a budget lie apart, and only every 64th is
 * indexed). How much is used is judged in thousandths here: the products of the largest amounts have no room in 64
 * bits. Whoever orders them for a reader does it exactly. */
bool gx_budget_burn_list(gx_database *database, gx_arena *arena, const gx_budget_burn_query *query,
                         const gx_budget_burn_row **first)
{
    static const char SQL[] =
        "WITH RECURSIVE candidates AS MATERIALIZED ("
        "SELECT b.id, b.grant_id, g.agent_id, g.principal_id, b.currency, b.initial, b.remaining, b.debits,"
        " b.created_at, b.last_transaction, CASE WHEN b.updated_at >= $3 AND b.debits > 0 THEN 1 ELSE 0 END AS burns"
        " FROM budgets b JOIN grants g ON g.id = b.grant_id"
        " WHERE b.developer_id = $1 AND g.status = 'active' AND g.expires_at > $2"
        " ORDER BY burns DESC, b.remaining / ((b.initial + 999) / 1000), b.id LIMIT $4),"
        " walk (budget_id, previous_id, amount, created_at, steps) AS ("
        "SELECT c.id, t.previous_id, t.amount, t.created_at, 1"
        " FROM candidates c JOIN budget_transactions t ON t.id = c.last_transaction"
        " WHERE c.burns = 1 AND t.created_at >= $3"
        " UNION ALL SELECT w.budget_id, t.previous_id, t.amount, t.created_at, w.steps + 1"
        " FROM walk w JOIN budget_transactions t ON t.id = w.previous_id"
        " WHERE t.created_at >= $3 AND w.steps < " SHARE "),"
        " sums AS MATERIALIZED (SELECT budget_id, COUNT(*) AS counted, CAST(SUM(amount) AS BIGINT) AS spent,"
        " MIN(created_at) AS oldest_at FROM walk GROUP BY budget_id)"
        " SELECT c.id, c.grant_id, c.agent_id, (SELECT name FROM agents WHERE agents.id = c.agent_id),"
        " c.principal_id, c.currency, c.initial, c.remaining, c.debits, c.created_at, COALESCE(s.counted, 0),"
        " COALESCE(s.spent, 0), COALESCE(s.oldest_at, 0),"
        " CASE WHEN s.counted >= " SHARE " AND s.counted < c.debits THEN 1 ELSE 0 END"
        " FROM candidates c LEFT JOIN sums s ON s.budget_id = c.id";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, query->developer_id);
    gx_bind_int(statement, 2, query->now_ms);
    gx_bind_int(statement, 3, query->since_ms);
    gx_bind_int(statement, 4, query->most_budgets);
    gx_bind_int(statement, 5, query->most_debits);
    return gx_rows_all(statement, arena, &SHAPE, first);
}
