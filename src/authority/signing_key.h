/* The server's RSA key: made once at the first start, kept in the store, parsed once per process. It signs and verifies
 * by RS256 (RFC 7518 section 3.3); its id is the RFC 7638 thumbprint, so it stays the same over restarts. */
#ifndef GX_AUTHORITY_SIGNING_KEY_H
#define GX_AUTHORITY_SIGNING_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/span.h"
#include "store/database.h"
#include "wire/json_writer.h"

#define GX_SIGNATURE_SIZE 256 /* RSA-2048 */

typedef struct gx_signing_key gx_signing_key;

/* The newest key of the store, or a new one where there is none. Runs a write transaction of its own, so that of two
 * processes that start together one makes the key and the other finds it. NULL: see `error`. */
gx_signing_key *gx_signing_key_load_or_create(gx_database *database, int64_t now_ms, gx_error *error);

void gx_signing_key_free(gx_signing_key *key);

/* `kid`: 43 base64url characters. */
const char *gx_signing_key_id(const gx_signing_key *key);

/* Any thread, also several at once: the key is only read. False when OpenSSL is out of memory, and
 * when the signature is not the key's: *no_memory tells which. */
bool gx_signing_key_sign(const gx_signing_key *key, gx_span text, uint8_t signature[static GX_SIGNATURE_SIZE]);
bool gx_signing_key_verify(const gx_signing_key *key, gx_span text, const uint8_t *signature, size_t length,
                           bool *no_memory);

/* The public half as a JWK (RFC 7517), a member `name` or, where that is NULL, an element. */
void gx_signing_key_write_jwk(const gx_signing_key *key, gx_json *json, const char *name);

/* Appends {"keys":[…]} with it. */
void gx_signing_key_write_jwks(const gx_signing_key *key, gx_buffer *out);

#endif
