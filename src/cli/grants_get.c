#include <stdio.h>

#include "cli/cli.h"
#include "cli/output.h"

static void put_grant(const grantex_grant *grant)
{
    cli_put_field(stdout, "grant", grant->id);
    cli_put_field(stdout, "status", grant->status);
    cli_put_field(stdout, "agent", grant->agent_id);
    cli_put_field(stdout, "principal", grant->principal_id);
    printf("%-12s", "scopes");
    cli_put_texts(stdout, grant->scopes, grant->scope_count);
    putchar('\n');
    cli_put_field(stdout, "issued", grant->issued_at);
    cli_put_field(stdout, "expires", grant->expires_at);
    cli_put_field(stdout, "revoked", grant->revoked_at);
    cli_put_field(stdout, "parent", grant->parent_grant_id);
}

static int run(const cli_arguments *arguments, grantex_client *client)
{
    grantex_error error = {.status = GRANTEX_OK};
    grantex_grant *grant;
    if (grantex_grants_get(client, arguments->positionals[0], &grant, &error) != GRANTEX_OK)
        return cli_fail(&error);
    if (arguments->json)
        cli_put_json_line(stdout, grant->json);
    else
        put_grant(grant);
    grantex_grant_free(grant);
    return CLI_OK;
}

const cli_command cli_grants_get = {
    .noun = "grants",
    .verb = "get",
    .positionals = {"GRANT_ID"},
    .summary = "show one grant",
    .run = run,
};
