#include <stdio.h>

#include "cli/cli.h"
#include "cli/output.h"

static int run(const cli_arguments *arguments, grantex_client *client)
{
    const char *key_id = arguments->positionals[0];
    grantex_error error = {.status = GRANTEX_OK};
    if (grantex_keys_revoke(client, key_id, &error) != GRANTEX_OK)
        return cli_fail(&error);
    if (arguments->json) {
        fputs("{\"id\":", stdout);
        cli_put_json_string(stdout, key_id);
        puts(",\"status\":\"revoked\"}");
    } else {
        fputs("revoked ", stdout);
        cli_put_text(stdout, key_id);
        putchar('\n');
    }
    return CLI_OK;
}

const cli_command cli_keys_revoke = {
    .noun = "keys",
    .verb = "revoke",
    .positionals = {"KEY_ID"},
    .summary = "end an API key at once, and its streams",
    .run = run,
};
