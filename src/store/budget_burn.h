/* How fast budgets are being used up: what the newest debits of each add up to. Amounts are ten-thousandths. */
#ifndef GX_STORE_BUDGET_BURN_H
#define GX_STORE_BUDGET_BURN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/rows.h"

typedef struct gx_budget_burn_row gx_budget_burn_row;
struct gx_budget_burn_row {
    const char *budget_id;
    const char *grant_id;
    const char *agent_id;
    const char *agent_name;
    const char *principal_id;
    const char *currency;
    int64_t initial;
    int64_t remaining;
    int64_t debits;     /* of its whole life */
    int64_t created_at; /* of the budget */
    int64_t counted;    /* the newest so many debits */
    int64_t spent;      /* add up to this much */
    int64_t oldest_at;  /* and the first of them came then; 0 when none is counted */
    bool cut;           /* there may be more of them in the time asked for than were counted */
    gx_budget_burn_row *next;
};

/* The question: of whom, of when, and how much work may go into it. */
typedef struct gx_budget_burn_query {
    const char *developer_id;
    int64_t now_ms;       /* of the grants that are active then */
    int64_t since_ms;     /* only debits from then on are counted */
    int64_t most_budgets; /* first those with such debits, then the others; each by how much of it is used */
    int64_t most_debits;  /* counted in all, shared evenly by the budgets that have such debits */
} gx_budget_burn_query;

bool gx_budget_burn_list(gx_database *database, gx_arena *arena, const gx_budget_burn_query *query,
                         const gx_budget_burn_row **first);

#endif
