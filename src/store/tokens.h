/* The tables tokens (the JWTs that were issued, by jti) and refresh_tokens (by the time and hash that a token has; each
 * works once). */
#ifndef GX_STORE_TOKENS_H
#define GX_STORE_TOKENS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/database.h"

typedef struct gx_token_row {
    const char *id;
    const char *developer_id;
    const char *grant_id;
    int64_t issued_at;
    int64_t expires_at;
} gx_token_row;

typedef struct gx_refresh_row {
    const char *hash;
    const char *developer_id;
    const char *grant_id;
    const char *agent_id;
    int64_t created_at;
    int64_t expires_at;
    int64_t used_at; /* 0 while it is not */
} gx_refresh_row;

bool gx_tokens_insert(gx_database *database, const gx_token_row *token);

/* Marks the developer's token revoked: ROW when it was not yet, DONE when it was, or there is none. */
gx_step gx_tokens_revoke(gx_database *database, const char *developer_id, const char *token_id, int64_t now_ms);

/* ROW and when the developer's token was revoked (0: it was not), DONE when there is no such token. */
gx_step gx_tokens_find(gx_database *database, const char *developer_id, const char *token_id, int64_t *revoked_at);

bool gx_refresh_tokens_insert(gx_database *database, const gx_refresh_row *refresh);

/* ROW and *out, DONE when the developer has no such token, ERROR on a fault or when memory ran out. */
gx_step gx_refresh_tokens_find(gx_database *database, gx_arena *arena, const char *developer_id, int64_t created_at,
                               const char *hash, gx_refresh_row *out);

/* Marks it used: ROW when it was not yet, DONE when it was. */
gx_step gx_refresh_tokens_use(gx_database *database, const gx_refresh_row *refresh, int64_t now_ms);

#endif
