/* The session of a principal: a JWT, signed like a grant token, that opens one user's own page at one developer and
 * nothing else. The server keeps none of it, so it ends by its time, never by being taken back. */
#ifndef GX_AUTHORITY_SESSION_TOKEN_H
#define GX_AUTHORITY_SESSION_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "authority/signing_key.h"
#include "base/arena.h"
#include "base/span.h"

typedef struct gx_session_claims {
    const char *issuer;       /* iss */
    const char *principal_id; /* sub */
    const char *developer_id; /* dev */
    int64_t issued_at;        /* iat: seconds since 1970, as `exp` */
    int64_t expires_at;       /* exp */
} gx_session_claims;

/* The token in the arena; NULL when out of memory. */
const char *gx_session_token_sign(const gx_signing_key *key, gx_arena *arena, const gx_session_claims *claims);

/* Whether this key signed it for this issuer, as a session and nothing else, and its time is not over. *claims (in the
 * arena) is written only then. Any bytes may come. */
bool gx_session_token_verify(const gx_signing_key *key, gx_arena *arena, const char *issuer, int64_t now_ms,
                             gx_span token, gx_session_claims *claims);

#endif
