/* Whether a grant token is good now, which its signature alone does not tell, and taking one token back. */
#ifndef GX_AUTHORITY_TOKEN_CHECK_H
#define GX_AUTHORITY_TOKEN_CHECK_H

#include <stdbool.h>

#include "authority/act.h"
#include "authority/grant_token.h"
#include "store/grants.h"

typedef enum gx_token_verdict {
    GX_TOKEN_FOREIGN, /* no grant token that this server signed */
    GX_TOKEN_WRONG_DEVELOPER,
    GX_TOKEN_NOT_FOUND, /* signed here, but not on record */
    GX_TOKEN_REVOKED,   /* by itself, or with its grant */
    GX_TOKEN_EXPIRED,
    GX_TOKEN_GOOD,
} gx_token_verdict;

typedef struct gx_token_checked {
    gx_token_verdict verdict;
    gx_grant_claims claims; /* unless it is foreign */
    gx_grant_row grant;     /* when it is good */
} gx_token_checked;

/* Any text may come. */
bool gx_token_check(gx_act *act, const char *token, gx_token_checked *out);

/* The same for claims that gx_token_check has read from a token: without another look at the signature. */
bool gx_token_check_claims(gx_act *act, const gx_grant_claims *claims, gx_token_checked *out);

/* Only this token dies: its grant and the refresh token live. 404 when it is unknown or revoked already. No event. */
bool gx_token_revoke(gx_act *act, const char *token_id);

#endif
