/* What the commands on budgets share. */
#ifndef GX_CLI_BUDGET_FIELDS_H
#define GX_CLI_BUDGET_FIELDS_H

#include <stdint.h>

#include "cli/cli.h"

/* Reads AMOUNT; false when it is none, and has been said on stderr. */
bool cli_amount_read(const cli_command *command, const char *text, int64_t *amount);

void cli_put_budget(const cli_arguments *arguments, const grantex_budget *budget);

#endif
