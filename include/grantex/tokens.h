/* grantex/tokens.h - from an authorization request to a grant token. What all calls have in common stands in
 * grantex/agents.h. Tokens and codes are secrets: the library never puts them into an error. */
#ifndef GRANTEX_TOKENS_H
#define GRANTEX_TOKENS_H

#include <stdbool.h>
#include <stdint.h>

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

/* --- consent ---------------------------------------------------------------------------------------------------- */

/* What a principal is shown before he says yes or no. */
typedef struct grantex_consent {
    grantex_text id; /* "areq_…" */
    grantex_text agent_name, agent_did, agent_description;
    grantex_text status; /* "pending", "approved", "denied", … */
    grantex_text expires_at;
    int64_t grant_life_seconds;
    const grantex_text *scopes;
    size_t scope_count;
    grantex_text json; /* the whole answer of the server */
} grantex_consent;

/* What came of it. */
typedef struct grantex_decision {
    grantex_text code;                /* for grantex_tokens_exchange; "" after a denial */
    grantex_text redirect_uri, state; /* where the principal goes on; "" when the request had none */
    grantex_text json;                /* the whole answer of the server */
} grantex_decision;

/* What is asked of the principal. *consent is given to the caller: grantex_consent_free. */
GRANTEX_API grantex_status grantex_consent_get(grantex_client *client, const char *authorization_id,
                                               grantex_consent **consent, grantex_error *error);

/* Frees what was given; NULL is allowed. */
GRANTEX_API void grantex_consent_free(grantex_consent *consent);

/* What the principal's page sends when he says yes, and no: for a page of your own. *decision is given to the caller:
 * grantex_decision_free. */
GRANTEX_API grantex_status grantex_consent_approve(grantex_client *client, const char *authorization_id,
                                                   grantex_decision **decision, grantex_error *error);
GRANTEX_API grantex_status grantex_consent_deny(grantex_client *client, const char *authorization_id,
                                                grantex_decision **decision, grantex_error *error);

/* The developer decides in the principal's place: for sandbox developers only. *decision is given to the caller:
 * grantex_decision_free. */
GRANTEX_API grantex_status grantex_authorize_approve(grantex_client *client, const char *authorization_id,
                                                     grantex_decision **decision, grantex_error *error);
GRANTEX_API grantex_status grantex_authorize_deny(grantex_client *client, const char *authorization_id,
                                                  grantex_decision **decision, grantex_error *error);

/* Frees what was given; NULL is allowed. */
GRANTEX_API void grantex_decision_free(grantex_decision *decision);

/* --- delegation, checks ----------------------------------------------------------------------------------------- */

typedef struct grantex_delegate_request {
    const char *parent_grant_token; /* required */
    const char *agent_id;           /* required: who gets the new grant */
    const char *const *scopes;      /* required; ends with NULL; not more than the parent has */
    const char *expires_in;         /* "30m", "24h"; NULL: the server's default; never beyond the parent */
    const void *reserved[4];        /* must be zero */
} grantex_delegate_request;

/* A grant below a grant, and its token. *token is given to the caller: grantex_token_free. */
GRANTEX_API grantex_status grantex_tokens_delegate(grantex_client *client, const grantex_delegate_request *request,
                                                   grantex_token **token, grantex_error *error);

typedef struct grantex_token_check {
    bool valid; /* the rest is "" and empty when it is not */
    grantex_text grant_id, principal_id, agent_did, expires_at;
    const grantex_text *scopes;
    size_t scope_count;
    grantex_text json; /* the whole answer of the server */
} grantex_token_check;

/* Whether a grant token may be used now. *check is given to the caller: grantex_token_check_free. */
GRANTEX_API grantex_status grantex_tokens_verify(grantex_client *client, const char *grant_token,
                                                 grantex_token_check **check, grantex_error *error);

/* Frees what was given; NULL is allowed. */
GRANTEX_API void grantex_token_check_free(grantex_token_check *check);

/* Revokes one token by its id ("tok_…", the claim "jti"); its grant stays. */
GRANTEX_API grantex_status grantex_tokens_revoke(grantex_client *client, const char *token_id, grantex_error *error);

#ifdef __cplusplus
}
#endif
#endif
