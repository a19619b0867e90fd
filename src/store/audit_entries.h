/* The table audit_entries: each developer's chain of what agents did. */
#ifndef GX_STORE_AUDIT_ENTRIES_H
#define GX_STORE_AUDIT_ENTRIES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/rows.h"

typedef struct gx_audit_row gx_audit_row;
struct gx_audit_row {
    const char *developer_id;
    int64_t number; /* 1, 2, 3 … within the developer */
    const char *id;
    const char *agent_id;
    const char *agent_did;
    const char *grant_id;
    const char *principal_id;
    const char *action;
    const char *metadata; /* JSON object, as it was hashed */
    const char *status;   /* "success", "failure", "blocked" */
    const char *hash;
    const char *prev_hash; /* NULL for the first one */
    int64_t timestamp;
    gx_audit_row *next; /* in a list */
};

/* NULL: any. */
typedef struct gx_audit_filter {
    const char *developer_id;
    const char *agent_id;
    const char *grant_id;
    const char *principal_id;
    const char *action;
} gx_audit_filter;

bool gx_audit_insert(gx_database *database, const gx_audit_row *entry);

/* The developer's entry: ROW and *out, DONE when there is none, ERROR on a fault or when memory ran out. */
gx_step gx_audit_find(gx_database *database, gx_arena *arena, const char *developer_id, const char *entry_id,
                      gx_audit_row *out);

/* The end of the developer's chain; DONE when it has not begun. */
gx_step gx_audit_head(gx_database *database, gx_arena *arena, const char *developer_id, gx_audit_row *out);

/* Oldest first. */
bool gx_audit_list(gx_database *database, gx_arena *arena, const gx_audit_filter *filter, gx_paging paging,
                   const gx_audit_row **first);

bool gx_audit_count(gx_database *database, const gx_audit_filter *filter, int64_t *count);

/* The latest `most` that name the principal, newest first. */
bool gx_audit_latest_of_principal(gx_database *database, gx_arena *arena, const char *developer_id,
                                  const char *principal_id, int64_t most, const gx_audit_row **first);

#endif
