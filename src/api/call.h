/* A call: one request on its way through the house. Each endpoint is a row of functions in its noun's file; call.c
 * walks them:
 *
 *   parse    loop thread   request → args            refuses with a problem
 *   prepare  lane          slow work before the write (look up, sign)      optional
 *   run      lane          the rule, inside the transaction
 *   render   any           args → answer body, a pure function of args: it also runs in the lane when the answer must
 * be kept for an Idempotency-Key complete loop thread   instead of render: for the endpoint that takes over the
 * connection
 */
#ifndef GX_API_CALL_H
#define GX_API_CALL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "api/rate_limits.h"
#include "authority/act.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "http/server.h"

typedef struct gx_api gx_api; /* api/api.h: what the endpoints of one network thread share */
typedef struct gx_call gx_call;

typedef enum gx_access {
    GX_ACCESS_UNSAID, /* nobody: a row says whom it lets in */
    GX_ACCESS_PUBLIC,
    /* Authorization: Bearer …, checked in the lane, in the same transaction as the act: */
    GX_ACCESS_SESSION, /* the session of a developer's principal (authority/principal.h) */
    /* A developer's API key. There is none without what the key must be for (authority/key_scope.h); admin always is:
     */
    GX_KEY_ANY,          /* whatever it is for */
    GX_KEY_EVENTS_READ,  /* events:read */
    GX_KEY_LOOKS,        /* events:read or grants:write */
    GX_KEY_GRANTS_WRITE, /* grants:write */
    GX_KEY_ADMIN,        /* admin */
} gx_access;

typedef enum gx_work {
    GX_WORK_NONE, /* answered on the loop thread, without the store */
    GX_WORK_READ,
    GX_WORK_WRITE,
} gx_work;

typedef enum gx_body {
    GX_BODY_NONE,        /* whatever comes is ignored */
    GX_BODY_JSON_OBJECT, /* must be one, or 400/415 */
    GX_BODY_JSON_IF_ANY, /* the same, or empty: then no field is given */
} gx_body;

typedef struct gx_answer {
    int status;               /* set to endpoint->success before render */
    const char *content_type; /* "application/json" unless render says otherwise */
    int retry_after_s;        /* > 0: the header Retry-After */
    gx_buffer body;
    const char *cache_control;  /* static; NULL means "no-store" */
    const char *set_cookie;     /* the header's value; NULL: none */
    const char *content_policy; /* Content-Security-Policy, static; NULL means one that allows nothing */
} gx_answer;

typedef struct gx_endpoint {
    const char *method; /* "POST" */
    const char *path;   /* "/v1/grants/:id"; at most one ":name" */
    size_t args_size;   /* of the noun's own struct with what comes in and what goes out; zeroed */
    gx_access access;
    gx_work work;
    gx_body body;
    gx_rate rate;      /* how often it may be called */
    bool takes_ticket; /* from who sends no Authorization header, in the query; it is used up by the transaction */
    bool takes_cookie; /* from a page of ours, by its session (api/session_cookie.h); all that only reads does */
    bool ever_anew;    /* an Idempotency-Key changes nothing: doing it twice harms nobody */
    int success;       /* status of the answer when all went well; 204 has no body and needs no render */
    bool (*parse)(gx_call *call);
    bool (*prepare)(gx_call *call, gx_act *act);
    bool (*run)(gx_call *call, gx_act *act);
    void (*render)(const gx_call *call, gx_answer *answer);
    /* Instead of render, when the store is lost or lets its reader wait: without a look at the call's args, which may
     * still be a lane's. Only of what is public and reads; optional. */
    void (*without_store)(const gx_call *call, gx_answer *answer);
    void (*complete)(gx_call *call);
    void (*kept)(gx_call *call); /* loop thread, before the answer: what was done is durable now; optional */
} gx_endpoint;

/* Whether it wants a developer's API key. */
static inline bool gx_access_by_key(gx_access access)
{
    return access >= GX_KEY_ANY;
}

/* A noun's endpoints, for the one table in routes.c. */
typedef struct gx_endpoints {
    const gx_endpoint *rows;
    size_t count;
} gx_endpoints;

struct gx_call {
    const gx_endpoint *endpoint;
    gx_api *api;
    gx_http_exchange *exchange;     /* loop thread only */
    const gx_http_request *request; /* immutable while the call lasts */
    gx_arena arena;                 /* of one thread at a time: loop, lane, loop */
    gx_problem problem;
    json_t *body;  /* the JSON object of the request, for parse */
    gx_span param; /* what ":id" matched, percent-decoded; loop thread and lanes */
    void *args;    /* endpoint->args_size bytes, zeroed, in the arena */
};

#endif
