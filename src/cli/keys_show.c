#include "cli/keys_show.h"

#include "cli/output.h"

void cli_put_key(const grantex_key *key, grantex_text api_key)
{
    cli_put_field(stdout, "key", key->id);
    cli_put_field(stdout, "name", key->name);
    printf("%-12s", "scopes");
    cli_put_texts(stdout, key->scopes, key->scope_count);
    putchar('\n');
    cli_put_field(stdout, "expires", key->expires_at);
    cli_put_field(stdout, "api key", api_key);
}

void cli_tell_once(void)
{
    fputs("grantex: the API key is not shown again; keep it now\n", stderr);
}
