#include "grantex/status.h"
#include "grantex/client.h"

static const struct {
    grantex_status status;
    const char *name;
} names[] = {
    {GRANTEX_OK, "GRANTEX_OK"},
    {GRANTEX_TIMEOUT, "GRANTEX_TIMEOUT"},
    {GRANTEX_END, "GRANTEX_END"},
    {GRANTEX_E_CANCELLED, "GRANTEX_E_CANCELLED"},
    {GRANTEX_E_INVALID, "GRANTEX_E_INVALID"},
    {GRANTEX_E_NO_MEMORY, "GRANTEX_E_NO_MEMORY"},
    {GRANTEX_E_NO_KEY, "GRANTEX_E_NO_KEY"},
    {GRANTEX_E_NETWORK, "GRANTEX_E_NETWORK"},
    {GRANTEX_E_AUTH, "GRANTEX_E_AUTH"},
    {GRANTEX_E_API, "GRANTEX_E_API"},
    {GRANTEX_E_PROTOCOL, "GRANTEX_E_PROTOCOL"},
    {GRANTEX_E_TOO_LARGE, "GRANTEX_E_TOO_LARGE"},
    {GRANTEX_E_FORKED, "GRANTEX_E_FORKED"},
    {GRANTEX_E_SYSTEM, "GRANTEX_E_SYSTEM"},
};

const char *grantex_status_name(grantex_status status)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].status == status)
            return names[i].name;
    return "GRANTEX_UNKNOWN";
}

const char *grantex_version(void)
{
    return GX_LIBRARY_VERSION;
}
