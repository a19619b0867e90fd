/* grantex/grants.h - grants: list, look at, revoke. What all calls have in common stands in grantex/agents.h. */
#ifndef GRANTEX_GRANTS_H
#define GRANTEX_GRANTS_H

#include <stdbool.h>
#include <stdint.h>

#include "grantex/client.h"
#include "grantex/sse.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct grantex_grant {
    grantex_text id; /* "grnt_…" */
    grantex_text agent_id, principal_id;
    grantex_text status; /* "active", "revoked", "expired" */
    grantex_text issued_at, expires_at;
    grantex_text revoked_at;      /* "" while it is not revoked */
    grantex_text parent_grant_id; /* "" when it was not delegated */
    const grantex_text *scopes;
    size_t scope_count;
    int64_t delegation_depth;
    grantex_text json; /* the whole answer of the server */
} grantex_grant;

typedef struct grantex_grant_list {
    const grantex_grant *items; /* newest first */
    size_t count;
    grantex_text json;
    uint64_t total; /* how many there are; more than `count` when they do not fit into one answer */
} grantex_grant_list;

/* Exact filters; NULL: any. */
typedef struct grantex_grant_filter {
    const char *agent_id, *principal_id, *status;
    const void *reserved[4]; /* must be zero */
} grantex_grant_filter;

/* The grants that the filter lets through; `filter` may be NULL. *list is given to the caller:
 * grantex_grant_list_free. */
GRANTEX_API grantex_status grantex_grants_list(grantex_client *client, const grantex_grant_filter *filter,
                                               grantex_grant_list **list, grantex_error *error);

/* Frees what was given; NULL is allowed. */
GRANTEX_API void grantex_grant_list_free(grantex_grant_list *list);

/* One grant. *grant is given to the caller: grantex_grant_free. */
GRANTEX_API grantex_status grantex_grants_get(grantex_client *client, const char *grant_id, grantex_grant **grant,
                                              grantex_error *error);

/* Frees what was given; NULL is allowed. */
GRANTEX_API void grantex_grant_free(grantex_grant *grant);

/* Revokes the grant and every grant delegated from it; when it returns GRANTEX_OK they are dead. A grant that is
 * revoked already is GRANTEX_E_API with NOT_FOUND, unless it was this very call whose first answer got lost. */
GRANTEX_API grantex_status grantex_grants_revoke(grantex_client *client, const char *grant_id, grantex_error *error);

typedef struct grantex_grant_check {
    bool active;
    grantex_text reason; /* why it is not: "not_found", "revoked", "expired", "wrong_developer"; "" when it is */
    grantex_text json;   /* the whole answer of the server, with the claims of the token */
} grantex_grant_check;

/* Whether a grant token is good at this moment: its signature, its life, its grant and those above that. *check is
 * given to the caller: grantex_grant_check_free. */
GRANTEX_API grantex_status grantex_grants_verify(grantex_client *client, const char *grant_token,
                                                 grantex_grant_check **check, grantex_error *error);

/* Frees what was given; NULL is allowed. */
GRANTEX_API void grantex_grant_check_free(grantex_grant_check *check);

#ifdef __cplusplus
}
#endif
#endif
