/* grantex/tokens.h - from an authorization request to a grant token. What all calls have in common stands in
 * grantex/agents.h. Tokens and codes are secrets: the library never puts them into an error. */
#ifndef GRANTEX_TOKENS_H
#define GRANTEX_TOKENS_H

#include "grantex/client.h"
#include "grantex/sse.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct grantex_authorize_request {
    const char *agent_id;       /* required */
    const char *principal_id;   /* required */
    const char *const *scopes;  /* required; ends with NULL */
    const char *expires_in;     /* "30m", "24h", "7d"; NULL: the server's default */
    const char *redirect_uri;   /* NULL: none */
    const char *state;          /* NULL: none */
    const char *audience;       /* NULL: none */
    const char *code_challenge; /* PKCE, S256; NULL: none */
    const void *reserved[4];    /* must be zero */
} grantex_authorize_request;

typedef struct grantex_authorization {
    grantex_text id;          /* "areq_…" */
    grantex_text consent_url; /* where the principal says yes or no */
    grantex_text expires_at;
    grantex_text code; /* "" unless the server approved at once (sandbox) */
    grantex_text json; /* the whole answer of the server */
} grantex_authorization;

/* Asks a principal for consent. *authorization is given to the caller: grantex_authorization_free. */
GRANTEX_API grantex_status grantex_authorize(grantex_client *client, const grantex_authorize_request *request,
                                             grantex_authorization **authorization, grantex_error *error);

/* Frees what was given; NULL is allowed. */
GRANTEX_API void grantex_authorization_free(grantex_authorization *authorization);

typedef struct grantex_token {
    grantex_text grant_token; /* the JWT that the agent shows */
    grantex_text refresh_token;
    grantex_text grant_id, expires_at;
    const grantex_text *scopes;
    size_t scope_count;
    grantex_text json; /* the whole answer of the server */
} grantex_token;

/* A code for a grant, its first token and a refresh token. `code_verifier` may be NULL (no PKCE). *token is given to
 * the caller: grantex_token_free. */
GRANTEX_API grantex_status grantex_tokens_exchange(grantex_client *client, const char *code, const char *agent_id,
                                                   const char *code_verifier, grantex_token **token,
                                                   grantex_error *error);

/* A further token for a refresh token, which works once: *token has the next one. Given to the caller:
 * grantex_token_free. */
GRANTEX_API grantex_status grantex_tokens_refresh(grantex_client *client, const char *refresh_token,
                                                  const char *agent_id, grantex_token **token, grantex_error *error);

/* Frees what was given; NULL is allowed. */
GRANTEX_API void grantex_token_free(grantex_token *token);

#ifdef __cplusplus
}
#endif
#endif
