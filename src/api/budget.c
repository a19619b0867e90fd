/* POST /v1/budget/allocate and /debit, GET /v1/budget/balance/:grantId, /allocations, /transactions/:grantId. Amounts
 * go out as strings with four decimals: existing SDKs decode nothing else. */
#include "authority/budget.h"
#include "api/input.h"
#include "api/nouns.h"
#include "api/page.h"

enum {
    MOST_CURRENCY = 16,
    MOST_DESCRIPTION = 1024,
    MOST_TRANSACTIONS = 200,
    USUAL_TRANSACTIONS = 50,
};

typedef struct budget_args { /* allocate, balance */
    gx_budget_allocate_request in;
    gx_budget_row out;
} budget_args;

typedef struct debit_args {
    gx_budget_debit_request in;
    gx_budget_debit_result out;
} debit_args;

typedef struct list_args {
    gx_paging paging;
    gx_budget_list out;
} list_args;

typedef struct transactions_args {
    const char *grant_id;
    gx_paging paging;
    gx_budget_transaction_list out;
} transactions_args;

/* --- allocate, balance, allocations --- */

static bool parse_allocate(gx_call *call)
{
    gx_budget_allocate_request *in = &((budget_args *)call->args)->in;
    if (!gx_input_text(call, "grantId", GX_REQUIRED, 1, 256, &in->grant_id) ||
        !gx_input_amount(call, "initialBudget", &in->initial) ||
        !gx_input_trimmed(call, "currency", GX_OPTIONAL, 1, MOST_CURRENCY, &in->currency))
        return false;
    if (in->currency == NULL)
        in->currency = "USD";
    return true;
}

static bool run_allocate(gx_call *call, gx_act *act)
{
    budget_args *args = call->args;
    return gx_budget_allocate(act, &args->in, &args->out);
}

static bool parse_balance(gx_call *call)
{
    budget_args *args = call->args;
    return gx_input_param(call, &args->in.grant_id);
}

static bool run_balance(gx_call *call, gx_act *act)
{
    budget_args *args = call->args;
    return gx_budget_get(act, args->in.grant_id, &args->out);
}

static void write_budget(gx_json *json, const gx_budget_row *budget)
{
    gx_json_open_object(json, NULL);
    gx_json_text(json, "id", budget->id);
    gx_json_text(json, "grantId", budget->grant_id);
    gx_json_text(json, "developerId", budget->developer_id);
    gx_json_money_string(json, "initialBudget", budget->initial);
    gx_json_money_string(json, "remainingBudget", budget->remaining);
    gx_json_text(json, "currency", budget->currency);
    gx_json_time(json, "createdAt", budget->created_at);
    gx_json_time(json, "updatedAt", budget->updated_at);
    gx_json_close_object(json);
}

static void render_budget(const gx_call *call, gx_answer *answer)
{
    const budget_args *args = call->args;
    gx_json json = gx_json_on(&answer->body);
    write_budget(&json, &args->out);
}

static bool parse_list(gx_call *call)
{
    list_args *args = call->args;
    return gx_page_parse(call, GX_MOST_ON_PAGE, GX_MOST_ON_PAGE, &args->paging);
}

static bool run_list(gx_call *call, gx_act *act)
{
    list_args *args = call->args;
    return gx_budget_list_page(act, args->paging, &args->out);
}

static void render_list(const gx_call *call, gx_answer *answer)
{
    const list_args *args = call->args;
    gx_json json = gx_page_open(answer, "allocations");
    for (const gx_budget_row *row = args->out.first; row != NULL; row = row->next)
        write_budget(&json, row);
    gx_page_close(&json, args->paging, args->out.total);
}

/* --- debit --- */

static bool parse_debit(gx_call *call)
{
    gx_budget_debit_request *in = &((debit_args *)call->args)->in;
    return gx_input_text(call, "grantId", GX_REQUIRED, 1, 256, &in->grant_id) &&
           gx_input_amount(call, "amount", &in->amount) &&
           gx_input_text(call, "description", GX_OPTIONAL, 0, MOST_DESCRIPTION, &in->description) &&
           gx_input_object(call, "metadata", &in->metadata);
}

