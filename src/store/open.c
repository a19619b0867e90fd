/* Which driver a store URL means. */
#include <string.h>

#include "base/module.h"
#include "store/driver.h"

typedef gx_database *open_store(const char *location, bool read_only, const gx_database *beside, gx_error *error);

static gx_database *open_sqlite(const char *location, bool read_only, const gx_database *beside, gx_error *error)
{
    (void)beside;
    return gx_sqlite_open(location, read_only, error);
}

static gx_database *open_postgres(const char *location, bool read_only, const gx_database *beside, gx_error *error)
{
    const gx_store_module *driver = gx_module_load("grantex-postgres", "gx_postgres_module", error);
    return driver == NULL ? NULL : driver->open(location, read_only, beside, error);
}

static const struct scheme {
    const char *prefix;
    bool whole; /* `open` is given the whole URL, not only what follows the prefix */
    open_store *open;
} SCHEMES[] = {
    {"sqlite:", false, open_sqlite},
    {"postgres://", true, open_postgres},
    {"postgresql://", true, open_postgres},
};

static const struct scheme *scheme_of(const char *url)
{
    for (size_t i = 0; i < sizeof SCHEMES / sizeof *SCHEMES; i++) {
        if (strncmp(url, SCHEMES[i].prefix, strlen(SCHEMES[i].prefix)) == 0)
            return &SCHEMES[i];
    }
    return NULL;
}

bool gx_store_is_server(const char *url)
{
    const struct scheme *scheme = scheme_of(url);
    return scheme != NULL && scheme->whole;
}

gx_database *gx_database_open(const char *url, bool read_only, gx_error *error)
{
    return gx_database_open_beside(NULL, url, read_only, error);
}

gx_database *gx_database_open_beside(const gx_database *other, const char *url, bool read_only, gx_error *error)
{
    const struct scheme *scheme = scheme_of(url);
    if (scheme != NULL)
        return scheme->open(scheme->whole ? url : url + strlen(scheme->prefix), read_only, other, error);
    const char *colon = strstr(url, "://");
    if (colon == NULL || memchr(url, '/', (size_t)(colon - url)) != NULL)
        return gx_sqlite_open(url, read_only, error);
    /* Not the whole URL: a password may stand in it. */
    gx_error_set(error, "%.*s: this program knows no such kind of store; say sqlite:PATH or postgres://…",
                 (int)(colon - url), url);
    return NULL;
}
