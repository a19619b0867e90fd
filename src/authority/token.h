/* Tokens: an authorization code becomes a grant with its first token; a refresh token becomes the next one; a token may
 * be delegated, as a grant of another agent below its own. Each in two steps: prepare (any connection, no write)
 * checks, draws and signs; the other (in the write lane) checks again, since all may have changed in between, and
 * writes. Both steps take the same request and draft. */
#ifndef GX_AUTHORITY_TOKEN_H
#define GX_AUTHORITY_TOKEN_H

#include <stdbool.h>

#include "authority/act.h"
#include "authority/grant_token.h"
#include "authority/token_draft.h"

typedef struct gx_token_exchange_request {
    const char *code;
    const char *agent_id;
    const char *code_verifier; /* PKCE; or NULL */
} gx_token_exchange_request;

bool gx_token_prepare_exchange(gx_act *act, const gx_token_exchange_request *in, gx_token_draft *out);
bool gx_token_exchange(gx_act *act, const gx_token_exchange_request *in, const gx_token_draft *draft);

typedef struct gx_token_refresh_request {
    const char *refresh_token;
    const char *agent_id;
} gx_token_refresh_request;

bool gx_token_prepare_refresh(gx_act *act, const gx_token_refresh_request *in, gx_token_draft *out);

/* A refresh token that was used before and comes again late was stolen, from us or by us: the grant is revoked. The
 * answer is then a problem although the function returns TRUE, because what it did must be kept. */
bool gx_token_refresh(gx_act *act, const gx_token_refresh_request *in, const gx_token_draft *draft);

typedef struct gx_token_delegate_request {
    const char *parent_token;
    const char *agent_id; /* who gets it */
    const char *scopes;   /* JSON array */
    int64_t life_ms;      /* it ends with the parent's token all the same */
} gx_token_delegate_request;

typedef struct gx_delegation_draft {
    gx_token_draft token;
    gx_grant_claims parent; /* as prepare has read them: the write lane need not look at a signature */
} gx_delegation_draft;

bool gx_token_prepare_delegation(gx_act *act, const gx_token_delegate_request *in, gx_delegation_draft *out);
bool gx_token_delegate(gx_act *act, const gx_token_delegate_request *in, const gx_delegation_draft *draft);

#endif
