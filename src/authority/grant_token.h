/* The grant token: a JWT (RFC 7519), signed by RS256, that says which agent may do what for whom. What an agent shows,
 * and what anybody can check offline with the published key. */
#ifndef GX_AUTHORITY_GRANT_TOKEN_H
#define GX_AUTHORITY_GRANT_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "authority/signing_key.h"
#include "base/arena.h"
#include "base/span.h"

typedef struct gx_grant_claims {
    const char *issuer;          /* iss */
    const char *principal_id;    /* sub */
    const char *agent_id;        /* agt, there as a DID */
    const char *developer_id;    /* dev */
    const char *scopes;          /* scp: JSON array */
    const char *token_id;        /* jti */
    const char *grant_id;        /* grnt */
    int64_t issued_at;           /* iat: seconds since 1970, as `exp` */
    int64_t expires_at;          /* exp */
    const char *audience;        /* aud; NULL for none */
    bool has_budget;             /* bdg is there (not read back by verify) … */
    int64_t budget_remaining;    /* … and says this */
    const char *parent_agent_id; /* parentAgt, parentGrnt, delegationDepth: delegated grants only, else NULL */
    const char *parent_grant_id;
    int64_t depth;
    const char *text; /* all of them as they stand in the token; only verify fills it */
} gx_grant_claims;

/* The token in the arena; NULL when out of memory. */
const char *gx_grant_token_sign(const gx_signing_key *key, gx_arena *arena, const gx_grant_claims *claims);

/* Whether the token was signed by this key (RS256 and its exact `kid`, nothing else) for this issuer, has every claim
 * that we write into each token, is for no other purpose, and has not expired. *claims (in the arena) is written only
 * then. Any bytes may come.
 */
bool gx_grant_token_verify(const gx_signing_key *key, gx_arena *arena, const char *issuer, int64_t now_ms,
                           gx_span token, gx_grant_claims *claims);

#endif
