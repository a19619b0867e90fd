#include "authority/token_draft.h"

#include "authority/events.h"
#include "authority/grant.h"
#include "authority/grant_token.h"
#include "authority/id.h"
#include "authority/secret.h"
#include "store/tokens.h"

#define REFRESH_LIFE_MS (INT64_C(30) * 24 * 3600 * 1000)

/* A delegated grant's token names the one above it. */
static bool add_parent(gx_act *act, const gx_grant_row *grant, gx_grant_claims *claims)
{
    if (grant->parent_id == NULL)
        return true;
    gx_grant_row parent;
    if (!gx_grant_get(act, grant->parent_id, &parent))
        return false;
    claims->parent_grant_id = parent.id;
    claims->parent_agent_id = parent.agent_id;
    claims->depth = grant->depth;
    return true;
}

static bool sign(gx_act *act, const gx_budget_row *budget, gx_token_draft *draft)
{
    const gx_grant_row *grant = &draft->grant;
    gx_grant_claims claims = {
        .issuer = act->authority->public_url,
        .principal_id = grant->principal_id,
        .agent_id = grant->agent_id,
        .developer_id = grant->developer_id,
        .scopes = grant->scopes,
        .token_id = draft->token_id,
        .grant_id = grant->id,
        .issued_at = draft->issued_at / 1000,
        .expires_at = draft->token_expires_at / 1000,
        .audience = grant->audience,
        .has_budget = budget != NULL,
        .budget_remaining = budget == NULL ? 0 : budget->remaining,
    };
    if (!add_parent(act, grant, &claims))
        return false;
    draft->grant_token = gx_grant_token_sign(act->authority->signing_key, act->arena, &claims);
    return draft->grant_token != NULL || gx_act_no_memory(act);
}

bool gx_token_draft_sign(gx_act *act, const gx_grant_row *grant, const gx_budget_row *budget, gx_token_draft *out)
{
    int64_t now_ms = act->txn->now_ms;
    int64_t refresh_end = now_ms + REFRESH_LIFE_MS;
    gx_token_draft draft = {
        .grant = *grant,
        .issued_at = now_ms,
        .token_expires_at = grant->expires_at / 1000 * 1000,
        .refresh_expires_at = refresh_end < grant->expires_at ? refresh_end : grant->expires_at,
        .token_id = gx_id_for(act, "tok_"),
        .refresh_token = gx_id_for(act, GX_REFRESH_TOKEN_PREFIX),
    };
    if (draft.token_id == NULL || draft.refresh_token == NULL || !sign(act, budget, &draft))
        return false;
    *out = draft;
    return true;
}

bool gx_token_draft_keep(gx_act *act, const gx_token_draft *draft, const char *method)
{
    char hash[GX_SECRET_HASH_SIZE];
    if (!gx_secret_hash(hash, gx_span_of(draft->refresh_token)))
        return gx_act_no_memory(act);
    const gx_grant_row *grant = &draft->grant;
    const gx_token_row token = {
        .id = draft->token_id,
        .developer_id = grant->developer_id,
        .grant_id = grant->id,
        .issued_at = draft->issued_at,
        .expires_at = draft->token_expires_at,
    };
    const gx_refresh_row refresh = {
        .hash = hash,
        .developer_id = grant->developer_id,
        .grant_id = grant->id,
        .agent_id = grant->agent_id,
        .created_at = draft->issued_at,
        .expires_at = draft->refresh_expires_at,
    };
    if (!gx_tokens_insert(act->txn->database, &token) || !gx_refresh_tokens_insert(act->txn->database, &refresh))
        return gx_act_store_failed(act);
    return gx_append_token_issued(act, grant, token.id, method);
}
