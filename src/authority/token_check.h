/* Whether a grant token is good now, which its signature alone does not tell, and taking one token back. */
#ifndef GX_AUTHORITY_TOKEN_CHECK_H
#define GX_AUTHORITY_TOKEN_CHECK_H

#include <stdbool.h>

#include "authority/act.h"
#include "authority/grant_token.h"

typedef struct gx_token_checked {
    bool valid;
    gx_grant_claims claims; /* when it is */
} gx_token_checked;

/* Any text may come; one of another developer is as good as none. */
bool gx_token_check(gx_act *act, const char *token, gx_token_checked *out);

/* Only this token dies: its grant and the refresh token live. 404 when it is unknown or revoked already. No event. */
bool gx_token_revoke(gx_act *act, const char *token_id);

#endif