static bool run_debit(gx_call *call, gx_act *act)
{
    debit_args *args = call->args;
    return gx_budget_debit(act, &args->in, &args->out);
}

static void render_debit(const gx_call *call, gx_answer *answer)
{
    const debit_args *args = call->args;
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    gx_json_money_string(&json, "remaining", args->out.remaining);
    gx_json_text(&json, "transactionId", args->out.transaction_id);
    gx_json_text(&json, "grantId", args->in.grant_id);
    gx_json_close_object(&json);
}

/* --- transactions --- */

static bool parse_transactions(gx_call *call)
{
    transactions_args *args = call->args;
    return gx_input_param(call, &args->grant_id) &&
           gx_page_parse(call, USUAL_TRANSACTIONS, MOST_TRANSACTIONS, &args->paging);
}

static bool run_transactions(gx_call *call, gx_act *act)
{
    transactions_args *args = call->args;
    return gx_budget_list_transactions(act, args->grant_id, args->paging, &args->out);
}

static void write_transaction(gx_json *json, const char *grant_id, const gx_budget_transaction_row *transaction)
{
    gx_json_open_object(json, NULL);
    gx_json_text(json, "id", transaction->id);
    gx_json_text(json, "grantId", grant_id);
    gx_json_text(json, "allocationId", transaction->budget_id);
    gx_json_money_string(json, "amount", transaction->amount);
    gx_json_text(json, "description", transaction->description);
    gx_json_raw(json, "metadata", gx_span_of(transaction->metadata));
    gx_json_time(json, "createdAt", transaction->created_at);
    gx_json_close_object(json);
}

static void render_transactions(const gx_call *call, gx_answer *answer)
{
    const transactions_args *args = call->args;
    gx_json json = gx_page_open(answer, "transactions");
    for (const gx_budget_transaction_row *row = args->out.first; row != NULL; row = row->next)
        write_transaction(&json, args->grant_id, row);
    gx_page_close(&json, args->paging, args->out.total);
}

static const gx_endpoint ROWS[] = {
    {
        .method = "POST",
        .path = "/v1/budget/allocate",
        .access = GX_KEY_GRANTS_WRITE,
        .work = GX_WORK_WRITE,
        .body = GX_BODY_JSON_OBJECT,
        .args_size = sizeof(budget_args),
        .rate = GX_RATE_BUDGET_ALLOCATE,
        .success = 201,
        .parse = parse_allocate,
        .run = run_allocate,
        .render = render_budget,
    },
    {
        .method = "POST",
        .path = "/v1/budget/debit",
        .access = GX_KEY_GRANTS_WRITE,
        .work = GX_WORK_WRITE,
        .body = GX_BODY_JSON_OBJECT,
        .args_size = sizeof(debit_args),
        .rate = GX_RATE_BUDGET_DEBIT,
        .success = 200,
        .parse = parse_debit,
        .run = run_debit,
        .render = render_debit,
    },
    {
        .method = "GET",
        .path = "/v1/budget/balance/:id",
        .access = GX_KEY_LOOKS,
        .work = GX_WORK_READ,
        .args_size = sizeof(budget_args),
        .success = 200,
        .parse = parse_balance,
        .run = run_balance,
        .render = render_budget,
    },
    {
        .method = "GET",
        .path = "/v1/budget/allocations",
        .access = GX_KEY_LOOKS,
        .work = GX_WORK_READ,
        .args_size = sizeof(list_args),
        .success = 200,
        .parse = parse_list,
        .run = run_list,
        .render = render_list,
    },
    {
        .method = "GET",
        .path = "/v1/budget/transactions/:id",
        .access = GX_KEY_LOOKS,
        .work = GX_WORK_READ,
        .args_size = sizeof(transactions_args),
        .success = 200,
        .parse = parse_transactions,
        .run = run_transactions,
        .render = render_transactions,
    },
};

const gx_endpoints gx_budget_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
