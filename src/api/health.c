/* GET /livez: the process answers. GET /readyz and GET /health: so does its store. No limit is on them: a supervisor
 * that is refused would end a server that is well. */
#include "api/live_call.h"
#include "api/nouns.h"
#include "store/lane.h"
#include "store/log.h"
#include "wire/json_writer.h"

typedef struct health_args {
    bool store_answers;
} health_args;

/* The head of nobody's log: "no such developer" is what a store that works says. */
static bool run_check(gx_call *call, gx_act *act)
{
    gx_log_position ignored;
    health_args *args = call->args;
    args->store_answers = gx_log_head(act->txn->database, "", &ignored) != GX_LOG_ERROR;
    return true;
}

static void tell(const gx_call *call, bool store_answers, gx_answer *answer)
{
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    gx_json_text(&json, "status", store_answers ? "healthy" : "degraded");
    gx_json_text(&json, "database", store_answers ? "ok" : "error");
    /* Who can only read is still worth asking: streams and reads go on. */
    if (store_answers)
        gx_json_text(&json, "writes", gx_lanes_full(call->api->options.lanes) ? "full" : "ok");
    gx_json_close_object(&json);
    if (!store_answers) {
        answer->status = 503;
        answer->retry_after_s = 1;
    }
}

static void render_check(const gx_call *call, gx_answer *answer)
{
    const health_args *args = call->args;
    tell(call, args->store_answers, answer);
}

static void render_silence(const gx_call *call, gx_answer *answer)
{
    tell(call, false, answer);
}

static void render_alive(const gx_call *call, gx_answer *answer)
{
    (void)call;
    gx_buffer_append_text(&answer->body, "{\"status\":\"healthy\"}");
}

#define CHECK_ROW(at)                                                                                                  \
    {                                                                                                                  \
        .method = "GET", .path = at, .access = GX_ACCESS_PUBLIC, .work = GX_WORK_READ, .rate = GX_RATE_FREE,           \
        .args_size = sizeof(health_args), .success = 200, .run = run_check, .render = render_check,                    \
        .without_store = render_silence                                                                                \
    }

static const gx_endpoint ROWS[] = {
    {
        .method = "GET",
        .path = "/livez",
        .access = GX_ACCESS_PUBLIC,
        .work = GX_WORK_NONE,
        .rate = GX_RATE_FREE,
        .success = 200,
        .render = render_alive,
    },
    CHECK_ROW("/health"),
    CHECK_ROW("/readyz"),
};

const gx_endpoints gx_health_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
