/* For commands that talk to a server without libgrantex, or to another one than the environment's: options that are
 * read alike. */
#include "cli/server_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first that is there and not empty. */
static const char *choose(const char *given, const char *name, const char *other_name)
{
    const char *const places[] = {given, getenv(name), getenv(other_name)};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (places[i] && places[i][0])
            return places[i];
    return NULL;
}

const char *cli_api_key(const cli_arguments *arguments)
{
    const char *key = choose(arguments->api_key, "GRANTEX_API_KEY", "GRANTEX_KEY");
    if (!key)
        fprintf(stderr, "grantex: no API key; give --api-key or set GRANTEX_API_KEY\n");
    return key;
}

const char *cli_base_url(const cli_arguments *arguments)
{
    return choose(arguments->base_url, "GRANTEX_BASE_URL", "GRANTEX_URL");
}

const char *cli_ca_file(const char *given)
{
    const char *other = getenv("GRANTEX_CA_FILE");
    return given ? given : other && other[0] ? other : NULL;
}

bool cli_url_read(const char *text, char out[static CLI_URL_SIZE])
{
    int length = snprintf(out, CLI_URL_SIZE, "%s", text);
    if (length < 0 || length >= CLI_URL_SIZE || (strncmp(out, "http://", 7) != 0 && strncmp(out, "https://", 8) != 0))
        return false;
    while (length > 8 && out[length - 1] == '/')
        out[--length] = '\0';
    return !strpbrk(out, "?#@ ");
}
