#include "authority/budget_burn.h"

#include <stdlib.h>
#include <string.h>

#include "base/money.h"

#define MINUTE_MS   INT64_C(60000)
#define MOST_DEBITS 16384 /* that are read for one answer: some 50 ms of a reading lane */
#define MOST_WAIT   (INT64_C(100) * 365 * 24 * 60 * 60)

static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

/* What `spent` was spent in. A budget younger than the window is measured by its age, or one that has just begun to
 * burn would seem to burn slowly; but by a minute at least, so that one debit is no rate. Where the window holds more
 * debits than are read, by the time in which those came; the debits of one commit share their time, hence the second.
 */
static int64_t measured_ms(const gx_budget_burn_row *budget, int64_t now_ms)
{
    const int64_t window_ms = GX_BURN_WINDOW_SECONDS * INT64_C(1000);
    if (budget->cut)
        return clamp(now_ms - budget->oldest_at, 1000, window_ms);
    return clamp(now_ms - budget->created_at, MINUTE_MS, window_ms);
}

/* The products go beyond 64 bits for the largest budgets. */
gx_budget_burn gx_budget_burn_of(const gx_budget_burn_row *budget, int64_t now_ms)
{
    const __int128 used = budget->initial - budget->remaining, spent = budget->spent;
    const int64_t ms = measured_ms(budget, now_ms);
    gx_budget_burn burn = {
        .budget = budget, .used_percent = (int64_t)(used * 100 / budget->initial), .empty_in_seconds = -1};
    if (spent <= 0)
        return burn;
    const __int128 rate = spent * MINUTE_MS / ms, wait = (__int128)budget->remaining * ms / (spent * 1000);
    burn.spent_per_minute = (int64_t)(rate < GX_MONEY_MAX ? rate : GX_MONEY_MAX);
    burn.empty_in_seconds = (int64_t)(wait < MOST_WAIT ? wait : MOST_WAIT);
    return burn;
}

static int compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int by_end(const void *left, const void *right)
{
    const gx_budget_burn *a = left, *b = right;
    bool a_burns = a->empty_in_seconds >= 0, b_burns = b->empty_in_seconds >= 0;
    int order = compare(b_burns, a_burns);
    order = order ? order : compare(a->empty_in_seconds, b->empty_in_seconds);
    order = order ? order : compare(b->used_percent, a->used_percent);
    return order ? order : strcmp(a->budget->budget_id, b->budget->budget_id);
}

static int64_t count_rows(const gx_budget_burn_row *row)
{
    int64_t count = 0;
    for (; row != NULL; row = row->next)
        count++;
    return count;
}

bool gx_budget_burn_first(gx_act *act, int64_t limit, gx_budget_burn_list_result *out)
{
    const int64_t now = act->txn->now_ms;
    const gx_budget_burn_query query = {.developer_id = act->developer_id,
                                        .now_ms = now,
                                        .since_ms = now - GX_BURN_WINDOW_SECONDS * INT64_C(1000),
                                        .most_budgets = GX_BURN_MOST,
                                        .most_debits = MOST_DEBITS};
    const gx_budget_burn_row *rows;
    if (!gx_budget_burn_list(act->txn->database, act->arena, &query, &rows))
        return gx_act_store_failed(act);
    int64_t count = count_rows(rows);
    gx_budget_burn *items = gx_arena_alloc(act->arena, (size_t)(count + 1) * sizeof *items);
    if (items == NULL)
        return gx_act_no_memory(act);
    for (int64_t i = 0; i < count; i++, rows = rows->next)
        items[i] = gx_budget_burn_of(rows, now);
    qsort(items, (size_t)count, sizeof *items, by_end);
    *out = (gx_budget_burn_list_result){.as_of = now, .items = items, .count = count < limit ? count : limit};
    return true;
}
