/* A JWT (RFC 7519) signed by RS256 with the server's key: the envelope only. What the claims must say is for who made
 * them: grant_token.c. */
#ifndef GX_AUTHORITY_JWT_H
#define GX_AUTHORITY_JWT_H

#include <jansson.h>
#include <stdbool.h>

#include "authority/signing_key.h"
#include "base/arena.h"
#include "base/span.h"

/* The token over these claims, the text of a JSON object, in the arena. NULL when out of memory, or when the claims
 * are longer than those of the largest grant token. */
const char *gx_jwt_sign(const gx_signing_key *key, gx_arena *arena, gx_span claims);

/* The claims of a token that was signed by this key (RS256 and its exact `kid`, nothing else); give them back with
 * json_decref. NULL for any other bytes, and when out of memory: then `failed` of the arena is set. *text, when `text`
 * is not NULL, gets the same claims as they stand in the token, in the arena. */
json_t *gx_jwt_verify(const gx_signing_key *key, gx_arena *arena, gx_span token, const char **text);

/* A claim's text in the arena. NULL when it is absent or no string: in a claim that must be there this refuses the
 * token. */
const char *gx_jwt_text(const json_t *claims, const char *name, gx_arena *arena);

/* Whether the claim is this text. */
bool gx_jwt_text_is(const json_t *claims, const char *name, const char *value);

#endif
