/* The tables budgets (a grant's allocation), budget_transactions (its ledger) and budget_crossings (which thresholds it
 * has passed). Amounts are ten-thousandths. */
#ifndef GX_STORE_BUDGETS_H
#define GX_STORE_BUDGETS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/rows.h"

typedef struct gx_budget_row gx_budget_row;
struct gx_budget_row {
    const char *id;
    const char *developer_id;
    const char *grant_id;
    int64_t initial;
    int64_t remaining;
    const char *currency;
    int64_t debits; /* how many there were */
    int64_t created_at;
    int64_t updated_at;
    const char *last_transaction; /* or NULL */
    const char *last_but_one;     /* or NULL */
    gx_budget_row *next;          /* in a list */
};

typedef struct gx_budget_transaction_row gx_budget_transaction_row;
struct gx_budget_transaction_row {
    const char *id;
    const char *budget_id;
    int64_t number;          /* 1, 2, 3 … within the budget */
    const char *previous_id; /* of the one before it in the budget, or NULL */
    int64_t amount;
    const char *description; /* or NULL */
    const char *metadata;    /* JSON object */
    int64_t created_at;
    gx_budget_transaction_row *next; /* in a list */
};

/* ROW when it is there now, DONE when the grant had one already. */
gx_step gx_budgets_insert(gx_database *database, const gx_budget_row *budget);

/* Finds: ROW and *out, DONE when the developer's grant has none, ERROR on a fault or when memory ran out. */
gx_step gx_budgets_find(gx_database *database, gx_arena *arena, const char *developer_id, const char *grant_id,
                        gx_budget_row *out);

/* Takes `amount` off the balance if that much is left, by the transaction that is to be written next: ROW and *after,
 * or DONE when it is not or there is no budget. */
gx_step gx_budgets_debit(gx_database *database, gx_arena *arena, const char *developer_id, const char *grant_id,
                         const char *transaction_id, int64_t amount, int64_t now_ms, gx_budget_row *after);

/* The developer's budgets, newest first. */
bool gx_budgets_list(gx_database *database, gx_arena *arena, const char *developer_id, gx_paging paging,
                     const gx_budget_row **first);

bool gx_budgets_count(gx_database *database, const char *developer_id, int64_t *count);

/* Writes down that the budget crossed `percentage`: ROW when that is news, DONE when it had crossed it before. */
gx_step gx_budget_crossings_insert(gx_database *database, const char *budget_id, int64_t percentage, int64_t now_ms);

bool gx_budget_transactions_insert(gx_database *database, const gx_budget_transaction_row *transaction);

/* Those with number <= newest, newest first, at most `most`. */
bool gx_budget_transactions_list(gx_database *database, gx_arena *arena, const gx_budget_row *budget, int64_t newest,
                                 int64_t most, const gx_budget_transaction_row **first);

#endif
