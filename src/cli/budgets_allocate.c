#include "cli/budget_fields.h"
#include "cli/cli.h"

enum { CURRENCY };

static const cli_option options[] = {
    [CURRENCY] = {"currency", "CODE", "default: the server's, USD"},
    [CURRENCY + 1] = {NULL, NULL, NULL},
};

static int run(const cli_arguments *arguments, grantex_client *client)
{
    grantex_budget_request request = {.grant_id = arguments->positionals[0], .currency = arguments->options[CURRENCY]};
    if (!cli_amount_read(&cli_budgets_allocate, arguments->positionals[1], &request.initial))
        return CLI_USAGE;
    grantex_error error = {.status = GRANTEX_OK};
    grantex_budget *budget;
    if (grantex_budgets_allocate(client, &request, &budget, &error) != GRANTEX_OK)
        return cli_fail(&error);
    cli_put_budget(arguments, budget);
    grantex_budget_free(budget);
    return CLI_OK;
}

const cli_command cli_budgets_allocate = {
    .noun = "budgets",
    .verb = "allocate",
    .positionals = {"GRANT_ID", "AMOUNT"},
    .options = options,
    .summary = "give a grant its budget",
    .run = run,
};
