/* What the principal's browser asks: GET /v1/consent/:id, POST …/approve, POST …/deny; page_files.c has the page. */
#include "authority/consent.h"
#include "api/input.h"
#include "api/nouns.h"
#include "authority/agent.h"
#include "authority/scope.h"
#include "wire/json_writer.h"

typedef struct view_args {
    const char *id;
    gx_consent_view out;
} view_args;

typedef struct decide_args {
    const char *id;
    gx_consent_decision out;
} decide_args;

static bool run_view(gx_call *call, gx_act *act)
{
    view_args *args = call->args;
    return gx_consent_show(act, args->id, &args->out);
}

static void render_view(const gx_call *call, gx_answer *answer)
{
    const gx_consent_view *view = &((const view_args *)call->args)->out;
    const gx_agent_row *agent = &view->agent;
    char did[GX_AGENT_DID_SIZE];
    gx_agent_did(did, agent->id);
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    gx_json_text(&json, "id", view->request.id);
    gx_json_text(&json, "agentName", agent->name);
    gx_json_text(&json, "agentDid", did);
    gx_json_text(&json, "agentDescription", agent->description[0] != '\0' ? agent->description : NULL);
    gx_json_raw(&json, "scopes", gx_span_of(view->request.scopes));
    gx_scope_write_descriptions(&json, "scopeDescriptions", view->request.scopes);
    gx_scope_write_warnings(&json, "scopeWarnings", view->request.scopes);
    gx_json_text(&json, "developerName", view->developer_name);
    gx_json_text(&json, "principalId", view->request.principal_id);
    gx_json_text(&json, "redirectUri", view->request.redirect_uri);
    gx_json_int(&json, "grantLifeSeconds", view->request.grant_life_ms / 1000);
    gx_json_time(&json, "expiresAt", view->request.expires_at);
    gx_json_text(&json, "status", view->request.status);
    gx_json_bool(&json, "fidoRequired", false);
    gx_json_close_object(&json);
}

static bool run_approve(gx_call *call, gx_act *act)
{
    decide_args *args = call->args;
    return gx_consent_approve(act, args->id, &args->out);
}

static bool run_deny(gx_call *call, gx_act *act)
{
    decide_args *args = call->args;
    return gx_consent_deny(act, args->id, &args->out);
}

static void write_if_given(gx_json *json, const char *key, const char *text)
{
    if (text != NULL)
        gx_json_text(json, key, text);
}

static void render_decision(const gx_call *call, gx_answer *answer)
{
    const gx_consent_decision *decision = &((const decide_args *)call->args)->out;
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    write_if_given(&json, "code", decision->code);
    write_if_given(&json, "redirectUri", decision->redirect_uri);
    write_if_given(&json, "state", decision->state);
    gx_json_close_object(&json);
}

static const gx_endpoint ROWS[] = {
    {
        .method = "GET",
        .path = "/v1/consent/:id",
        .access = GX_ACCESS_PUBLIC,
        .work = GX_WORK_READ,
        .args_size = sizeof(view_args),
        .success = 200,
        .parse = gx_parse_param,
        .run = run_view,
        .render = render_view,
    },
    {
        .method = "POST",
        .path = "/v1/consent/:id/approve",
        .access = GX_ACCESS_PUBLIC,
        .work = GX_WORK_WRITE,
        .args_size = sizeof(decide_args),
        .success = 200,
        .parse = gx_parse_param,
        .run = run_approve,
        .render = render_decision,
    },
    {
        .method = "POST",
        .path = "/v1/consent/:id/deny",
        .access = GX_ACCESS_PUBLIC,
        .work = GX_WORK_WRITE,
        .args_size = sizeof(decide_args),
        .success = 200,
        .parse = gx_parse_param,
        .run = run_deny,
        .render = render_decision,
    },
};

const gx_endpoints gx_consent_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
