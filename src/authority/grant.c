#include "authority/grant.h"

#include <string.h>

#include "authority/events.h"
#include "authority/plan.h"

static const char *const REVOKERS[] = {
    [GX_REVOKER_DEVELOPER] = "developer",
    [GX_REVOKER_PRINCIPAL] = "principal",
    [GX_REVOKER_SYSTEM] = "system",
};

const char *gx_grant_status(const gx_grant_row *grant, int64_t now_ms)
{
    bool expired = strcmp(grant->status, "active") == 0 && grant->expires_at <= now_ms;
    return expired ? "expired" : grant->status;
}

static bool not_found(gx_act *act)
{
    return gx_refuse(act->problem, 404, "NOT_FOUND", "Grant not found");
}

bool gx_grant_get(gx_act *act, const char *grant_id, gx_grant_row *out)
{
    gx_step found = gx_grants_find(act->txn->database, act->arena, act->developer_id, grant_id, out);
    if (found == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    return found == GX_STEP_ROW || not_found(act);
}

bool gx_grant_get_active(gx_act *act, const char *grant_id, gx_grant_row *out)
{
    if (!gx_grant_get(act, grant_id, out))
        return false;
    const char *status = gx_grant_status(out, act->txn->now_ms);
    if (strcmp(status, "active") == 0)
        return true;
    return gx_refuse(act->problem, 409, "GRANT_INACTIVE", "Grant is %s", status);
}

static bool count_active(gx_act *act, int64_t *count)
{
    const gx_grants_filter active = {.developer_id = act->developer_id, .status = "active", .now_ms = act->txn->now_ms};
    return gx_grants_count(act->txn->database, &active, count);
}

bool gx_grant_fits_plan(gx_act *act)
{
    return gx_plan_check(act, GX_PLAN_ACTIVE_GRANTS, count_active);
}

bool gx_grant_list_page(gx_act *act, const gx_grant_list_request *in, gx_grant_list *out)
{
    const gx_grants_filter filter = {
        .developer_id = act->developer_id,
        .agent_id = in->agent_id,
        .principal_id = in->principal_id,
        .status = in->status,
        .now_ms = act->txn->now_ms,
    };
    gx_database *database = act->txn->database;
    return (gx_grants_count(database, &filter, &out->total) &&
            gx_grants_list(database, act->arena, &filter, in->paging, &out->first)) ||
           gx_act_store_failed(act);
}

/* Revokes one grant and tells of it; one that somebody revoked meanwhile is left as it is. */
static bool revoke_one(gx_act *act, const gx_grant_row *grant, gx_revoker by, const gx_grant_row *root)
{
    switch (gx_grants_revoke(act->txn->database, grant->id, act->txn->now_ms, REVOKERS[by])) {
    case GX_STEP_ROW:
        return gx_append_grant_revoked(act, grant, REVOKERS[by], root);
    case GX_STEP_DONE:
        return true;
    case GX_STEP_ERROR:
        break;
    }
    return gx_act_store_failed(act);
}

/* Who revoked the root did not ask for these by name: the rule of the cascade did it. */
static bool revoke_below(gx_act *act, const gx_grant_row *root)
{
    const gx_grant_row *below;
    if (!gx_grants_active_below(act->txn->database, act->arena, root->id, &below))
        return gx_act_store_failed(act);
    for (; below != NULL; below = below->next)
        if (!revoke_one(act, below, GX_REVOKER_SYSTEM, root))
            return false;
    return true;
}

bool gx_grant_revoke(gx_act *act, const char *grant_id, gx_revoker by)
{
    gx_grant_row root;
    if (!gx_grant_get(act, grant_id, &root))
        return false;
    if (strcmp(root.status, "revoked") == 0)
        return not_found(act);
    return revoke_one(act, &root, by, &root) && revoke_below(act, &root);
}

bool gx_grant_revoke_as_principal(gx_act *act, const char *grant_id)
{
    gx_grant_row root;
    if (!gx_grant_get(act, grant_id, &root))
        return false;
    bool theirs = strcmp(root.principal_id, act->principal_id) == 0;
    if (!theirs || strcmp(gx_grant_status(&root, act->txn->now_ms), "active") != 0)
        return not_found(act);
    return revoke_one(act, &root, GX_REVOKER_PRINCIPAL, &root) && revoke_below(act, &root);
}

/* First every grant of the agent's own, so that also one that was delegated from another of them says who asked. */
bool gx_grant_revoke_of_agent(gx_act *act, const char *agent_id, gx_revoker by)
{
    const gx_grant_row *first;
    if (!gx_grants_active_of_agent(act->txn->database, act->arena, act->developer_id, agent_id, act->txn->now_ms,
                                   &first))
        return gx_act_store_failed(act);
    for (const gx_grant_row *own = first; own != NULL; own = own->next)
        if (!revoke_one(act, own, by, own))
            return false;
    for (const gx_grant_row *own = first; own != NULL; own = own->next)
        if (!revoke_below(act, own))
            return false;
    return true;
}
