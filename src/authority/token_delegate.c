#include "authority/agent.h"
#include "authority/events.h"
#include "authority/id.h"
#include "authority/scope.h"
#include "authority/token.h"
#include "authority/token_check.h"

/* What a parent's token that is not good is answered. A token that we signed for another developer is shown, not
 * guessed: to say so tells nobody anything new. */
static const struct refusal {
    int status;
    const char *code, *message;
} REFUSALS[] = {
    [GX_TOKEN_FOREIGN] = {400, "BAD_REQUEST", "parentGrantToken: is no grant token of this server"},
    [GX_TOKEN_WRONG_DEVELOPER] = {403, "FORBIDDEN", "parentGrantToken: belongs to another developer"},
    [GX_TOKEN_NOT_FOUND] = {400, "BAD_REQUEST", "parentGrantToken: is not on record"},
    [GX_TOKEN_REVOKED] = {400, "BAD_REQUEST", "parentGrantToken: has been revoked"},
    [GX_TOKEN_EXPIRED] = {400, "BAD_REQUEST", "parentGrantToken: has expired"},
};

static bool check_scopes(gx_act *act, const char *scopes, const char *parents)
{
    bool within;
    if (!gx_scope_within(scopes, parents, &within))
        return gx_act_no_memory(act);
    return within || gx_act_bad_request(act, "scopes: must be among those of the parent grant");
}

static bool check(gx_act *act, const gx_token_delegate_request *in, const gx_token_checked *parent)
{
    const struct refusal *refusal = &REFUSALS[parent->verdict];
    if (parent->verdict != GX_TOKEN_GOOD)
        return gx_refuse(act->problem, refusal->status, refusal->code, "%s", refusal->message);
    int most = act->authority->most_delegation_depth;
    if (parent->grant.depth >= most)
        return gx_refuse(act->problem, 403, "DELEGATION_DEPTH_EXCEEDED",
                         "parentGrantToken: a grant can be delegated %d deep, this one is", most);
    gx_agent_row agent;
    return check_scopes(act, in->scopes, parent->claims.scopes) && gx_agent_get_active(act, in->agent_id, &agent);
}

static int64_t end_of(const gx_token_delegate_request *in, const gx_token_checked *parent, int64_t now_ms)
{
    int64_t wished = now_ms + in->life_ms, most = parent->claims.expires_at * 1000;
    return wished < most ? wished : most;
}

bool gx_token_prepare_delegation(gx_act *act, const gx_token_delegate_request *in, gx_delegation_draft *out)
{
    gx_token_checked parent;
    gx_delegation_draft draft;
    if (!gx_token_check(act, in->parent_token, &parent) || !check(act, in, &parent))
        return false;
    const gx_grant_row grant = {
        .id = gx_id_for(act, "grnt_"),
        .developer_id = parent.grant.developer_id,
        .agent_id = in->agent_id,
        .principal_id = parent.grant.principal_id,
        .scopes = in->scopes,
        .status = "active",
        .issued_at = act->txn->now_ms,
        .expires_at = end_of(in, &parent, act->txn->now_ms),
        .parent_id = parent.grant.id,
        .depth = parent.grant.depth + 1,
    };
    draft.parent = parent.claims;
    if (grant.id == NULL || !gx_token_draft_sign(act, &grant, NULL, &draft.token))
        return false;
    *out = draft;
    return true;
}

bool gx_token_delegate(gx_act *act, const gx_token_delegate_request *in, const gx_delegation_draft *draft)
{
    gx_token_checked parent;
    /* Who asks holds the developer's row: a revocation somewhere above that another lane or node is writing has ended
     * before this one looks, or begins to look for what is below after the child is there. */
    if (!gx_token_check_claims(act, &draft->parent, &parent) || !check(act, in, &parent))
        return false;
    const gx_grant_row *grant = &draft->token.grant;
    if (!gx_grants_insert(act->txn->database, grant))
        return gx_act_store_failed(act);
    return gx_append_grant_created(act, grant) && gx_token_draft_keep(act, &draft->token, "exchange");
}
