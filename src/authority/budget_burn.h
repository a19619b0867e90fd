/* Which budgets will be empty first: the rate of each over the last minutes, and how long what is left lasts at it. */
#ifndef GX_AUTHORITY_BUDGET_BURN_H
#define GX_AUTHORITY_BUDGET_BURN_H

#include "authority/act.h"
#include "store/budget_burn.h"

#define GX_BURN_WINDOW_SECONDS 300
#define GX_BURN_MOST           500 /* budgets in an answer */

typedef struct gx_budget_burn {
    const gx_budget_burn_row *budget;
    int64_t used_percent;     /* 100 only when nothing is left */
    int64_t spent_per_minute; /* ten-thousandths */
    int64_t empty_in_seconds; /* -1: nothing was spent in the window; never more than a hundred years */
} gx_budget_burn;

typedef struct gx_budget_burn_list_result {
    int64_t as_of;
    const gx_budget_burn *items; /* first empty first, then those that nobody uses, most used first */
    int64_t count;
} gx_budget_burn_list_result;

/* One budget, from what the store counted. */
gx_budget_burn gx_budget_burn_of(const gx_budget_burn_row *budget, int64_t now_ms);

/* The budgets of the developer's active grants, at most `limit` (1 to GX_BURN_MOST). */
bool gx_budget_burn_first(gx_act *act, int64_t limit, gx_budget_burn_list_result *out);

#endif
