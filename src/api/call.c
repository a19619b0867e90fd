/* The life of a call: through the lanes and out again. How it begins is in call_begin.c. */
#include "api/call.h"

#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "api/idempotency.h"
#include "api/key_use.h"
#include "api/live_call.h"
#include "api/rate_check.h"
#include "authority/api_key.h"
#include "authority/browser_session.h"
#include "authority/key_scope.h"
#include "authority/principal.h"
#include "authority/stream_ticket.h"
#include "base/clock.h"
#include "http/server.h"

/* --- the end of a call --- */

static int status_of(const gx_live_call *live)
{
    if (live->told_status != 0)
        return live->told_status;
    if (live->call.problem.status != 0)
        return live->call.problem.status;
    return live->answer.status != 0 ? live->answer.status : live->call.endpoint->success;
}

void gx_call_free(gx_call *call)
{
    gx_live_call *live = GX_LIVE(call);
    gx_call_times_add(call->api->options.metrics->times, call->endpoint, status_of(live),
                      gx_clock_monotonic_us() - live->began_us);
    call->api->open_calls--;
    json_decref(call->body);
    gx_buffer_free(&live->answer.body);
    gx_arena_free(&call->arena);
    free(live);
}

/* What is said along with every answer, whatever it is. */
gx_answer_context gx_call_context_at(const gx_api *api, const gx_http_request *request, const char *request_id)
{
    return (gx_answer_context){.request_id = request_id,
                               .cors = gx_api_cors(api),
                               .hsts = gx_api_hsts(api),
                               .origin = gx_cors_origin(gx_api_cors(api), request)};
}

gx_answer_context gx_call_context(const gx_live_call *live)
{
    gx_answer_context context = gx_call_context_at(live->call.api, live->call.request, live->request_id);
    context.rate = &live->rate;
    return context;
}

void gx_call_answer_problem(gx_call *call)
{
    gx_rate_check_failure(GX_LIVE(call));
    const gx_answer_context context = gx_call_context(GX_LIVE(call));
    gx_answer_problem(call->exchange, &context, &call->problem);
    gx_call_free(call);
}

void gx_call_answer(gx_call *call)
{
    gx_live_call *live = GX_LIVE(call);
    if (!live->answer_ready)
        gx_answer_render(live);
    if (live->answer.body.failed) {
        bool wrote = call->endpoint->work == GX_WORK_WRITE;
        gx_refuse(&call->problem, 503, "SERVICE_UNAVAILABLE", "%s",
                  wrote ? "The change was made, but the server is too short of memory to say what came of it"
                        : "The server is short of memory at the moment; try again");
        gx_call_answer_problem(call);
        return;
    }
    const gx_answer_context context = gx_call_context(live);
    gx_answer_send(call->exchange, &context, &live->answer);
    gx_call_free(call);
}

void gx_call_end(gx_live_call *live)
{
    gx_call *call = &live->call;
    if (call->problem.status != 0) {
        gx_call_answer_problem(call);
        return;
    }
    if (call->endpoint->kept != NULL)
        call->endpoint->kept(call);
    if (call->endpoint->complete != NULL && !live->answer_ready)
        call->endpoint->complete(call);
    else
        gx_call_answer(call);
}

/* --- in a lane --- */

static gx_act act_of(gx_live_call *live, gx_txn *txn)
{
    gx_call *call = &live->call;
    call->problem = (gx_problem){0};
    return (gx_act){
        .txn = txn, .arena = &call->arena, .problem = &call->problem, .authority = call->api->options.authority};
}

static bool authenticate(gx_live_call *live, gx_act *act)
{
    /* What it takes: whose the bearer is, and one of these scopes. */
    static const struct {
        bool (*who)(gx_act *act, gx_span bearer);
        unsigned any_of;
    } ACCESS[] = {
        [GX_ACCESS_SESSION] = {gx_principal_authenticate, 0},
        [GX_KEY_ANY] = {gx_api_key_authenticate, GX_SCOPE_ANY},
        [GX_KEY_EVENTS_READ] = {gx_api_key_authenticate, GX_SCOPE_EVENTS_READ},
        [GX_KEY_LOOKS] = {gx_api_key_authenticate, GX_SCOPE_EVENTS_READ | GX_SCOPE_GRANTS_WRITE},
        [GX_KEY_GRANTS_WRITE] = {gx_api_key_authenticate, GX_SCOPE_GRANTS_WRITE},
        [GX_KEY_ADMIN] = {gx_api_key_authenticate, GX_SCOPE_ADMIN},
    };
    gx_access access = live->call.endpoint->access;
    if (access == GX_ACCESS_PUBLIC)
        return true;
    if (access == GX_ACCESS_UNSAID)
        return gx_refuse(act->problem, 500, "INTERNAL_ERROR", "An unexpected error occurred");
    bool (*who)(gx_act *, gx_span) = live->by_ticket   ? gx_stream_ticket_authenticate
                                     : live->by_cookie ? gx_browser_session_authenticate
                                                       : ACCESS[access].who;
    if (!who(act, live->bearer) || (gx_access_by_key(access) && !gx_key_must(act, ACCESS[access].any_of)))
        return false;
    strncpy(live->developer_id, act->developer_id, sizeof live->developer_id - 1);
    live->key_hash = act->key_hash;
    live->key_id = act->key_id;
    live->key_expires_at = act->key_expires_at;
    live->session_ends_at = act->session_ends_at;
    live->key_use_unknown = act->key_use_unknown;
    return true;
}

