/* The table browser_sessions: who signed in at the monitor. */
#ifndef GX_STORE_BROWSER_SESSIONS_H
#define GX_STORE_BROWSER_SESSIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/database.h"

typedef struct gx_browser_session_row {
    const char *hash;
    const char *developer_id;
    const char *key_hash; /* of the API key that signed in */
    int64_t created_at;
    int64_t expires_at;
} gx_browser_session_row;

/* Clears a few that have expired, too. */
bool gx_browser_sessions_insert(gx_database *database, const gx_browser_session_row *session);

/* ROW and *out, which may have expired; DONE when there is none. */
gx_step gx_browser_sessions_find(gx_database *database, gx_arena *arena, const char *hash, gx_browser_session_row *out);

bool gx_browser_sessions_delete(gx_database *database, const char *hash);

#endif
