#include "grantex/agents.h"

#include "base/memory.h"
#include "lib/client.h"
#include "lib/fail.h"
#include "lib/request.h"

#define TEXT(member, key) GX_TEXT(grantex_agent, member, key)

static const gx_field fields[] = {
    GX_REQUIRED_TEXT(grantex_agent, id, "agentId"),
    TEXT(did, "did"),
    TEXT(name, "name"),
    TEXT(description, "description"),
    TEXT(status, "status"),
    TEXT(created_at, "createdAt"),
    TEXT(updated_at, "updatedAt"),
    GX_TEXTS(grantex_agent, scopes, scope_count, "scopes"),
};

static const gx_shape shape = GX_SHAPE_WITH_JSON(grantex_agent, fields);

/* --- one ---------------------------------------------------------------------------------------------------------- */

static void write_agent(gx_json *json, const void *context)
{
    const grantex_agent_request *request = context;
    gx_request_text(json, "name", request->name);
    gx_request_text(json, "description", request->description);
    gx_request_texts(json, "scopes", request->scopes);
    gx_request_text(json, "status", request->status);
}

grantex_status grantex_agents_register(grantex_client *client, const grantex_agent_request *request,
                                       grantex_agent **agent, grantex_error *error)
{
    if (!request || !request->name || !agent || !gx_reserved_unused(request->reserved, 3))
        return gx_fail(error, GRANTEX_E_INVALID, "request needs a name, agent must not be NULL, reserved must be zero");
    gx_ask ask = {.method = "POST", .path = "/v1/agents", .write = write_agent, .context = request};
    GX_GIVE(agent, gx_ask_object(client, &ask, &shape, &result, error));
}

grantex_status grantex_agents_get(grantex_client *client, const char *agent_id, grantex_agent **agent,
                                  grantex_error *error)
{
    if (!agent)
        return gx_fail(error, GRANTEX_E_INVALID, "agent must not be NULL");
    gx_ask ask = {.method = "GET", .path = "/v1/agents/", .id = agent_id, .id_name = "agent_id"};
    GX_GIVE(agent, gx_ask_object(client, &ask, &shape, &result, error));
}

grantex_status grantex_agents_update(grantex_client *client, const char *agent_id, const grantex_agent_request *change,
                                     grantex_agent **agent, grantex_error *error)
{
    if (!change || !agent || !gx_reserved_unused(change->reserved, 3))
        return gx_fail(error, GRANTEX_E_INVALID, "change and agent must not be NULL, reserved must be zero");
    gx_ask ask = {.method = "PATCH",
                  .path = "/v1/agents/",
                  .id = agent_id,
                  .id_name = "agent_id",
                  .write = write_agent,
                  .context = change};
    GX_GIVE(agent, gx_ask_object(client, &ask, &shape, &result, error));
}

grantex_status grantex_agents_delete(grantex_client *client, const char *agent_id, grantex_error *error)
{
    gx_ask ask = {.method = "DELETE", .path = "/v1/agents/", .id = agent_id, .id_name = "agent_id"};
    return gx_ask_delete(client, &ask, error);
}

void grantex_agent_free(grantex_agent *agent)
{
    gx_free(agent);
}

/* --- all ---------------------------------------------------------------------------------------------------------- */

grantex_status grantex_agents_list(grantex_client *client, grantex_agent_list **list, grantex_error *error)
{
    if (!list)
        return gx_fail(error, GRANTEX_E_INVALID, "list must not be NULL");
    gx_ask ask = {.method = "GET", .path = "/v1/agents"};
    GX_GIVE_LIST(list, grantex_agent_list, gx_ask_list(client, &ask, "agents", &shape, sizeof **list, &result, error));
}

void grantex_agent_list_free(grantex_agent_list *list)
{
    gx_free(list);
}
