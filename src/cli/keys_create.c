#include <stdio.h>

#include "cli/cli.h"
#include "cli/keys_show.h"
#include "cli/output.h"

enum { MOST_SCOPES = 8, SCOPES_SIZE = 256 };

enum { SCOPES, EXPIRES_IN };

static const cli_option options[] = {
    [SCOPES] = {"scopes", "A,B", "what it opens: events:read, grants:write, admin; required"},
    [EXPIRES_IN] = {"expires-in", "SPAN", "how long it is good, as 90d or 12h; else it does not expire"},
    [EXPIRES_IN + 1] = {NULL, NULL, NULL},
};

static int create(const cli_arguments *arguments, const grantex_key_request *request, grantex_client *client)
{
    grantex_error error = {.status = GRANTEX_OK};
    grantex_key *key;
    if (grantex_keys_create(client, request, &key, &error) != GRANTEX_OK)
        return cli_fail(&error);
    if (arguments->json)
        cli_put_json_line(stdout, key->json);
    else
        cli_put_key(key, key->api_key);
    cli_tell_once();
    grantex_key_free(key);
    return CLI_OK;
}

static int run(const cli_arguments *arguments, grantex_client *client)
{
    const char *scopes[MOST_SCOPES + 1] = {NULL};
    char list[SCOPES_SIZE];
    const char *given = arguments->options[SCOPES];
    if (!given || !cli_list_read(given, list, sizeof list, scopes, MOST_SCOPES) || !scopes[0])
        return cli_fail_usage(&cli_keys_create, "--scopes is required: one or more of events:read, grants:write, "
                                                "admin, with commas between");
    grantex_key_request request = {
        .name = arguments->positionals[0], .scopes = scopes, .expires_in = arguments->options[EXPIRES_IN]};
    return create(arguments, &request, client);
}

const cli_command cli_keys_create = {
    .noun = "keys",
    .verb = "create",
    .positionals = {"NAME"},
    .options = options,
    .summary = "make a further API key; it is shown this once",
    .run = run,
};
