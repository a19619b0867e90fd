/* One call of the REST API: blocks, repeats what may be repeated, gives the body of a 2xx. */
#ifndef GX_LIB_CALL_H
#define GX_LIB_CALL_H

#include "base/buffer.h"
#include "grantex/client.h"

typedef struct gx_call {
    const char *method;
    const char *path; /* begins with a slash; escaped already */
    gx_span body;     /* JSON; empty: none */
    /* Sent with a POST, the same in each attempt, so that its effect happens once; NULL: a random one. */
    const char *idempotency_key;
} gx_call;

typedef struct gx_reply {
    gx_buffer body; /* gx_buffer_free */
    int attempts;
} gx_reply;

/* A reply that failed, or whose answer had none, has an empty body; how often it was asked for stands there always. */
grantex_status gx_call_perform(grantex_client *client, const gx_call *call, gx_reply *reply, grantex_error *error);

/* "/v1/grants/" and an id, escaped. GRANTEX_E_INVALID when the id is NULL or empty. *path: gx_buffer_free. */
grantex_status gx_call_path(const char *prefix, const char *id, const char *name, gx_buffer *path,
                            grantex_error *error);

#endif
