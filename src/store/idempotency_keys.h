/* Table idempotency_keys: answers that may be asked for again. */
#ifndef GX_STORE_IDEMPOTENCY_KEYS_H
#define GX_STORE_IDEMPOTENCY_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/database.h"

typedef struct gx_idempotency_key {
    const char *fingerprint;
    int64_t status;
    const char *body; /* encrypted, base64url */
} gx_idempotency_key;

/* ROW and *out, DONE when there is none (or older than `not_before_ms`), ERROR on a fault or when memory ran out. */
gx_step gx_idempotency_keys_find(gx_database *database, gx_arena *arena, const char *developer_id, const char *key_hash,
                                 int64_t not_before_ms, gx_idempotency_key *out);

/* Also clears away a few rows older than `not_before_ms`: more than it adds, so that the table stays small without a
 * task for it. */
bool gx_idempotency_keys_insert(gx_database *database, const char *developer_id, const char *key_hash,
                                const gx_idempotency_key *row, int64_t now_ms, int64_t not_before_ms);

#endif
