/* The table auth_requests: an agent asks a principal for scopes. pending → approved → consumed, or pending → denied;
 * each step is one conditional UPDATE, so that of two who try only one succeeds. */
#ifndef GX_STORE_AUTH_REQUESTS_H
#define GX_STORE_AUTH_REQUESTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/database.h"

typedef struct gx_auth_request_row {
    const char *id;
    const char *developer_id;
    const char *agent_id;
    const char *principal_id;
    const char *scopes;         /* JSON array */
    const char *redirect_uri;   /* or NULL */
    const char *state;          /* the client's, given back verbatim; or NULL */
    const char *audience;       /* or NULL */
    const char *code_challenge; /* PKCE S256; or NULL */
    int64_t grant_life_ms;      /* of the request, and of the grant made from it */
    const char *status;         /* "pending", "approved", "denied", "consumed" */
    const char *code_hash;      /* NULL until it is approved */
    int64_t created_at;
    int64_t expires_at; /* of the request; once it is approved, of the code */
} gx_auth_request_row;

bool gx_auth_requests_insert(gx_database *database, const gx_auth_request_row *request);

/* Finds: ROW and *out, DONE when there is none, ERROR on a fault or when memory ran out. */
gx_step gx_auth_requests_find(gx_database *database, gx_arena *arena, const char *request_id, gx_auth_request_row *out);

/* The same, by its code, of the developer's own that an active agent has asked. */
gx_step gx_auth_requests_find_by_code(gx_database *database, gx_arena *arena, const char *developer_id,
                                      const char *code_hash, gx_auth_request_row *out);

/* The steps: ROW when the request took it, DONE when it was not in the state for it. Approval needs one that has not
 * expired; from then on it expires with its code. To be consumed it must be that developer's, not have expired, and its
 * agent active. */
gx_step gx_auth_requests_approve(gx_database *database, const char *request_id, const char *code_hash,
                                 int64_t code_expires_at, int64_t now_ms);
gx_step gx_auth_requests_deny(gx_database *database, const char *request_id);
gx_step gx_auth_requests_consume(gx_database *database, const char *developer_id, const char *request_id,
                                 int64_t now_ms);

#endif
