/* POST /v1/agents, GET /v1/agents; GET, PATCH, DELETE /v1/agents/:id, and POST, which existing clients send for PATCH
 */
#include "authority/agent.h"
#include "api/input.h"
#include "api/nouns.h"
#include "api/page.h"

static const char *const STATUSES[] = {"active", "suspended"};

enum { MOST_NAME = 200, MOST_DESCRIPTION = 4000 };

typedef struct register_args {
    gx_agent_register_request in;
    gx_agent_row agent;
} register_args;

typedef struct get_args {
    const char *id;
    gx_agent_row agent;
} get_args;

typedef struct update_args {
    get_args of; /* first, for render */
    gx_agent_change change;
} update_args;

typedef struct list_args {
    gx_paging paging;
    gx_agent_list out;
} list_args;

static bool parse_register(gx_call *call)
{
    gx_agent_register_request *in = &((register_args *)call->args)->in;
    return gx_input_trimmed(call, "name", GX_REQUIRED, 1, MOST_NAME, &in->name) &&
           gx_input_text(call, "description", GX_OPTIONAL, 0, MOST_DESCRIPTION, &in->description) &&
           gx_input_scopes(call, "scopes", GX_OPTIONAL, 0, &in->scopes);
}

static bool run_register(gx_call *call, gx_act *act)
{
    register_args *args = call->args;
    return gx_agent_register(act, &args->in, &args->agent);
}

static bool run_get(gx_call *call, gx_act *act)
{
    get_args *args = call->args;
    return gx_agent_get(act, args->id, &args->agent);
}

static bool parse_list(gx_call *call)
{
    list_args *args = call->args;
    return gx_page_parse(call, GX_MOST_ON_PAGE, GX_MOST_ON_PAGE, &args->paging);
}

static bool changes_something(const gx_agent_change *change)
{
    return change->name != NULL || change->description != NULL || change->scopes != NULL || change->status != NULL;
}

static bool parse_update(gx_call *call)
{
    update_args *args = call->args;
    gx_agent_change *change = &args->change;
    if (!gx_input_param(call, &args->of.id) ||
        !gx_input_trimmed(call, "name", GX_OPTIONAL, 1, MOST_NAME, &change->name) ||
        !gx_input_text(call, "description", GX_OPTIONAL, 0, MOST_DESCRIPTION, &change->description) ||
        !gx_input_word(call, "status", GX_OPTIONAL, STATUSES, 2, &change->status))
        return false;
    if (gx_input_given(call, "scopes") && !gx_input_scopes(call, "scopes", GX_REQUIRED, 0, &change->scopes))
        return false;
    return changes_something(change) ||
           gx_refuse(&call->problem, 400, "BAD_REQUEST", "Give at least one of name, description, scopes, status");
}

static bool run_update(gx_call *call, gx_act *act)
{
    update_args *args = call->args;
    return gx_agent_update(act, args->of.id, &args->change, &args->of.agent);
}

static bool run_delete(gx_call *call, gx_act *act)
{
    const get_args *args = call->args;
    return gx_agent_delete(act, args->id);
}

static bool run_list(gx_call *call, gx_act *act)
{
    list_args *args = call->args;
    return gx_agent_list_page(act, args->paging, &args->out);
}

static void write_agent(gx_json *json, const gx_agent_row *agent)
{
    char did[GX_AGENT_DID_SIZE];
    gx_agent_did(did, agent->id);
    gx_json_open_object(json, NULL);
    gx_json_text(json, "agentId", agent->id);
    gx_json_text(json, "did", did);
    gx_json_text(json, "developerId", agent->developer_id);
    gx_json_text(json, "name", agent->name);
    gx_json_text(json, "description", agent->description);
    gx_json_raw(json, "scopes", gx_span_of(agent->scopes));
    gx_json_text(json, "status", agent->status);
    gx_json_time(json, "createdAt", agent->created_at);
    gx_json_time(json, "updatedAt", agent->updated_at);
    gx_json_close_object(json);
}

static void render_registered(const gx_call *call, gx_answer *answer)
{
    gx_json json = gx_json_on(&answer->body);
    write_agent(&json, &((const register_args *)call->args)->agent);
}

static void render_agent(const gx_call *call, gx_answer *answer)
{
    gx_json json = gx_json_on(&answer->body);
    write_agent(&json, &((const get_args *)call->args)->agent);
}

static void render_list(const gx_call *call, gx_answer *answer)
{
    const list_args *args = call->args;
    gx_json json = gx_page_open(answer, "agents");
    for (const gx_agent_row *row = args->out.first; row != NULL; row = row->next)
        write_agent(&json, row);
    gx_page_close(&json, args->paging, args->out.total);
}

#define UPDATE_ROW(by)                                                                                                 \
    {                                                                                                                  \
        .method = by, .path = "/v1/agents/:id", .access = GX_KEY_GRANTS_WRITE, .work = GX_WORK_WRITE,                  \
        .body = GX_BODY_JSON_OBJECT, .args_size = sizeof(update_args), .success = 200, .parse = parse_update,          \
        .run = run_update, .render = render_agent                                                                      \
    }

static const gx_endpoint ROWS[] = {
    {
        .method = "POST",
        .path = "/v1/agents",
        .access = GX_KEY_GRANTS_WRITE,
        .work = GX_WORK_WRITE,
        .body = GX_BODY_JSON_OBJECT,
        .args_size = sizeof(register_args),
        .success = 201,
        .parse = parse_register,
        .run = run_register,
        .render = render_registered,
    },
    {
        .method = "GET",
        .path = "/v1/agents",
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
        .path = "/v1/agents/:id",
        .access = GX_KEY_LOOKS,
        .work = GX_WORK_READ,
        .args_size = sizeof(get_args),
        .success = 200,
        .parse = gx_parse_param,
        .run = run_get,
        .render = render_agent,
    },
    UPDATE_ROW("PATCH"),
    UPDATE_ROW("POST"),
    {
        .method = "DELETE",
        .path = "/v1/agents/:id",
        .access = GX_KEY_GRANTS_WRITE,
        .work = GX_WORK_WRITE,
        .args_size = sizeof(get_args),
        .rate = GX_RATE_REVOKES,
        .success = 204,
        .parse = gx_parse_param,
        .run = run_delete,
    },
};

const gx_endpoints gx_agent_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
