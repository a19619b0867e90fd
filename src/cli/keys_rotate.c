#include <stdio.h>

#include "cli/cli.h"
#include "cli/keys_show.h"
#include "cli/output.h"

enum { OVERLAP };

static const cli_option options[] = {
    [OVERLAP] = {"overlap", "SPAN", "how long the old one stays good, as 1h; 7d at most; else it is over at once"},
    [OVERLAP + 1] = {NULL, NULL, NULL},
};

static void put_rotation(const grantex_key_rotation *rotation)
{
    cli_put_key(&rotation->key, rotation->api_key);
    cli_put_field(stdout, "old until", rotation->previous_ends_at);
}

static int run(const cli_arguments *arguments, grantex_client *client)
{
    grantex_error error = {.status = GRANTEX_OK};
    grantex_key_rotation *rotation;
    if (grantex_keys_rotate(client, arguments->options[OVERLAP], &rotation, &error) != GRANTEX_OK)
        return cli_fail(&error);
    if (arguments->json)
        cli_put_json_line(stdout, rotation->json);
    else
        put_rotation(rotation);
    cli_tell_once();
    grantex_key_rotation_free(rotation);
    return CLI_OK;
}

const cli_command cli_keys_rotate = {
    .noun = "keys",
    .verb = "rotate",
    .options = options,
    .summary = "put another API key in place of the one that asks",
    .details = "Without --overlap the old key is over at once: if the answer gets lost, the new one is lost with it.\n",
    .run = run,
};
