/* The table api_keys: what opens a developer's door, and how far. A key is looked up by its hash, never compared. */
#ifndef GX_STORE_API_KEYS_H
#define GX_STORE_API_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/database.h"

#define GX_KEY_NEVER INT64_MAX /* it does not expire */

typedef struct gx_api_key_row gx_api_key_row;

struct gx_api_key_row {
    const char *id; /* key_ */
    const char *developer_id;
    const char *hash;
    const char *name;
    const char *scopes; /* words with a blank between */
    const char *shown;  /* "gx_live_…7Qd2", or NULL */
    int64_t created_at;
    int64_t expires_at;   /* it opens nothing from then on; GX_KEY_NEVER */
    const char *ended_by; /* "rotated", "revoked": why it is over then; NULL: it was made to expire */
    int64_t last_used_at; /* to the hour; 0: never */
    gx_api_key_row *next; /* in a list */
};

/* ROW when it is there now, DONE when there is a key with that hash already. */
gx_step gx_api_keys_insert(gx_database *database, const gx_api_key_row *key);

/* Also one that is over. ROW and *out, DONE when there is none, ERROR on a fault or when memory ran out. */
gx_step gx_api_keys_find_by_hash(gx_database *database, gx_arena *arena, const char *hash, gx_api_key_row *out);

/* One of the developer's that is not over at that time. */
gx_step gx_api_keys_find(gx_database *database, gx_arena *arena, const char *developer_id, const char *id,
                         int64_t now_ms, gx_api_key_row *out);

/* All of those, oldest first. */
bool gx_api_keys_list(gx_database *database, gx_arena *arena, const char *developer_id, int64_t now_ms,
                      gx_api_key_row **first);

/* From that time on it opens nothing. */
bool gx_api_keys_end(gx_database *database, const char *id, int64_t at_ms, const char *ended_by);

/* It opens again what it did, and does not expire. */
bool gx_api_keys_revive(gx_database *database, const char *id);

bool gx_api_keys_used(gx_database *database, const char *id, int64_t at_ms);

/* Takes out some of the developer's that were over by then. */
bool gx_api_keys_clear(gx_database *database, const char *developer_id, int64_t before_ms);

#endif
