/* What proves to a webhook's receiver that a request is ours. */
#ifndef GX_WEBHOOK_SIGNATURE_H
#define GX_WEBHOOK_SIGNATURE_H

#include <stdbool.h>

#include "base/span.h"

#define GX_SIGNATURE_SIZE 72 /* "sha256=", 64 lower-case hex digits, a NUL */

/* HMAC-SHA256 of the body under the secret's characters as its owner was shown them. False when OpenSSL fails, which
 * means out of memory. */
bool gx_signature_write(char out[static GX_SIGNATURE_SIZE], gx_span secret, gx_span body);

/* The same of timestamp + "." + body: a request that is sent again later by somebody else shows its age. */
bool gx_signature_write_dated(char out[static GX_SIGNATURE_SIZE], gx_span secret, gx_span timestamp, gx_span body);

#endif
