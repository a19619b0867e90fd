#include "authority/consent.h"

#include <string.h>

#include "authority/agent.h"
#include "authority/grant.h"
#include "authority/id.h"
#include "authority/secret.h"
#include "base/ulid.h"
#include "store/developers.h"

/* A code goes through a browser's address bar: it must not be good for long (RFC 6749 section 4.1.2). */
#define CODE_LIFE_MS (INT64_C(10) * 60 * 1000)

/* An authorization code: a bare ULID, given once, kept as a hash. */
typedef struct new_code {
    const char *code;
    const char *hash;
} new_code;

static bool make_code(gx_act *act, new_code *out)
{
    char code[GX_ULID_LENGTH + 1], hash[GX_SECRET_HASH_SIZE];
    if (!gx_ulid_new(code, act->txn->now_ms) || !gx_secret_hash(hash, gx_span_of(code)))
        return gx_act_no_memory(act);
    new_code made = {gx_arena_text(act->arena, code), gx_arena_text(act->arena, hash)};
    if (made.code == NULL || made.hash == NULL)
        return gx_act_no_memory(act);
    *out = made;
    return true;
}

/* When a code that is given now dies: never after its request. */
static int64_t code_end(const gx_act *act, const gx_auth_request_row *request)
{
    int64_t end = act->txn->now_ms + CODE_LIFE_MS;
    return end < request->expires_at ? end : request->expires_at;
}

static bool refuse_gone(gx_act *act)
{
    return gx_refuse(act->problem, 410, "GONE", "This authorization request has expired or was decided already");
}

static bool refuse_unknown(gx_act *act)
{
    return gx_refuse(act->problem, 404, "NOT_FOUND", "Authorization request not found");
}

/* Tells `none` when there is no such request. */
static bool find(gx_act *act, const char *request_id, bool (*none)(gx_act *act), gx_auth_request_row *out)
{
    switch (gx_auth_requests_find(act->txn->database, act->arena, request_id, out)) {
    case GX_STEP_ROW:
        return true;
    case GX_STEP_DONE:
        return none(act);
    default:
        return gx_act_store_failed(act);
    }
}

/* --- asking --- */

static bool make_request(gx_act *act, const gx_consent_ask_request *in, gx_auth_request_row *out)
{
    *out = (gx_auth_request_row){
        .id = gx_id_for(act, "areq_"),
        .developer_id = act->developer_id,
        .agent_id = in->agent_id,
        .principal_id = in->principal_id,
        .scopes = in->scopes,
        .redirect_uri = in->redirect_uri,
        .state = in->state,
        .audience = in->audience,
        .code_challenge = in->code_challenge,
        .grant_life_ms = in->life_ms,
        .status = "pending",
        .created_at = act->txn->now_ms,
        .expires_at = act->txn->now_ms + in->life_ms,
    };
    return out->id != NULL;
}

bool gx_consent_ask(gx_act *act, const gx_consent_ask_request *in, gx_consent_asked *out)
{
    gx_agent_row agent;
    gx_auth_request_row request;
    new_code approval = {0};
    if (!gx_agent_get_active(act, in->agent_id, &agent) || !gx_grant_fits_plan(act) || !make_request(act, in, &request))
        return false;
    if (act->sandbox) {
        if (!make_code(act, &approval))
            return false;
        request.status = "approved";
        request.code_hash = approval.hash;
        request.expires_at = code_end(act, &request);
    }
    const char *url = gx_arena_printf(act->arena, "%s/consent?req=%s", act->authority->public_url, request.id);
    if (url == NULL)
        return gx_act_no_memory(act);
    if (!gx_auth_requests_insert(act->txn->database, &request))
        return gx_act_store_failed(act);
    *out = (gx_consent_asked){.request = request, .consent_url = url, .code = approval.code};
    return true;
}

/* --- deciding --- */

/* Whoever looks is told which it is: "somebody has answered already" is news to one who has not. */
static bool refuse_over(gx_act *act, const gx_auth_request_row *request)
{
    if (strcmp(request->status, "pending") == 0)
        return gx_refuse(act->problem, 410, "GONE", "This authorization request has expired");
    bool denied = strcmp(request->status, "denied") == 0;
    return gx_refuse(act->problem, 410, "GONE", "This authorization request was %s already",
                     denied ? "denied" : "approved");
}

bool gx_consent_show(gx_act *act, const char *request_id, gx_consent_view *out)
{
    gx_consent_view view = {0};
    if (!find(act, request_id, refuse_unknown, &view.request))
        return false;
    if (strcmp(view.request.status, "pending") != 0 || view.request.expires_at <= act->txn->now_ms)
        return refuse_over(act, &view.request);
    gx_database *database = act->txn->database;
    gx_developer_row developer = {0};
    gx_step found = gx_agents_find(database, act->arena, view.request.developer_id, view.request.agent_id, &view.agent);
    if (found == GX_STEP_ROW)
        found = gx_developers_find(database, act->arena, view.request.developer_id, &developer);
    if (found == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    if (found == GX_STEP_DONE)
        return refuse_unknown(act);
    view.developer_name = developer.name;
    *out = view;
    return true;
}

static gx_consent_decision decision_on(const gx_auth_request_row *request, const char *code)
{
    return (gx_consent_decision){
        .request_id = request->id,
        .code = code,
        .redirect_uri = request->redirect_uri,
        .state = request->state,
    };
}

static bool approve(gx_act *act, const gx_auth_request_row *request, bool (*none)(gx_act *act),
                    gx_consent_decision *out)
{
    new_code approval;
    if (!make_code(act, &approval))
        return false;
    gx_step step = gx_auth_requests_approve(act->txn->database, request->id, approval.hash, code_end(act, request),
                                            act->txn->now_ms);
    if (step == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    if (step == GX_STEP_DONE)
        return none(act);
    *out = decision_on(request, approval.code);
    return true;
}

static bool deny(gx_act *act, const gx_auth_request_row *request, gx_consent_decision *out)
{
    gx_step step = gx_auth_requests_deny(act->txn->database, request->id);
    if (step == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    if (step == GX_STEP_DONE)
        return refuse_unknown(act);
    *out = decision_on(request, NULL);
    return true;
}

bool gx_consent_approve(gx_act *act, const char *request_id, gx_consent_decision *out)
{
    gx_auth_request_row request;
    return find(act, request_id, refuse_gone, &request) && approve(act, &request, refuse_gone, out);
}

bool gx_consent_deny(gx_act *act, const char *request_id, gx_consent_decision *out)
{
    gx_auth_request_row request;
    return find(act, request_id, refuse_unknown, &request) && deny(act, &request, out);
}

/* --- a sandbox developer in the principal's place --- */

static bool find_own(gx_act *act, const char *request_id, gx_auth_request_row *out)
{
    gx_auth_request_row request;
    if (!act->sandbox)
        return gx_refuse(act->problem, 403, "CONSENT_REQUIRED",
                         "Only the principal decides, at the consent page; a sandbox developer may do it by API key");
    if (!find(act, request_id, refuse_unknown, &request))
        return false;
    if (strcmp(request.developer_id, act->developer_id) != 0)
        return refuse_unknown(act);
    *out = request;
    return true;
}

bool gx_consent_approve_as_developer(gx_act *act, const char *request_id, gx_consent_decision *out)
{
    gx_auth_request_row request = {0};
    return find_own(act, request_id, &request) && approve(act, &request, refuse_unknown, out);
}

bool gx_consent_deny_as_developer(gx_act *act, const char *request_id, gx_consent_decision *out)
{
    gx_auth_request_row request = {0};
    return find_own(act, request_id, &request) && deny(act, &request, out);
}
