/* The table signing_keys: the RSA keys that grant tokens are signed with. */
#ifndef GX_STORE_SIGNING_KEYS_H
#define GX_STORE_SIGNING_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/database.h"

/* The newest key; on the same millisecond the greater kid, so that every process takes the same one. ROW and *pem (in
 * the arena), DONE when there is none, ERROR on a fault or when memory ran out. */
gx_step gx_signing_keys_newest(gx_database *database, gx_arena *arena, const char **pem);

bool gx_signing_keys_insert(gx_database *database, const char *kid, const char *pem, int64_t now_ms);

#endif
