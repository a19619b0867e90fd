#include "authority/agent.h"

#include <stdio.h>
#include <string.h>

#include "authority/grant.h"
#include "authority/id.h"
#include "authority/plan.h"

static bool refuse_unknown(gx_act *act)
{
    return gx_refuse(act->problem, 404, "NOT_FOUND", "Agent not found");
}

static bool count_agents(gx_act *act, int64_t *count)
{
    return gx_agents_count(act->txn->database, act->developer_id, count);
}

bool gx_agent_register(gx_act *act, const gx_agent_register_request *in, gx_agent_row *out)
{
    if (!gx_plan_check(act, GX_PLAN_AGENTS, count_agents))
        return false;
    gx_agent_row row = {
        .id = gx_id_for(act, "ag_"),
        .developer_id = act->developer_id,
        .name = in->name,
        .description = in->description == NULL ? "" : in->description,
        .scopes = in->scopes,
        .status = "active",
        .created_at = act->txn->now_ms,
        .updated_at = act->txn->now_ms,
    };
    if (row.id == NULL)
        return false;
    if (!gx_agents_insert(act->txn->database, &row))
        return gx_act_store_failed(act);
    *out = row;
    return true;
}

bool gx_agent_get(gx_act *act, const char *agent_id, gx_agent_row *out)
{
    switch (gx_agents_find(act->txn->database, act->arena, act->developer_id, agent_id, out)) {
    case GX_STEP_ROW:
        return true;
    case GX_STEP_DONE:
        return refuse_unknown(act);
    default:
        return gx_act_store_failed(act);
    }
}

bool gx_agent_get_active(gx_act *act, const char *agent_id, gx_agent_row *out)
{
    gx_agent_row row;
    if (!gx_agent_get(act, agent_id, &row))
        return false;
    if (strcmp(row.status, "active") != 0)
        return refuse_unknown(act);
    *out = row;
    return true;
}

bool gx_agent_list_page(gx_act *act, gx_paging paging, gx_agent_list *out)
{
    gx_database *database = act->txn->database;
    return (gx_agents_count(database, act->developer_id, &out->total) &&
            gx_agents_list(database, act->arena, act->developer_id, paging, &out->first)) ||
           gx_act_store_failed(act);
}

bool gx_agent_update(gx_act *act, const char *agent_id, const gx_agent_change *change, gx_agent_row *out)
{
    gx_agent_row row;
    if (!gx_agent_get(act, agent_id, &row))
        return false;
    row.name = change->name != NULL ? change->name : row.name;
    row.description = change->description != NULL ? change->description : row.description;
    row.scopes = change->scopes != NULL ? change->scopes : row.scopes;
    row.status = change->status != NULL ? change->status : row.status;
    row.updated_at = act->txn->now_ms;
    if (!gx_agents_update(act->txn->database, &row))
        return gx_act_store_failed(act);
    *out = row;
    return true;
}

bool gx_agent_delete(gx_act *act, const char *agent_id)
{
    gx_agent_row row;
    if (!gx_agent_get(act, agent_id, &row) || !gx_grant_revoke_of_agent(act, row.id, GX_REVOKER_DEVELOPER))
        return false;
    return gx_agents_delete(act->txn->database, row.id) || gx_act_store_failed(act);
}

void gx_agent_did(char out[static GX_AGENT_DID_SIZE], const char *agent_id)
{
    snprintf(out, GX_AGENT_DID_SIZE, GX_DID_PREFIX "%s", agent_id);
}
