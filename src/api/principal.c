/* POST /v1/principal-sessions, by API key; and in the session: GET /v1/principal/audit, GET /v1/principal/grants,
 * DELETE /v1/principal/grants/:id
 */
#include "authority/principal.h"

#include <string.h>

#include "api/audit.h"
#include "api/input.h"
#include "api/nouns.h"
#include "api/page.h"
#include "authority/agent.h"
#include "authority/grant.h"
#include "authority/scope.h"

enum { MOST_ID = 256 };

#define DEFAULT_LIFE_MS (INT64_C(3600) * 1000)

typedef struct open_args {
    gx_session_request in;
    gx_session out;
} open_args;

static const char *const STATUSES[] = {"active", "ended"};

typedef struct list_args {
    gx_paging paging;
    const char *status; /* one of STATUSES; NULL: active */
    gx_principal_grants out;
    const char *principal_id;
    int64_t now_ms; /* when it was read: decides what has expired */
} list_args;

typedef struct audit_args {
    const gx_audit_row *first;
} audit_args;

typedef struct revoke_args {
    const char *id;
} revoke_args;

static bool parse_open(gx_call *call)
{
    gx_session_request *in = &((open_args *)call->args)->in;
    return gx_input_text(call, "principalId", GX_REQUIRED, 1, MOST_ID, &in->principal_id) &&
           gx_input_duration(call, "expiresIn", DEFAULT_LIFE_MS, &in->life_ms);
}

static bool run_open(gx_call *call, gx_act *act)
{
    open_args *args = call->args;
    return gx_principal_open_session(act, &args->in, &args->out);
}

static void render_open(const gx_call *call, gx_answer *answer)
{
    const gx_session *session = &((const open_args *)call->args)->out;
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    gx_json_text(&json, "sessionToken", session->token);
    gx_json_text(&json, "dashboardUrl", session->dashboard_url);
    gx_json_time(&json, "expiresAt", session->expires_at);
    gx_json_close_object(&json);
}

static bool parse_list(gx_call *call)
{
    list_args *args = call->args;
    return gx_input_query_word(call, "status", STATUSES, sizeof STATUSES / sizeof *STATUSES, &args->status) &&
           gx_page_parse(call, GX_MOST_ON_PAGE, GX_MOST_ON_PAGE, &args->paging);
}

static bool run_list(gx_call *call, gx_act *act)
{
    list_args *args = call->args;
    args->principal_id = act->principal_id;
    args->now_ms = act->txn->now_ms;
    bool ended = args->status != NULL && strcmp(args->status, "ended") == 0;
    return gx_principal_list_grants(act, ended, args->paging, &args->out);
}

/* What is left, and when something was taken off last. */
static void write_budget(gx_json *json, const gx_held_grant_row *held)
{
    if (held->currency == NULL) {
        gx_json_text(json, "budget", NULL);
        return;
    }
    gx_json_open_object(json, "budget");
    gx_json_money_string(json, "initialBudget", held->initial);
    gx_json_money_string(json, "remainingBudget", held->remaining);
    gx_json_text(json, "currency", held->currency);
    if (held->debited_at != 0)
        gx_json_time(json, "lastDebitAt", held->debited_at);
    else
        gx_json_text(json, "lastDebitAt", NULL);
    gx_json_close_object(json);
}

static void write_grant(gx_json *json, const gx_held_grant_row *held, int64_t now_ms)
{
    const gx_grant_row *grant = &held->grant;
    char did[GX_AGENT_DID_SIZE];
    gx_agent_did(did, grant->agent_id);
    gx_json_open_object(json, NULL);
    gx_json_text(json, "grantId", grant->id);
    gx_json_text(json, "agentId", grant->agent_id);
    gx_json_text(json, "agentName", held->agent_name);
    gx_json_text(json, "agentDescription", held->agent_description);
    gx_json_text(json, "agentDid", did);
    gx_json_raw(json, "scopes", gx_span_of(grant->scopes));
    gx_scope_write_descriptions(json, "scopeDescriptions", grant->scopes);
    gx_scope_write_warnings(json, "scopeWarnings", grant->scopes);
    gx_json_text(json, "status", gx_grant_status(grant, now_ms));
    gx_json_time(json, "issuedAt", grant->issued_at);
    gx_json_time(json, "expiresAt", grant->expires_at);
    if (grant->revoked_by != NULL) {
        gx_json_time(json, "revokedAt", grant->revoked_at);
        gx_json_text(json, "revokedBy", grant->revoked_by);
    }
    gx_json_int(json, "delegationDepth", grant->depth);
    write_budget(json, held);
    gx_json_close_object(json);
}

static void render_list(const gx_call *call, gx_answer *answer)
{
    const list_args *args = call->args;
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    gx_json_text(&json, "principalId", args->principal_id);
    gx_json_open_array(&json, "grants");
    for (const gx_held_grant_row *held = args->out.first; held != NULL; held = held->next)
        write_grant(&json, held, args->now_ms);
    gx_page_close(&json, args->paging, args->out.total);
}

static bool run_audit(gx_call *call, gx_act *act)
{
    audit_args *args = call->args;
    return gx_principal_list_audit(act, &args->first);
}

static void render_audit(const gx_call *call, gx_answer *answer)
{
    const audit_args *args = call->args;
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    gx_json_open_array(&json, "entries");
    for (const gx_audit_row *entry = args->first; entry != NULL; entry = entry->next)
        gx_audit_entry_write(&json, entry);
    gx_json_close_array(&json);
    gx_json_close_object(&json);
}

static bool run_revoke(gx_call *call, gx_act *act)
{
    const revoke_args *args = call->args;
    return gx_grant_revoke_as_principal(act, args->id);
}

static const gx_endpoint ROWS[] = {
    {
        /* The server keeps nothing of a session: this reads, and may be repeated. */
        .method = "POST",
        .path = "/v1/principal-sessions",
        .access = GX_KEY_GRANTS_WRITE,
        .work = GX_WORK_READ,
        .body = GX_BODY_JSON_OBJECT,
        .args_size = sizeof(open_args),
        .rate = GX_RATE_PRINCIPAL_SESSION,
        .success = 201,
        .parse = parse_open,
        .run = run_open,
        .render = render_open,
    },
    {
        .method = "GET",
        .path = "/v1/principal/audit",
        .access = GX_ACCESS_SESSION,
        .work = GX_WORK_READ,
        .args_size = sizeof(audit_args),
        .success = 200,
        .run = run_audit,
        .render = render_audit,
    },
    {
        .method = "GET",
        .path = "/v1/principal/grants",
        .access = GX_ACCESS_SESSION,
        .work = GX_WORK_READ,
        .args_size = sizeof(list_args),
        .success = 200,
        .parse = parse_list,
        .run = run_list,
        .render = render_list,
    },
    {
        .method = "DELETE",
        .path = "/v1/principal/grants/:id",
        .access = GX_ACCESS_SESSION,
        .work = GX_WORK_WRITE,
        .args_size = sizeof(revoke_args),
        .rate = GX_RATE_REVOKES,
        .success = 204,
        .parse = gx_parse_param,
        .run = run_revoke,
    },
};

const gx_endpoints gx_principal_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
