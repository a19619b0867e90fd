#include <stdio.h>

#include "cli/cli.h"
#include "cli/output.h"

static int run(const cli_arguments *arguments, grantex_client *client)
{
    const char *grant_id = arguments->positionals[0];
    grantex_error error = {.status = GRANTEX_OK};
    if (grantex_grants_revoke(client, grant_id, &error) != GRANTEX_OK)
        return cli_fail(&error);
    if (arguments->json) {
        fputs("{\"grantId\":", stdout);
        cli_put_json_string(stdout, grant_id);
        puts(",\"status\":\"revoked\"}");
    } else {
        fputs("revoked ", stdout);
        cli_put_text(stdout, grant_id);
        putchar('\n');
    }
    return CLI_OK;
}

const cli_command cli_grants_revoke = {
    .noun = "grants",
    .verb = "revoke",
    .positionals = {"GRANT_ID"},
    .summary = "revoke a grant and all that was delegated from it",
    .run = run,
};
