/* A token in the making: drawn and signed before the write, so that RSA never holds the write lane up, and written down
 * in the lane once the rules have been checked again there. */
#ifndef GX_AUTHORITY_TOKEN_DRAFT_H
#define GX_AUTHORITY_TOKEN_DRAFT_H

#include <stdbool.h>
#include <stdint.h>

#include "authority/act.h"
#include "store/budgets.h"
#include "store/grants.h"

#define GX_REFRESH_TOKEN_PREFIX "ref_" /* a ULID of the time of issue follows */

typedef struct gx_token_draft {
    const char *request_id; /* the authorization request that an exchange is for; otherwise NULL */
    gx_grant_row grant;
    const char *token_id;
    const char *grant_token;   /* the JWT; NULL while nothing is drawn */
    const char *refresh_token; /* shown once; the store gets its hash */
    int64_t issued_at;
    int64_t token_expires_at; /* the grant's expiry, floored to the second as `exp` is */
    int64_t refresh_expires_at;
} gx_token_draft;

/* Draws the ids and signs a token of this grant; `budget` may be NULL. No write. */
bool gx_token_draft_sign(gx_act *act, const gx_grant_row *grant, const gx_budget_row *budget, gx_token_draft *out);

/* Writes the token and its refresh token down and tells of it; `method` is "exchange" or "refresh". */
bool gx_token_draft_keep(gx_act *act, const gx_token_draft *draft, const char *method);

#endif
