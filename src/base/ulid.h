/* ULIDs: 48 bits of milliseconds and 80 random bits, 26 characters of Crockford's base 32, sorting as text. */
#ifndef GX_BASE_ULID_H
#define GX_BASE_ULID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

#define GX_ULID_LENGTH 26
/* Prefix of up to 5 characters ("grnt_", "areq_"), the ULID, a NUL. */
#define GX_ID_SIZE 32

/* A new ULID for the time `ms`; false only when the system gives no randomness. */
bool gx_ulid_new(char out[static GX_ULID_LENGTH + 1], int64_t ms);

/* A ULID greater than `previous` (26 characters, or "" for none) and, when that holds by itself, fresh for `ms`;
 * otherwise previous + 1 (the time part grows by one when the random part is used up). */
bool gx_ulid_next(char out[static GX_ULID_LENGTH + 1], const char *previous, int64_t ms);

/* Whether the span is a well-formed ULID: 26 characters, upper case, first one at most '7'. */
bool gx_ulid_valid(gx_span text);

/* The milliseconds in a valid ULID. */
int64_t gx_ulid_ms(const char *ulid);

/* prefix + new ULID, e.g. gx_id_new(out, "grnt_", ms). */
bool gx_id_new(char out[static GX_ID_SIZE], const char *prefix, int64_t ms);

#endif
