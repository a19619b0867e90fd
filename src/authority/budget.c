#include "authority/budget.h"

#include "authority/events.h"
#include "authority/grant.h"
#include "authority/id.h"

/* --- a debit, from top to bottom --- */

/* What is told when so much of a budget is used: the contract's thresholds, ascending. */
static const int64_t PERCENTAGES[] = {50, 80, 100};

enum { PERCENTAGE_COUNT = sizeof PERCENTAGES / sizeof *PERCENTAGES, EXHAUSTED = 100 };

/* The balance after, and 402 when there is not enough: a debit larger than the remainder is refused whole. */
static bool take_off_balance(gx_act *act, const gx_budget_debit_request *in, const char *transaction_id,
                             gx_budget_row *after)
{
    gx_step taken = gx_budgets_debit(act->txn->database, act->arena, act->developer_id, in->grant_id, transaction_id,
                                     in->amount, act->txn->now_ms, after);
    if (taken == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    return taken == GX_STEP_ROW || gx_refuse(act->problem, 402, "INSUFFICIENT_BUDGET", "Insufficient budget");
}

static bool write_ledger(gx_act *act, const gx_budget_debit_request *in, const gx_budget_row *after)
{
    const gx_budget_transaction_row transaction = {
        .id = after->last_transaction,
        .budget_id = after->id,
        .number = after->debits,
        .previous_id = after->last_but_one,
        .amount = in->amount,
        .description = in->description,
        .metadata = in->metadata,
        .created_at = act->txn->now_ms,
    };
    return gx_budget_transactions_insert(act->txn->database, &transaction) || gx_act_store_failed(act);
}

/* Exactly 50 % counts. The products go beyond 64 bits for the largest budgets. */
static bool is_used_to(const gx_budget_row *budget, int64_t percentage)
{
    __int128 used = budget->initial - budget->remaining;
    return used * 100 >= (__int128)budget->initial * percentage;
}

/* Tells of one threshold, unless the store knows that it was crossed before. */
static bool tell_once(gx_act *act, const gx_grant_row *grant, const gx_budget_row *after, int64_t percentage)
{
    gx_step news = gx_budget_crossings_insert(act->txn->database, after->id, percentage, act->txn->now_ms);
    if (news == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    if (news == GX_STEP_DONE)
        return true;
    if (percentage == EXHAUSTED)
        return gx_append_budget_exhausted(act, grant, after);
    return gx_append_budget_threshold(act, grant, after, percentage);
}

static bool tell_crossings(gx_act *act, const gx_grant_row *grant, const gx_budget_row *after)
{
    for (size_t i = 0; i < PERCENTAGE_COUNT && is_used_to(after, PERCENTAGES[i]); i++)
        if (!tell_once(act, grant, after, PERCENTAGES[i]))
            return false;
    return true;
}

bool gx_budget_debit(gx_act *act, const gx_budget_debit_request *in, gx_budget_debit_result *out)
{
    gx_grant_row grant;
    gx_budget_row after;
    const char *id = gx_id_for(act, "btx_");
    if (id == NULL || !gx_grant_get_active(act, in->grant_id, &grant) || !take_off_balance(act, in, id, &after) ||
        !write_ledger(act, in, &after) || !tell_crossings(act, &grant, &after))
        return false;
    *out = (gx_budget_debit_result){.transaction_id = id, .remaining = after.remaining};
    return true;
}

/* --- allocation --- */

bool gx_budget_allocate(gx_act *act, const gx_budget_allocate_request *in, gx_budget_row *out)
{
    gx_grant_row grant;
    if (!gx_grant_get_active(act, in->grant_id, &grant))
        return false;
    const gx_budget_row budget = {
        .id = gx_id_for(act, "bdg_"),
        .developer_id = grant.developer_id,
        .grant_id = grant.id,
        .initial = in->initial,
        .remaining = in->initial,
        .currency = in->currency,
        .created_at = act->txn->now_ms,
        .updated_at = act->txn->now_ms,
    };
    if (budget.id == NULL)
        return false;
    gx_step inserted = gx_budgets_insert(act->txn->database, &budget);
    if (inserted == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    if (inserted == GX_STEP_DONE)
        return gx_refuse(act->problem, 409, "CONFLICT", "Grant already has a budget");
    *out = budget;
    return true;
}

/* --- reading --- */

bool gx_budget_get(gx_act *act, const char *grant_id, gx_budget_row *out)
{
    gx_step found = gx_budgets_find(act->txn->database, act->arena, act->developer_id, grant_id, out);
    if (found == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    return found == GX_STEP_ROW || gx_refuse(act->problem, 404, "NOT_FOUND", "Grant has no budget");
}

bool gx_budget_list_page(gx_act *act, gx_paging paging, gx_budget_list *out)
{
    gx_database *database = act->txn->database;
    return (gx_budgets_count(database, act->developer_id, &out->total) &&
            gx_budgets_list(database, act->arena, act->developer_id, paging, &out->first)) ||
           gx_act_store_failed(act);
}

bool gx_budget_list_transactions(gx_act *act, const char *grant_id, gx_paging paging, gx_budget_transaction_list *out)
{
    gx_budget_row budget;
    gx_budget_transaction_list list = {0};
    gx_step found = gx_budgets_find(act->txn->database, act->arena, act->developer_id, grant_id, &budget);
    /* Debits are numbered without holes, so a page is a range of numbers. */
    if (found == GX_STEP_ROW) {
        int64_t newest = budget.debits - gx_paging_skip(paging);
        list.total = budget.debits;
        if (!gx_budget_transactions_list(act->txn->database, act->arena, &budget, newest, paging.size, &list.first))
            found = GX_STEP_ERROR;
    }
    if (found == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    *out = list;
    return true;
}
