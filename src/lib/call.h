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
    const char *bearer; /* a token that is sent instead of the client's key; NULL: none */
} gx_call;

typedef struct gx_reply {
    gx_buffer body;  /* gx_buffer_free */
    int http_status; /* 0 when there was no answer */
    int attempts;
} gx_reply;

/* A reply that failed, or whose answer had none, has an empty body; how often it was asked for stands there always. */
grantex_status gx_call_perform(grantex_client *client, const gx_call *call, gx_reply *reply, grantex_error *error);

#endif
