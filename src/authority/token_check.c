#include "authority/token_check.h"

#include <string.h>

#include "store/tokens.h"

/* What the store has of the token and of its grant. */
static gx_step find_record(gx_act *act, const gx_grant_claims *claims, int64_t *revoked_at, gx_grant_row *grant)
{
    gx_database *database = act->txn->database;
    gx_step found = gx_tokens_find(database, act->developer_id, claims->token_id, revoked_at);
    if (found == GX_STEP_ROW)
        found = gx_grants_find(database, act->arena, act->developer_id, claims->grant_id, grant);
    return found;
}

bool gx_token_check_claims(gx_act *act, const gx_grant_claims *claims, gx_token_checked *out)
{
    gx_token_checked checked = {.verdict = GX_TOKEN_WRONG_DEVELOPER, .claims = *claims};
    int64_t now_ms = act->txn->now_ms, revoked_at;
    if (strcmp(claims->developer_id, act->developer_id) == 0) {
        gx_step found = find_record(act, claims, &revoked_at, &checked.grant);
        if (found == GX_STEP_ERROR)
            return gx_act_store_failed(act);
        if (found == GX_STEP_DONE)
            checked.verdict = GX_TOKEN_NOT_FOUND;
        else if (revoked_at != 0 || strcmp(checked.grant.status, "revoked") == 0)
            checked.verdict = GX_TOKEN_REVOKED;
        else if (gx_grant_token_expired(claims, now_ms) || checked.grant.expires_at <= now_ms)
            checked.verdict = GX_TOKEN_EXPIRED;
        else
            checked.verdict = GX_TOKEN_GOOD;
    }
    *out = checked;
    return true;
}

bool gx_token_check(gx_act *act, const char *token, gx_token_checked *out)
{
    gx_grant_claims claims;
    const gx_authority *authority = act->authority;
    bool is_ours =
        gx_grant_token_read(authority->signing_key, act->arena, authority->public_url, gx_span_of(token), &claims);
    if (act->arena->failed)
        return gx_act_no_memory(act);
    if (is_ours)
        return gx_token_check_claims(act, &claims, out);
    *out = (gx_token_checked){.verdict = GX_TOKEN_FOREIGN};
    return true;
}

bool gx_token_revoke(gx_act *act, const char *token_id)
{
    gx_step revoked = gx_tokens_revoke(act->txn->database, act->developer_id, token_id, act->txn->now_ms);
    if (revoked == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    return revoked == GX_STEP_ROW || gx_refuse(act->problem, 404, "NOT_FOUND", "Token not found");
}
