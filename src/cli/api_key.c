/* For commands that talk to a server without libgrantex, which finds its key by itself, in the same places. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"

const char *cli_api_key(const cli_arguments *arguments)
{
    const char *const places[] = {arguments->api_key, getenv("GRANTEX_API_KEY"), getenv("GRANTEX_KEY")};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (places[i] && places[i][0])
            return places[i];
    fprintf(stderr, "grantex: no API key; give --api-key or set GRANTEX_API_KEY\n");
    return NULL;
}
