/* Secrets: made here, shown once, kept only as a hash (but for a webhook's). They carry 80 random bits or more, so one
 * plain SHA-256 is enough: there is nothing to guess that a slow hash would protect. */
#ifndef GX_AUTHORITY_SECRET_H
#define GX_AUTHORITY_SECRET_H

#include <stdbool.h>

#include "base/span.h"

#define GX_SECRET_HASH_SIZE     65 /* 64 lower-case hex digits and a NUL */
#define GX_WEBHOOK_SECRET_SIZE  49
#define GX_TICKET_SIZE          48 /* "tkt_", 43 characters of base64url, NUL */
#define GX_BROWSER_SESSION_SIZE 48 /* "ses_", 43 characters of base64url, NUL */
#define GX_API_KEY_SIZE         52 /* "gx_live_" or "gx_test_", 43 characters of base64url, NUL */

/* Lower-case hex SHA-256. False only when OpenSSL is out of memory. */
bool gx_secret_hash(char out[static GX_SECRET_HASH_SIZE], gx_span secret);

/* A new API key: 32 random bytes behind "gx_test_" (sandbox) or "gx_live_". False when the system gives no randomness.
 */
bool gx_api_key_new(char out[static GX_API_KEY_SIZE], bool sandbox);

/* A new ticket: 32 random bytes behind "tkt_". False when the system gives no randomness. */
bool gx_ticket_new(char out[static GX_TICKET_SIZE]);

/* A new browser session: 32 random bytes behind "ses_". False when the system gives no randomness. */
bool gx_browser_session_new(char out[static GX_BROWSER_SESSION_SIZE]);

/* A new webhook secret: 48 lower-case hex digits, 192 random bits. It is kept as it is, since the HMAC needs it. False
 * when the system gives no randomness. */
bool gx_webhook_secret_new(char out[static GX_WEBHOOK_SECRET_SIZE]);

/* Compares in a time that tells nothing but the lengths. */
bool gx_secret_equal(gx_span a, gx_span b);

#endif
