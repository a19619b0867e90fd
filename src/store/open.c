/* Which driver a store URL means. */
#include <string.h>

#include "store/database.h"

typedef gx_database *open_store(const char *location, bool read_only, gx_error *error);

static const struct scheme {
    const char *prefix;
    open_store *open; /* given what follows the prefix */
} SCHEMES[] = {
    {"sqlite:", gx_sqlite_open},
};

gx_database *gx_database_open(const char *url, bool read_only, gx_error *error)
{
    for (size_t i = 0; i < sizeof SCHEMES / sizeof *SCHEMES; i++) {
        size_t length = strlen(SCHEMES[i].prefix);
        if (strncmp(url, SCHEMES[i].prefix, length) == 0)
            return SCHEMES[i].open(url + length, read_only, error);
    }
    const char *colon = strstr(url, "://");
    if (colon == NULL || memchr(url, '/', (size_t)(colon - url)) != NULL)
        return gx_sqlite_open(url, read_only, error);
    /* Not the whole URL: a password may stand in it. */
    gx_error_set(error, "%.*s: this program knows no such kind of store; say sqlite:PATH", (int)(colon - url), url);
    return NULL;
}
