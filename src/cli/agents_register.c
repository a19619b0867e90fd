#include <stdio.h>

#include "cli/cli.h"
#include "cli/output.h"

#define MOST_SCOPES 100

enum { DESCRIPTION, SCOPES };

static const cli_option options[] = {
    [DESCRIPTION] = {"description", "TEXT", "what it does"},
    [SCOPES] = {"scopes", "A,B", "what it may ask for"},
    [SCOPES + 1] = {NULL, NULL, NULL},
};

static void put_agent(const grantex_agent *agent)
{
    cli_put_field(stdout, "agent", agent->id);
    cli_put_field(stdout, "name", agent->name);
    cli_put_field(stdout, "did", agent->did);
    cli_put_field(stdout, "status", agent->status);
    printf("%-12s", "scopes");
    cli_put_texts(stdout, agent->scopes, agent->scope_count);
    putchar('\n');
}

static int run(const cli_arguments *arguments, grantex_client *client)
{
    const char *scopes[MOST_SCOPES + 1] = {NULL};
    char list[32768];
    const char *given = arguments->options[SCOPES] ? arguments->options[SCOPES] : "";
    if (!cli_list_read(given, list, sizeof list, scopes, MOST_SCOPES))
        return cli_fail_usage(&cli_agents_register, "--scopes takes at most %d names", MOST_SCOPES);
    grantex_agent_request request = {
        .name = arguments->positionals[0], .description = arguments->options[DESCRIPTION], .scopes = scopes};
    grantex_error error = {.status = GRANTEX_OK};
    grantex_agent *agent;
    if (grantex_agents_register(client, &request, &agent, &error) != GRANTEX_OK)
        return cli_fail(&error);
    if (arguments->json)
        cli_put_json_line(stdout, agent->json);
    else
        put_agent(agent);
    grantex_agent_free(agent);
    return CLI_OK;
}

const cli_command cli_agents_register = {
    .noun = "agents",
    .verb = "register",
    .positionals = {"NAME"},
    .options = options,
    .summary = "register an agent",
    .run = run,
};
