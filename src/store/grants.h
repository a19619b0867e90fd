/* The table grants: what a principal allowed an agent, for how long. */
#ifndef GX_STORE_GRANTS_H
#define GX_STORE_GRANTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/rows.h"

typedef struct gx_grant_row gx_grant_row;
struct gx_grant_row {
    const char *id;
    const char *developer_id;
    const char *agent_id;
    const char *principal_id;
    const char *scopes;   /* JSON array */
    const char *audience; /* NULL when not asked for */
    const char *status;   /* "active" or "revoked", as stored; gx_grant_status() says whether it has expired */
    int64_t issued_at;
    int64_t expires_at;
    int64_t revoked_at;     /* 0 while it is not */
    const char *revoked_by; /* NULL while it is not */
    const char *parent_id;  /* the grant it was delegated from, or NULL */
    int64_t depth;
    gx_grant_row *next; /* in a list */
};

/* A grant as its principal sees it: with the agent in words, and its budget. */
typedef struct gx_held_grant_row gx_held_grant_row;
struct gx_held_grant_row {
    gx_grant_row grant;            /* its `next` is not used */
    const char *agent_name;        /* NULL when the agent is gone */
    const char *agent_description; /* "" when none was given */
    int64_t initial, remaining;    /* of its budget, in ten-thousandths */
    const char *currency;          /* NULL when it has no budget */
    int64_t debited_at;            /* when it was used last; 0: never */
    gx_held_grant_row *next;
};

typedef struct gx_grants_filter {
    const char *developer_id;
    const char *agent_id;     /* NULL: any */
    const char *principal_id; /* NULL: any */
    const char *status;       /* "active", "expired", "revoked"; NULL: any */
    int64_t now_ms;           /* decides between active and expired */
} gx_grants_filter;

bool gx_grants_insert(gx_database *database, const gx_grant_row *grant);

/* Finds the developer's grant: ROW and *out, DONE when there is none, ERROR on a fault or when memory ran out. */
gx_step gx_grants_find(gx_database *database, gx_arena *arena, const char *developer_id, const char *grant_id,
                       gx_grant_row *out);

/* The grants that pass the filter, newest first. */
bool gx_grants_list(gx_database *database, gx_arena *arena, const gx_grants_filter *filter, gx_paging paging,
                    const gx_grant_row **first);

/* How many pass it. */
bool gx_grants_count(gx_database *database, const gx_grants_filter *filter, int64_t *count);

/* How many there are, of all developers, neither revoked nor expired. A scan. */
bool gx_grants_count_active(gx_database *database, int64_t now_ms, int64_t *count);

/* The active grants that were delegated from this one, directly or through others, by depth. There may be very many:
 * their scopes and audience, the bulk of a grant, stay NULL. */
bool gx_grants_active_below(gx_database *database, gx_arena *arena, const char *grant_id, const gx_grant_row **first);

/* The active grants of the agent that have not expired, oldest first; without scopes and audience, as above. */
bool gx_grants_active_of_agent(gx_database *database, gx_arena *arena, const char *developer_id, const char *agent_id,
                               int64_t now_ms, const gx_grant_row **first);

/* What a principal has allowed: what is good now, or what has ended (was revoked, or has expired). */
typedef struct gx_holder {
    const char *developer_id;
    const char *principal_id;
    int64_t now_ms;
    bool ended;
} gx_holder;

/* These grants, newest first; and how many there are. */
bool gx_grants_held(gx_database *database, gx_arena *arena, const gx_holder *holder, gx_paging paging,
                    const gx_held_grant_row **first);
bool gx_grants_count_held(gx_database *database, const gx_holder *holder, int64_t *count);

/* Marks an active grant revoked: ROW when it was active, DONE when it was not. */
gx_step gx_grants_revoke(gx_database *database, const char *grant_id, int64_t now_ms, const char *revoked_by);

#endif
