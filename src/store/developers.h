/* The table developers: the tenants. Their log heads (last_*) are the log's, see log_append.c. */
#ifndef GX_STORE_DEVELOPERS_H
#define GX_STORE_DEVELOPERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/database.h"

typedef struct gx_developer_row {
    const char *id;
    const char *name;
    const char *email; /* lower case, or NULL */
    const char *mode;  /* "live" or "sandbox" */
    int64_t created_at;
    const char *fido_rp_name; /* NULL when not set */
} gx_developer_row;

/* ROW when it is there now, DONE when somebody has that email already. */
gx_step gx_developers_insert(gx_database *database, const gx_developer_row *developer);

/* Finds: ROW and *out, DONE when there is none, ERROR on a fault or when memory ran out. */
gx_step gx_developers_find(gx_database *database, gx_arena *arena, const char *developer_id, gx_developer_row *out);
gx_step gx_developers_find_by_key(gx_database *database, gx_arena *arena, const char *key_hash, gx_developer_row *out);
gx_step gx_developers_find_by_email(gx_database *database, gx_arena *arena, const char *email, gx_developer_row *out);

/* The same, and nobody else has the row until the transaction ends: writing calls take it before anything else, so that
 * all of them take what they need in one order. */
gx_step gx_developers_take(gx_database *database, gx_arena *arena, const char *developer_id, gx_developer_row *out);
gx_step gx_developers_take_by_key(gx_database *database, gx_arena *arena, const char *key_hash, gx_developer_row *out);

/* How many events all of them have in their logs, ever. A scan of the developers. */
bool gx_developers_count_events(gx_database *database, int64_t *count);

bool gx_developers_set_fido_rp_name(gx_database *database, const char *developer_id, const char *fido_rp_name);

/* From here on nobody finds the developer, and the email is free; erasure.h takes out what the store still has. */
bool gx_developers_delete(gx_database *database, const char *developer_id, int64_t now_ms);

#endif
