#include "authority/token_check.h"

#include <string.h>

#include "authority/grant.h"
#include "store/grants.h"
#include "store/tokens.h"

/* The token was revoked neither by itself nor with its grant. */
static gx_step find_living(gx_act *act, const gx_grant_claims *claims)
{
    gx_database *database = act->txn->database;
    gx_grant_row grant;
    gx_step found = gx_tokens_find_unrevoked(database, act->developer_id, claims->token_id);
    if (found == GX_STEP_ROW)
        found = gx_grants_find(database, act->arena, act->developer_id, claims->grant_id, &grant);
    if (found == GX_STEP_ROW && strcmp(gx_grant_status(&grant, act->txn->now_ms), "active") != 0)
        found = GX_STEP_DONE;
    return found;
}

bool gx_token_check(gx_act *act, const char *token, gx_token_checked *out)
{
    gx_token_checked checked = {0};
    const gx_authority *authority = act->authority;
    bool is_ours = gx_grant_token_verify(authority->signing_key, act->arena, authority->public_url, act->txn->now_ms,
                                         gx_span_of(token), &checked.claims);
    if (act->arena->failed)
        return gx_act_no_memory(act);
    gx_step found = is_ours ? find_living(act, &checked.claims) : GX_STEP_DONE;
    if (found == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    checked.valid = found == GX_STEP_ROW;
    *out = checked;
    return true;
}

bool gx_token_revoke(gx_act *act, const char *token_id)
{
    gx_step revoked = gx_tokens_revoke(act->txn->database, act->developer_id, token_id, act->txn->now_ms);
    if (revoked == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    return revoked == GX_STEP_ROW || gx_refuse(act->problem, 404, "NOT_FOUND", "Token not found");
}
