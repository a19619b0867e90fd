/* GET /v1/grants, GET /v1/grants/:id, DELETE /v1/grants/:id */
#include "authority/grant.h"
#include "api/input.h"
#include "api/nouns.h"
#include "api/page.h"

enum { MOST_ID = 256 }; /* characters */

static const char *const STATUSES[] = {"active", "expired", "revoked"};

typedef struct list_args {
    gx_grant_list_request in;
    gx_grant_list out;
    int64_t now_ms; /* when it was read: decides what has expired */
} list_args;

typedef struct grant_args {
    const char *id;
    gx_grant_row grant;
    int64_t now_ms;
} grant_args;

static bool parse_list(gx_call *call)
{
    gx_grant_list_request *in = &((list_args *)call->args)->in;
    return gx_input_query_text(call, "agentId", MOST_ID, &in->agent_id) &&
           gx_input_query_text(call, "principalId", MOST_ID, &in->principal_id) &&
           gx_input_query_word(call, "status", STATUSES, sizeof STATUSES / sizeof *STATUSES, &in->status) &&
           gx_page_parse(call, GX_MOST_ON_PAGE, GX_MOST_ON_PAGE, &in->paging);
}

static bool run_list(gx_call *call, gx_act *act)
{
    list_args *args = call->args;
    args->now_ms = act->txn->now_ms;
    return gx_grant_list_page(act, &args->in, &args->out);
}

static void write_grant(gx_json *json, const gx_grant_row *grant, int64_t now_ms)
{
    gx_json_open_object(json, NULL);
    gx_json_text(json, "grantId", grant->id);
    gx_json_text(json, "agentId", grant->agent_id);
    gx_json_text(json, "principalId", grant->principal_id);
    gx_json_text(json, "developerId", grant->developer_id);
    gx_json_raw(json, "scopes", gx_span_of(grant->scopes));
    gx_json_text(json, "status", gx_grant_status(grant, now_ms));
    gx_json_time(json, "issuedAt", grant->issued_at);
    gx_json_time(json, "expiresAt", grant->expires_at);
    if (grant->revoked_by != NULL) {
        gx_json_time(json, "revokedAt", grant->revoked_at);
        gx_json_text(json, "revokedBy", grant->revoked_by);
    }
    if (grant->parent_id != NULL)
        gx_json_text(json, "parentGrantId", grant->parent_id);
    gx_json_int(json, "delegationDepth", grant->depth);
    gx_json_close_object(json);
}

static void render_list(const gx_call *call, gx_answer *answer)
{
    const list_args *args = call->args;
    gx_json json = gx_page_open(answer, "grants");
    for (const gx_grant_row *row = args->out.first; row != NULL; row = row->next)
        write_grant(&json, row, args->now_ms);
    gx_page_close(&json, args->in.paging, args->out.total);
}

static bool run_get(gx_call *call, gx_act *act)
{
    grant_args *args = call->args;
    args->now_ms = act->txn->now_ms;
    return gx_grant_get(act, args->id, &args->grant);
}

static void render_grant(const gx_call *call, gx_answer *answer)
{
    const grant_args *args = call->args;
    gx_json json = gx_json_on(&answer->body);
    write_grant(&json, &args->grant, args->now_ms);
}

static bool run_revoke(gx_call *call, gx_act *act)
{
    const grant_args *args = call->args;
    return gx_grant_revoke(act, args->id, GX_REVOKER_DEVELOPER);
}

static const gx_endpoint ROWS[] = {
    {
        .method = "GET",
        .path = "/v1/grants",
        .access = GX_KEY_LOOKS,
        .work = GX_WORK_READ,
        .args_size = sizeof(list_args),
        .success = 200,
        .parse = parse_list,
        .run = run_list,
        .render = render_list,
    },
    {
        .method = "GET",
        .path = "/v1/grants/:id",
        .access = GX_KEY_LOOKS,
        .work = GX_WORK_READ,
        .args_size = sizeof(grant_args),
        .success = 200,
        .parse = gx_parse_param,
        .run = run_get,
        .render = render_grant,
    },
    {
        .method = "DELETE",
        .path = "/v1/grants/:id",
        .access = GX_KEY_GRANTS_WRITE,
        .work = GX_WORK_WRITE,
        .args_size = sizeof(grant_args),
        .rate = GX_RATE_REVOKES,
        .takes_cookie = true,
        .success = 204,
        .parse = gx_parse_param,
        .run = run_revoke,
    },
};

const gx_endpoints gx_grant_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
