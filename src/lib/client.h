/* The inside of a client: settings that never change but for the key, shared by count, and one idle connection. */
#ifndef GX_LIB_CLIENT_H
#define GX_LIB_CLIENT_H

#include <stdatomic.h>
#include <stddef.h>

#include "base/fork_mark.h"
#include "grantex/client.h"
#include "lib/credentials.h"
#include "lib/transport.h"

#define GX_USER_AGENT "User-Agent: libgrantex/" GX_LIBRARY_VERSION

struct grantex_client {
    atomic_uint references;
    gx_fork_mark *mark;
    gx_credentials credentials;
    char *base_url;
    char *ca_file; /* NULL: the system's */
    int connect_timeout_ms, request_timeout_ms, max_retries;
    size_t max_response_bytes;
    gx_exchange_limits limits;
    grantex_log_fn on_log; /* may be NULL */
    void *log_user;
    _Atomic(gx_transport *) idle; /* kept connection of the last call; whoever needs it takes it out */
};

grantex_client *gx_client_hold(grantex_client *client);

/* Whether this process is a child, and the client and all that was made with it are the parent's. */
bool gx_client_forked(const grantex_client *client);

/* GRANTEX_OK, GRANTEX_E_INVALID for NULL, GRANTEX_E_FORKED in a child. */
grantex_status gx_client_check(const grantex_client *client, grantex_error *error);

/* A transport for one call; NULL when out of memory. It goes back when the call is done. */
gx_transport *gx_client_take_transport(grantex_client *client);
void gx_client_return_transport(grantex_client *client, gx_transport *transport);

/* `value`, or `otherwise` when it is zero. */
int gx_default_int(int value, int otherwise);

/* Whether all of the reserved pointers are NULL. */
bool gx_reserved_unused(const void *const *reserved, size_t count);

#endif
