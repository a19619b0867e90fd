#include "authority/principal.h"

#include "authority/session_token.h"
#include "store/developers.h"

enum { MOST_AUDIT_ENTRIES = 100 };

static gx_holder holder(const gx_act *act, const char *principal_id, bool ended)
{
    return (gx_holder){act->developer_id, principal_id, act->txn->now_ms, ended};
}

static bool has_grants(gx_act *act, const char *principal_id)
{
    const gx_holder whose = holder(act, principal_id, false);
    int64_t count;
    if (!gx_grants_count_held(act->txn->database, &whose, &count))
        return gx_act_store_failed(act);
    return count > 0 || gx_refuse(act->problem, 404, "NOT_FOUND", "principalId: this principal has no active grants");
}

bool gx_principal_open_session(gx_act *act, const gx_session_request *in, gx_session *out)
{
    if (!has_grants(act, in->principal_id))
        return false;
    const gx_authority *authority = act->authority;
    int64_t now_ms = act->txn->now_ms, life_ms = in->life_ms < GX_SESSION_MOST_MS ? in->life_ms : GX_SESSION_MOST_MS;
    const gx_session_claims claims = {
        .issuer = authority->public_url,
        .principal_id = in->principal_id,
        .developer_id = act->developer_id,
        .issued_at = now_ms / 1000,
        .expires_at = (now_ms + life_ms) / 1000,
    };
    const char *token = gx_session_token_sign(authority->signing_key, act->arena, &claims);
    if (token == NULL)
        return gx_act_no_memory(act);
    const char *url = gx_arena_printf(act->arena, "%s/permissions#session=%s", authority->public_url, token);
    if (url == NULL)
        return gx_act_no_memory(act);
    *out = (gx_session){.token = token, .dashboard_url = url, .expires_at = claims.expires_at * 1000};
    return true;
}

static bool refuse_session(gx_act *act)
{
    return gx_refuse(act->problem, 401, "UNAUTHORIZED", "Invalid or expired session");
}

bool gx_principal_authenticate(gx_act *act, gx_span bearer_session)
{
    const gx_authority *authority = act->authority;
    gx_session_claims claims;
    if (!gx_session_token_verify(authority->signing_key, act->arena, authority->public_url, act->txn->now_ms,
                                 bearer_session, &claims))
        return act->arena->failed ? gx_act_no_memory(act) : refuse_session(act);
    gx_developer_row developer;
    bool writes = act->txn->log != NULL;
    gx_step found = writes ? gx_developers_take(act->txn->database, act->arena, claims.developer_id, &developer)
                           : gx_developers_find(act->txn->database, act->arena, claims.developer_id, &developer);
    if (found == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    if (found == GX_STEP_DONE)
        return refuse_session(act);
    act->developer_id = developer.id;
    act->principal_id = claims.principal_id;
    return true;
}

bool gx_principal_list_grants(gx_act *act, bool ended, gx_paging paging, gx_principal_grants *out)
{
    gx_database *database = act->txn->database;
    const gx_holder whose = holder(act, act->principal_id, ended);
    return (gx_grants_count_held(database, &whose, &out->total) &&
            gx_grants_held(database, act->arena, &whose, paging, &out->first)) ||
           gx_act_store_failed(act);
}

bool gx_principal_list_audit(gx_act *act, const gx_audit_row **first)
{
    return gx_audit_latest_of_principal(act->txn->database, act->arena, act->developer_id, act->principal_id,
                                        MOST_AUDIT_ENTRIES, first) ||
           gx_act_store_failed(act);
}
