#include "calls.h"

DEFINE_RESULT(budget)
DEFINE_LIST(budget_list)
DEFINE_RESULT(debit)
DEFINE_LIST(transaction_list)

static grantex_status budgets_allocate(grantex_client *client, const call_arguments *in, call_result *out,
                                       grantex_error *error)
{
    grantex_budget *budget = NULL;
    grantex_budget_request request = {.grant_id = in->text[0], .initial = in->number[0], .currency = in->text[1]};
    return give_budget(grantex_budgets_allocate(client, &request, &budget, error), out, &budget);
}

static grantex_status budgets_balance(grantex_client *client, const call_arguments *in, call_result *out,
                                      grantex_error *error)
{
    grantex_budget *budget = NULL;
    return give_budget(grantex_budgets_balance(client, in->text[0], &budget, error), out, &budget);
}

static grantex_status budgets_debit(grantex_client *client, const call_arguments *in, call_result *out,
                                    grantex_error *error)
{
    grantex_debit *debit = NULL;
    grantex_debit_request request = {
        .grant_id = in->text[0],
        .amount = in->number[0],
        .description = in->text[1],
        .metadata_json = in->text[2],
        .idempotency_key = in->text[3],
    };
    return give_debit(grantex_budgets_debit(client, &request, &debit, error), out, &debit);
}

static grantex_status budgets_list(grantex_client *client, const call_arguments *in, call_result *out,
                                   grantex_error *error)
{
    (void)in;
    grantex_budget_list *list = NULL;
    return give_budget_list(grantex_budgets_list(client, &list, error), out, &list);
}

static grantex_status budgets_transactions(grantex_client *client, const call_arguments *in, call_result *out,
                                           grantex_error *error)
{
    grantex_transaction_list *list = NULL;
    return give_transaction_list(grantex_budgets_transactions(client, in->text[0], &list, error), out, &list);
}

const call_row budget_calls[] = {
    {"budgets.allocate", "sis", budgets_allocate},       {"budgets.balance", "s", budgets_balance},
    {"budgets.debit", "sisss", budgets_debit},           {"budgets.list", "", budgets_list},
    {"budgets.transactions", "s", budgets_transactions}, {NULL, NULL, NULL},
};
