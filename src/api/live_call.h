/* A call with the parts that only api/ itself touches. */
#ifndef GX_API_LIVE_CALL_H
#define GX_API_LIVE_CALL_H

#include "api/api.h"
#include "api/call.h"
#include "base/list.h"
#include "base/ulid.h"

#define GX_REQUEST_ID_SIZE 37 /* a UUID and a NUL */

typedef enum gx_call_stage {
    GX_STAGE_PREPARE,
    GX_STAGE_RUN,
    GX_STAGE_REFUSE, /* there is a mistake in it, which whoever may not ask is not told */
} gx_call_stage;

typedef struct gx_live_call {
    gx_call call;       /* first, so that a gx_call is a gx_live_call */
    gx_job job;         /* while it is with a lane */
    gx_message message; /* while it comes back */
    gx_job_end end;     /* how the lane left it */
    gx_call_stage stage;
    const gx_problem *mistake; /* of GX_STAGE_REFUSE; in the call's arena */
    int64_t began_us;          /* monotonic */
    gx_span bearer;            /* the API key, session or ticket in the request; empty on public endpoints */
    bool by_ticket;            /* it is a ticket */
    bool by_cookie;            /* it is a browser's session */
    const char *key_hash;      /* of the API key behind it, from prepare on; in the call's arena */
    const char *key_id;        /* of that key */
    int64_t key_expires_at;
    int64_t session_ends_at;
    bool key_use_unknown;    /* this use of it is to be noted */
    gx_span idempotency_key; /* empty when the request has none */
    bool answer_ready;       /* answer was rendered in the lane, or comes from the first request with that key */
    gx_answer answer;
    gx_list in_probes;    /* while its reader waits for what says something without the store, too */
    int told_status;      /* of an answer that was sent while a lane still had the call; 0: none was */
    gx_rate_verdict rate; /* for the headers; limit 0: none */
    char developer_id[GX_ID_SIZE];
    char request_id[GX_REQUEST_ID_SIZE];
} gx_live_call;

#define GX_LIVE(the_call) ((gx_live_call *)(the_call))

struct gx_api {
    gx_api_options options;
    size_t open_calls;
    gx_list probes; /* calls to endpoints with without_store that are with a lane, the oldest first */
};

/* Finds by what it asks, and sets bearer, by_ticket and by_cookie. False: call->problem. Loop thread. */
bool gx_call_bearer_find(gx_live_call *live);

/* What an answer's headers tell besides. */
typedef struct gx_answer_context {
    const char *request_id;
    const char *allow;           /* the methods of a path, for a 405; NULL otherwise */
    const gx_rate_verdict *rate; /* NULL, or limit 0: not limited */
    const gx_cors *cors;
    const char *hsts; /* gx_api_options.hsts */
    gx_span origin;   /* gx_cors_origin */
} gx_answer_context;

/* answer.c: sends on the loop thread; the exchange is over afterwards. */
void gx_answer_send(gx_http_exchange *exchange, const gx_answer_context *context, const gx_answer *answer);
void gx_answer_problem(gx_http_exchange *exchange, const gx_answer_context *context, const gx_problem *problem);

/* 204: what a page of that origin may send (context->allow). */
void gx_answer_preflight(gx_http_exchange *exchange, const gx_answer_context *context);

/* Renders the success answer of the call into live->answer. */
void gx_answer_render(gx_live_call *live);

/* What is said along with every answer; and along with this call's. Loop thread, before it is answered. */
gx_answer_context gx_call_context_at(const gx_api *api, const gx_http_request *request, const char *request_id);
gx_answer_context gx_call_context(const gx_live_call *live);

/* call.c. Any thread: from here on the call is the lane's, and comes back by gx_call_deliver. False when it takes no
 * more, as the call's problem then says. */
bool gx_call_post(gx_live_call *live);
void gx_call_deliver(gx_message *message);

/* Answers, as the problem or the end of its work has it, or lets it be completed. Loop thread. */
void gx_call_end(gx_live_call *live);

/* probe.c: before the call goes to a lane, and when it has come back. Loop thread. */
void gx_probe_begin(gx_live_call *live);
void gx_probe_end(gx_live_call *live);

/* A UUID, version 4 (RFC 9562 section 5.4). */
void gx_request_id_new(char out[static GX_REQUEST_ID_SIZE]);

#endif
