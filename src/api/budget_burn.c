/* GET /v1/budget/burn: the budgets that will be empty first, with their rates. */
#include "authority/budget_burn.h"
#include "api/input.h"
#include "api/nouns.h"
#include "wire/json_writer.h"

enum { USUAL_LIMIT = 100 };

typedef struct burn_args {
    int64_t limit;
    gx_budget_burn_list_result out;
} burn_args;

static bool parse(gx_call *call)
{
    burn_args *args = call->args;
    return gx_input_query_int(call, "limit", 1, GX_BURN_MOST, USUAL_LIMIT, &args->limit);
}

static bool run(gx_call *call, gx_act *act)
{
    burn_args *args = call->args;
    return gx_budget_burn_first(act, args->limit, &args->out);
}

static void write_burn(gx_json *json, const gx_budget_burn *burn)
{
    const gx_budget_burn_row *budget = burn->budget;
    gx_json_open_object(json, NULL);
    gx_json_text(json, "grantId", budget->grant_id);
    gx_json_text(json, "agentId", budget->agent_id);
    gx_json_text(json, "agentName", budget->agent_name);
    gx_json_text(json, "principalId", budget->principal_id);
    gx_json_text(json, "budgetId", budget->budget_id);
    gx_json_money_string(json, "initialBudget", budget->initial);
    gx_json_money_string(json, "remainingBudget", budget->remaining);
    gx_json_text(json, "currency", budget->currency);
    gx_json_int(json, "usedPercent", burn->used_percent);
    gx_json_money_string(json, "spentPerMinute", burn->spent_per_minute);
    if (burn->empty_in_seconds < 0)
        gx_json_text(json, "emptyInSeconds", NULL);
    else
        gx_json_int(json, "emptyInSeconds", burn->empty_in_seconds);
    gx_json_close_object(json);
}

static void render(const gx_call *call, gx_answer *answer)
{
    const burn_args *args = call->args;
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    gx_json_time(&json, "asOf", args->out.as_of);
    gx_json_int(&json, "windowSeconds", GX_BURN_WINDOW_SECONDS);
    gx_json_open_array(&json, "budgets");
    for (int64_t i = 0; i < args->out.count; i++)
        write_burn(&json, &args->out.items[i]);
    gx_json_close_array(&json);
    gx_json_close_object(&json);
}

static const gx_endpoint ROWS[] = {
    {
        .method = "GET",
        .path = "/v1/budget/burn",
        .access = GX_KEY_LOOKS,
        .work = GX_WORK_READ,
        .args_size = sizeof(burn_args),
        .success = 200,
        .parse = parse,
        .run = run,
        .render = render,
    },
};

const gx_endpoints gx_budget_burn_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
