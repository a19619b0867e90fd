#include <stdio.h>

#include "cli/cli.h"
#include "cli/output.h"

enum { AGENT, PRINCIPAL, STATUS };

static const cli_option options[] = {
    [AGENT] = {"agent", "ID", "only grants of this agent"},
    [PRINCIPAL] = {"principal", "ID", "only grants by this principal"},
    [STATUS] = {"status", "STATUS", "only active, revoked or expired ones"},
    [STATUS + 1] = {NULL, NULL, NULL},
};

static void put_grants(const grantex_grant_list *list)
{
    printf("%-31s  %-9s  %-30s  %-20s  %s\n", "GRANT", "STATUS", "AGENT", "PRINCIPAL", "SCOPES");
    for (size_t i = 0; i < list->count; i++) {
        const grantex_grant *grant = &list->items[i];
        cli_put_cell(stdout, grant->id, 31);
        cli_put_cell(stdout, grant->status, 9);
        cli_put_cell(stdout, grant->agent_id, 30);
        cli_put_cell(stdout, grant->principal_id, 20);
        cli_put_texts(stdout, grant->scopes, grant->scope_count);
        putchar('\n');
    }
}

static int run(const cli_arguments *arguments, grantex_client *client)
{
    grantex_grant_filter filter = {.agent_id = arguments->options[AGENT],
                                   .principal_id = arguments->options[PRINCIPAL],
                                   .status = arguments->options[STATUS]};
    grantex_error error = {.status = GRANTEX_OK};
    grantex_grant_list *list;
    if (grantex_grants_list(client, &filter, &list, &error) != GRANTEX_OK)
        return cli_fail(&error);
    if (arguments->json)
        cli_put_json_line(stdout, list->json);
    else
        put_grants(list);
    cli_tell_rest("grants", list->count, list->total);
    grantex_grant_list_free(list);
    return CLI_OK;
}

const cli_command cli_grants_list = {
    .noun = "grants",
    .verb = "list",
    .options = options,
    .summary = "list grants, newest first",
    .run = run,
};
