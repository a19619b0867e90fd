#include <stdio.h>

#include "cli/budget_fields.h"
#include "cli/cli.h"
#include "cli/output.h"

enum { DESCRIPTION, METADATA, IDEMPOTENCY_KEY };

static const cli_option options[] = {
    [DESCRIPTION] = {"description", "TEXT", "what it was for"},
    [METADATA] = {"metadata", "JSON", "a JSON object to keep with it"},
    [IDEMPOTENCY_KEY] = {"idempotency-key", "KEY", "the same key debits once, however often it is repeated"},
    [IDEMPOTENCY_KEY + 1] = {NULL, NULL, NULL},
};

static void put_debit(const grantex_debit *debit)
{
    cli_put_field(stdout, "grant", debit->grant_id);
    cli_put_amount(stdout, "remaining", debit->remaining);
    cli_put_field(stdout, "transaction", debit->transaction_id);
}

static int run(const cli_arguments *arguments, grantex_client *client)
{
    grantex_debit_request request = {.grant_id = arguments->positionals[0],
                                     .description = arguments->options[DESCRIPTION],
                                     .metadata_json = arguments->options[METADATA],
                                     .idempotency_key = arguments->options[IDEMPOTENCY_KEY]};
    if (!cli_amount_read(&cli_budgets_debit, arguments->positionals[1], &request.amount))
        return CLI_USAGE;
    grantex_error error = {.status = GRANTEX_OK};
    grantex_debit *debit;
    if (grantex_budgets_debit(client, &request, &debit, &error) != GRANTEX_OK)
        return cli_fail(&error);
    if (arguments->json)
        cli_put_json_line(stdout, debit->json);
    else
        put_debit(debit);
    grantex_debit_free(debit);
    return CLI_OK;
}

const cli_command cli_budgets_debit = {
    .noun = "budgets",
    .verb = "debit",
    .positionals = {"GRANT_ID", "AMOUNT"},
    .options = options,
    .summary = "take from the budget of a grant",
    .run = run,
};