static bool use_authority(gx_live_call *live, gx_act *act)
{
    gx_call *call = &live->call;
    bool keyed = live->idempotency_key.len > 0 && live->stage != GX_STAGE_REFUSE;
    if (keyed && !gx_idempotency_recall(live, act))
        return false;
    if (live->answer_ready)
        return true;
    if (live->stage == GX_STAGE_PREPARE)
        return call->endpoint->prepare(call, act);
    if (live->stage == GX_STAGE_REFUSE) {
        call->problem = *live->mistake;
        return false;
    }
    if (!call->endpoint->run(call, act))
        return false;
    /* A rule may refuse and keep what it did (a stolen refresh token revokes its grant): such an answer is not worth
     * keeping. */
    return !keyed || call->problem.status != 0 || gx_idempotency_keep(live, act);
}

/* What the operator must know and the client must not: why the store failed. */
static void log_failure(const gx_live_call *live, const char *why)
{
    const gx_endpoint *endpoint = live->call.endpoint;
    gx_log(live->call.api->options.logger, GX_LEVEL_ERROR, "%s %s failed with %d, request %s: %s", endpoint->method,
           endpoint->path, live->call.problem.status, live->request_id, why);
}

static bool note_use(gx_act *act)
{
    bool notes = act->key_use_unknown && act->txn->log != NULL && act->problem->status == 0;
    return !notes || gx_api_keys_used(act->txn->database, act->key_id, act->txn->now_ms) || gx_act_store_failed(act);
}

static bool run_job(gx_job *job, gx_txn *txn)
{
    gx_live_call *live = (gx_live_call *)((char *)job - offsetof(gx_live_call, job));
    live->answer_ready = false; /* a lane may run a job twice */
    gx_buffer_free(&live->answer.body);
    gx_act act = act_of(live, txn);
    bool kept = authenticate(live, &act) && use_authority(live, &act) && note_use(&act);
    if (!kept && (live->call.problem.status >= 500 || live->call.problem.status == 0))
        log_failure(live, gx_database_message(txn->database));
    return kept;
}

/* --- between the loop and the lanes --- */

/* All calls with one key go to one lane: they would wait for each other anyway. FNV-1a. */
static uint64_t lane_of(gx_span bearer)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < bearer.len; i++)
        hash = (hash ^ (unsigned char)bearer.ptr[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static void finish_job(gx_job *job, gx_job_end end);

bool gx_call_post(gx_live_call *live)
{
    gx_lanes *lanes = live->call.api->options.lanes;
    bool writes = (live->call.endpoint->work == GX_WORK_WRITE || live->by_ticket) && live->stage != GX_STAGE_REFUSE;
    bool (*lane)(gx_lanes *, gx_job *) = live->stage == GX_STAGE_PREPARE ? gx_lanes_prepare
                                         : writes                        ? gx_lanes_write
                                                                         : gx_lanes_read;
    gx_probe_begin(live);
    live->job = (gx_job){.lane_key = lane_of(live->bearer), .run = run_job, .finish = finish_job};
    return lane(lanes, &live->job) || gx_refuse(&live->call.problem, 503, "SERVICE_UNAVAILABLE",
                                                "Too many requests are waiting; nothing was done, try again");
}

/* What was prepared goes on to be written from there, without a detour to its network thread. */
static void finish_job(gx_job *job, gx_job_end end)
{
    gx_live_call *live = (gx_live_call *)((char *)job - offsetof(gx_live_call, job));
    bool prepared =
        live->stage == GX_STAGE_PREPARE && end == GX_JOB_KEPT && live->call.problem.status == 0 && !live->answer_ready;
    if (prepared)
        live->stage = GX_STAGE_RUN;
    if (prepared && gx_call_post(live))
        return;
    live->end = end;
    gx_mailbox_post(live->call.api->options.mailbox, &live->message);
}

/* Puts into words how the lane left it, where the rule has not. */
static void tell_end(gx_live_call *live)
{
    gx_problem *problem = &live->call.problem;
    if (live->end == GX_JOB_LOST) {
        bool wrote = live->call.endpoint->work == GX_WORK_WRITE && live->stage == GX_STAGE_RUN;
        gx_refuse(problem, 503, "SERVICE_UNAVAILABLE", "%s",
                  wrote ? "The store did not confirm the change, whether it was kept is unknown; try again with the "
                          "same Idempotency-Key"
                        : "The store is not available at the moment; nothing was done, try again");
        log_failure(live, "the transaction was not kept");
    } else if (live->end == GX_JOB_FULL) {
        gx_refuse_no_room(problem);
        log_failure(live, "the store is full");
    } else if (live->end == GX_JOB_REFUSED && problem->status == 0) {
        gx_refuse(problem, 500, "INTERNAL_ERROR", "An unexpected error occurred");
    }
}

void gx_call_deliver(gx_message *message)
{
    gx_live_call *live = (gx_live_call *)((char *)message - offsetof(gx_live_call, message));
    gx_probe_end(live);
    if (live->told_status != 0) {
        gx_call_free(&live->call);
        return;
    }
    tell_end(live);
    if (live->end == GX_JOB_KEPT && live->call.problem.status == 0)
        gx_key_use_note(live);
    gx_call_end(live);
}
