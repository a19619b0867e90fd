#include "cli/budget_fields.h"

#include <stdio.h>

#include "cli/output.h"

bool cli_amount_read(const cli_command *command, const char *text, int64_t *amount)
{
    if (grantex_money_parse(text, amount) == GRANTEX_OK && *amount > 0)
        return true;
    cli_fail_usage(command, "AMOUNT must be above 0, with at most four decimals");
    return false;
}

void cli_put_budget(const cli_arguments *arguments, const grantex_budget *budget)
{
    if (arguments->json) {
        cli_put_json_line(stdout, budget->json);
        return;
    }
    cli_put_field(stdout, "grant", budget->grant_id);
    cli_put_amount(stdout, "initial", budget->initial);
    cli_put_amount(stdout, "remaining", budget->remaining);
    cli_put_field(stdout, "currency", budget->currency);
    cli_put_field(stdout, "allocation", budget->id);
}
