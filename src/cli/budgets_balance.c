#include "cli/budget_fields.h"
#include "cli/cli.h"

static int run(const cli_arguments *arguments, grantex_client *client)
{
    grantex_error error = {.status = GRANTEX_OK};
    grantex_budget *budget;
    if (grantex_budgets_balance(client, arguments->positionals[0], &budget, &error) != GRANTEX_OK)
        return cli_fail(&error);
    cli_put_budget(arguments, budget);
    grantex_budget_free(budget);
    return CLI_OK;
}

const cli_command cli_budgets_balance = {
    .noun = "budgets",
    .verb = "balance",
    .positionals = {"GRANT_ID"},
    .summary = "show what is left of the budget of a grant",
    .run = run,
};
