#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/output.h"

static void put_or(grantex_text text, const char *otherwise, int width)
{
    cli_put_cell(stdout, text.length > 0 ? text : (grantex_text){otherwise, strlen(otherwise)}, width);
}

static void put_keys(const grantex_key_list *list)
{
    printf("%-30s  %-24s  %-14s  %-24s  %-24s  %s\n", "KEY", "NAME", "MASKED", "EXPIRES", "LAST USED", "SCOPES");
    for (size_t i = 0; i < list->count; i++) {
        const grantex_key *key = &list->items[i];
        cli_put_cell(stdout, key->id, 30);
        cli_put_cell(stdout, key->name, 24);
        put_or(key->masked_key, "-", 14);
        put_or(key->expires_at, "never", 24);
        put_or(key->last_used_at, "never", 24);
        cli_put_texts(stdout, key->scopes, key->scope_count);
        putchar('\n');
    }
}

static int run(const cli_arguments *arguments, grantex_client *client)
{
    grantex_error error = {.status = GRANTEX_OK};
    grantex_key_list *list;
    if (grantex_keys_list(client, &list, &error) != GRANTEX_OK)
        return cli_fail(&error);
    if (arguments->json)
        cli_put_json_line(stdout, list->json);
    else
        put_keys(list);
    grantex_key_list_free(list);
    return CLI_OK;
}

const cli_command cli_keys_list = {
    .noun = "keys",
    .verb = "list",
    .summary = "list the API keys that are not over, by their ends",
    .run = run,
};
