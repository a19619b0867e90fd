/* The beginning of a call: what has arrived becomes one, is looked at, and goes to a lane; or is refused. */
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "api/idempotency.h"
#include "api/input.h"
#include "api/input_fault.h"
#include "api/live_call.h"
#include "api/rate_check.h"
#include "api/request_body.h"
#include "api/request_param.h"
#include "api/routes.h"
#include "base/clock.h"
#include "http/server.h"

enum { MOST_ARENA_BYTES = 64 * 1024 * 1024 };

static bool admit(gx_live_call *live)
{
    return gx_rate_check_client(live) &&
           (live->call.endpoint->access == GX_ACCESS_PUBLIC || (gx_call_bearer_find(live) && gx_rate_check_key(live)));
}

static bool read_request(gx_live_call *live)
{
    gx_call *call = &live->call;
    const gx_endpoint *endpoint = call->endpoint;
    if (!gx_input_query_check(call))
        return false;
    if (endpoint->work == GX_WORK_WRITE && strcmp(endpoint->method, "POST") == 0 && !gx_idempotency_read(live))
        return false;
    if (endpoint->ever_anew)
        live->idempotency_key = (gx_span){0};
    bool has_body =
        endpoint->body == GX_BODY_JSON_OBJECT || (endpoint->body == GX_BODY_JSON_IF_ANY && call->request->body.len > 0);
    if (has_body && !gx_request_body_read(call))
        return false;
    return endpoint->parse == NULL || endpoint->parse(call);
}

/* A request with a mistake in it: the lane looks first whether who asks may, and says that otherwise. A ticket stays
 * good, so it is not looked at. Whether there is anything to look at. */
static bool is_judged_first(gx_live_call *live)
{
    gx_call *call = &live->call;
    bool mistaken = call->problem.status >= 400 && call->problem.status < 500;
    if (!mistaken || !gx_access_by_key(call->endpoint->access) || live->by_ticket)
        return false;
    gx_problem *mistake = gx_arena_alloc(&call->arena, sizeof *mistake);
    if (mistake == NULL)
        return gx_input_no_memory(call);
    *mistake = call->problem;
    live->mistake = mistake;
    live->stage = GX_STAGE_REFUSE;
    return true;
}

/* Whether it is for a lane; otherwise it can be answered. */
static bool is_for_a_lane(gx_live_call *live)
{
    if (!admit(live))
        return false;
    return read_request(live) ? live->call.endpoint->work != GX_WORK_NONE : is_judged_first(live);
}

static gx_live_call *call_new(gx_api *api, gx_http_exchange *exchange, const gx_endpoint *endpoint, gx_span param)
{
    gx_live_call *live = calloc(1, sizeof *live);
    if (live == NULL)
        return NULL;
    gx_call *call = &live->call;
    call->endpoint = endpoint;
    call->api = api;
    call->exchange = exchange;
    call->request = gx_http_exchange_request(exchange);
    call->arena = GX_ARENA_INIT(MOST_ARENA_BYTES);
    call->args = gx_arena_alloc(&call->arena, endpoint->args_size > 0 ? endpoint->args_size : 1);
    live->message.deliver = gx_call_deliver;
    gx_list_init(&live->in_probes);
    live->stage = endpoint->prepare != NULL ? GX_STAGE_PREPARE : GX_STAGE_RUN;
    live->began_us = gx_clock_monotonic_us();
    gx_request_id_new(live->request_id);
    if (call->args == NULL || !gx_request_param_read(call, param)) {
        gx_arena_free(&call->arena);
        free(live);
        return NULL;
    }
    api->open_calls++;
    return live;
}

/* What never became a call. The request may not be whole: `status` then says why. */
static void refuse_unrouted(const gx_api *api, gx_http_exchange *exchange, int status, const char *code,
                            const char *message)
{
    char request_id[GX_REQUEST_ID_SIZE];
    const gx_http_request *request = gx_http_exchange_request(exchange);
    gx_request_id_new(request_id);
    gx_problem problem = {0};
    gx_refuse(&problem, status, code, "%s", message);
    gx_buffer allow = GX_BUFFER_INIT(256);
    if (status == 405)
        gx_route_methods(request->path, &allow);
    gx_answer_context context = gx_call_context_at(api, request, request_id);
    context.allow = status == 405 ? gx_buffer_text(&allow) : NULL;
    if (status == 405 && gx_cors_is_preflight(context.cors, request))
        gx_answer_preflight(exchange, &context);
    else
        gx_answer_problem(exchange, &context, &problem);
    gx_buffer_free(&allow);
}

void gx_api_handle(void *context, gx_http_exchange *exchange)
{
    const gx_http_request *request = gx_http_exchange_request(exchange);
    const gx_endpoint *endpoint;
    gx_span param;
    switch (gx_route_find(request->method, request->path, &endpoint, &param)) {
    case GX_ROUTE_NO_PATH:
        refuse_unrouted(context, exchange, 404, "NOT_FOUND", "There is nothing at this path");
        return;
    case GX_ROUTE_NO_METHOD:
        refuse_unrouted(context, exchange, 405, "METHOD_NOT_ALLOWED",
                        "This path does not take this method; see the Allow header");
        return;
    case GX_ROUTE_FOUND:
        break;
    }
    gx_live_call *live = call_new(context, exchange, endpoint, param);
    if (live == NULL)
        refuse_unrouted(context, exchange, 503, "SERVICE_UNAVAILABLE", "Out of memory; nothing was done, try again");
    else if (!is_for_a_lane(live) || !gx_call_post(live))
        gx_call_end(live);
}

void gx_api_reject(void *context, gx_http_exchange *exchange, int status, const char *reason)
{
    const char *code = status == 413   ? "PAYLOAD_TOO_LARGE"
                       : status == 408 ? "REQUEST_TIMEOUT"
                       : status == 503 ? "SERVICE_UNAVAILABLE"
                                       : "BAD_REQUEST";
    refuse_unrouted(context, exchange, status, code, reason);
}
