/* The table of commands, in the order of the help. */
#include "cli/cli.h"

const cli_command *const cli_commands[] = {
    &cli_events_stream,
    &cli_grants_list,
    &cli_grants_get,
    &cli_grants_revoke,
    &cli_budgets_allocate,
    &cli_budgets_debit,
    &cli_budgets_balance,
    &cli_agents_register,
    &cli_agents_list,
    &cli_keys_create,
    &cli_keys_list,
    &cli_keys_revoke,
    &cli_keys_rotate,
    &cli_top,
    &cli_trace,
    &cli_doctor,
    &cli_conform,
    &cli_completion,
    NULL,
};
