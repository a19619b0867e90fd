#include <stdio.h>

#include "cli/cli.h"
#include "cli/output.h"

static void put_agents(const grantex_agent_list *list)
{
    printf("%-29s  %-9s  %-24s  %s\n", "AGENT", "STATUS", "NAME", "SCOPES");
    for (size_t i = 0; i < list->count; i++) {
        const grantex_agent *agent = &list->items[i];
        cli_put_cell(stdout, agent->id, 29);
        cli_put_cell(stdout, agent->status, 9);
        cli_put_cell(stdout, agent->name, 24);
        cli_put_texts(stdout, agent->scopes, agent->scope_count);
        putchar('\n');
    }
}

static int run(const cli_arguments *arguments, grantex_client *client)
{
    grantex_error error = {.status = GRANTEX_OK};
    grantex_agent_list *list;
    if (grantex_agents_list(client, &list, &error) != GRANTEX_OK)
        return cli_fail(&error);
    if (arguments->json)
        cli_put_json_line(stdout, list->json);
    else
        put_agents(list);
    cli_tell_rest("agents", list->count, list->total);
    grantex_agent_list_free(list);
    return CLI_OK;
}

const cli_command cli_agents_list = {
    .noun = "agents",
    .verb = "list",
    .summary = "list agents, newest first",
    .run = run,
};
