#include <string.h>

#include "authority/grant.h"
#include "authority/secret.h"
#include "authority/token.h"
#include "authority/token_draft.h"
#include "base/ulid.h"
#include "store/agents.h"
#include "store/budgets.h"
#include "store/tokens.h"

/* A client that did not get the answer asks again; within this time that is a retry, later it is theft. */
#define RETRY_MS INT64_C(30000)

/* Where it is kept: under its hash, at the time that is in its ULID. DONE for a text that is no token. */
static gx_step look_up(gx_act *act, gx_span token, gx_refresh_row *out)
{
    static const size_t prefix = sizeof GX_REFRESH_TOKEN_PREFIX - 1;
    if (token.len <= prefix || !gx_ulid_valid((gx_span){token.ptr + prefix, token.len - prefix}))
        return GX_STEP_DONE;
    char hash[GX_SECRET_HASH_SIZE];
    if (!gx_secret_hash(hash, token)) {
        act->arena->failed = true;
        return GX_STEP_ERROR;
    }
    return gx_refresh_tokens_find(act->txn->database, act->arena, act->developer_id, gx_ulid_ms(token.ptr + prefix),
                                  hash, out);
}

static bool find_refresh(gx_act *act, const gx_token_refresh_request *in, gx_refresh_row *out)
{
    gx_database *database = act->txn->database;
    gx_agent_row agent;
    gx_step found = look_up(act, gx_span_of(in->refresh_token), out);
    if (found == GX_STEP_ROW)
        found = gx_agents_find(database, act->arena, act->developer_id, out->agent_id, &agent);
    if (found == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    if (found != GX_STEP_ROW || strcmp(agent.status, "active") != 0)
        return gx_act_bad_request(act, "Invalid refresh token");
    /* One that was used is judged by that, whoever presents it. */
    bool fits = out->used_at != 0 || strcmp(out->agent_id, in->agent_id) == 0;
    return fits || gx_act_bad_request(act, "Agent mismatch");
}

/* Everything that an unused refresh token still has to pass. */
static bool check(gx_act *act, const gx_refresh_row *refresh, gx_grant_row *grant)
{
    if (refresh->expires_at <= act->txn->now_ms)
        return gx_act_bad_request(act, "Refresh token expired");
    gx_step found = gx_grants_find(act->txn->database, act->arena, act->developer_id, refresh->grant_id, grant);
    if (found == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    if (found == GX_STEP_DONE)
        return gx_act_bad_request(act, "Grant is not active");
    if (strcmp(grant->status, "revoked") == 0)
        return gx_act_bad_request(act, "Grant has been revoked");
    return grant->expires_at > act->txn->now_ms || gx_act_bad_request(act, "Grant has expired");
}

bool gx_token_prepare_refresh(gx_act *act, const gx_token_refresh_request *in, gx_token_draft *out)
{
    gx_refresh_row refresh;
    gx_grant_row grant;
    if (!find_refresh(act, in, &refresh))
        return false;
    if (refresh.used_at != 0)
        return true; /* nothing to sign: what follows from that, gx_token_refresh decides */
    if (!check(act, &refresh, &grant))
        return false;
    gx_budget_row budget;
    gx_step found = gx_budgets_find(act->txn->database, act->arena, act->developer_id, grant.id, &budget);
    if (found == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    return gx_token_draft_sign(act, &grant, found == GX_STEP_ROW ? &budget : NULL, out);
}

/* Refuses a token that was used before; true when that revoked the grant, which must be kept. */
static bool answer_reuse(gx_act *act, const gx_refresh_row *refresh)
{
    bool retry = act->txn->now_ms - refresh->used_at <= RETRY_MS;
    gx_grant_row grant;
    if (!retry && !gx_grant_get(act, refresh->grant_id, &grant))
        return false;
    if (retry || strcmp(grant.status, "revoked") == 0)
        return gx_act_bad_request(act, "Refresh token already used");
    if (!gx_grant_revoke(act, grant.id, GX_REVOKER_SYSTEM))
        return false;
    gx_act_bad_request(act, "Refresh token already used");
    return true;
}

bool gx_token_refresh(gx_act *act, const gx_token_refresh_request *in, const gx_token_draft *draft)
{
    gx_refresh_row refresh;
    gx_grant_row grant;
    if (!find_refresh(act, in, &refresh))
        return false;
    if (refresh.used_at != 0)
        return answer_reuse(act, &refresh);
    if (!check(act, &refresh, &grant))
        return false;
    gx_step used = gx_refresh_tokens_use(act->txn->database, &refresh, act->txn->now_ms);
    if (used == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    if (used == GX_STEP_DONE)
        return gx_act_bad_request(act, "Refresh token already used");
    return gx_token_draft_keep(act, draft, "refresh");
}
