/* Tokens: an authorization code becomes a grant with its first token; a refresh token becomes the next one. Each in two
 * steps: prepare (any connection, no write) checks, draws and signs; the other (in the write lane) checks again, since
 * all may have changed in between, and writes. Both steps take the same request and draft. */
#ifndef GX_AUTHORITY_TOKEN_H
#define GX_AUTHORITY_TOKEN_H

#include <stdbool.h>

#include "authority/act.h"
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

#endif
