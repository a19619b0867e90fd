#include "grantex/agents.h"

#include <stdlib.h>

#include "lib/call.h"
#include "lib/client.h"
#include "lib/fail.h"
#include "lib/request.h"
#include "lib/result.h"

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

static void write_agent(gx_json *json, const void *context)
{
    const grantex_agent_request *request = context;
    gx_json_text(json, "name", request->name);
    gx_request_text(json, "description", request->description);
    gx_request_texts(json, "scopes", request->scopes);
}

grantex_status grantex_agents_register(grantex_client *client, const grantex_agent_request *request,
                                       grantex_agent **agent, grantex_error *error)
{
    if (!request || !request->name || !agent || !gx_reserved_unused(request->reserved, 4))
        return gx_fail(error, GRANTEX_E_INVALID, "request needs a name, agent must not be NULL, reserved must be zero");
    void *result;
    grantex_status status =
        gx_post(client, &(gx_post_request){"/v1/agents", NULL, write_agent, request}, &shape, &result, error);
    if (status == GRANTEX_OK)
        *agent = result;
    return status;
}

void grantex_agent_free(grantex_agent *agent)
{
    free(agent);
}

grantex_status grantex_agents_list(grantex_client *client, grantex_agent_list **list, grantex_error *error)
{
    if (!list)
        return gx_fail(error, GRANTEX_E_INVALID, "list must not be NULL");
    gx_result_list result;
    grantex_status status = gx_get_list(client, "/v1/agents", "agents", &shape, sizeof **list, &result, error);
    if (status != GRANTEX_OK)
        return status;
    *list = result.block;
    **list = (grantex_agent_list){result.items, result.count, result.json, result.total};
    return GRANTEX_OK;
}

void grantex_agent_list_free(grantex_agent_list *list)
{
    free(list);
}
