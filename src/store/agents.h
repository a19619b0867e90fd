/* The table agents: who acts on behalf of a principal. */
#ifndef GX_STORE_AGENTS_H
#define GX_STORE_AGENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/rows.h"

typedef struct gx_agent_row gx_agent_row;
struct gx_agent_row {
    const char *id;
    const char *developer_id;
    const char *name;
    const char *description; /* "" when none was given */
    const char *scopes;      /* JSON array */
    const char *status;      /* "active" or "suspended" */
    int64_t created_at;
    int64_t updated_at;
    gx_agent_row *next; /* in a list */
};

bool gx_agents_insert(gx_database *database, const gx_agent_row *agent);

/* Finds the developer's agent: ROW and *out, DONE when there is none, ERROR on a fault or when memory ran out. */
gx_step gx_agents_find(gx_database *database, gx_arena *arena, const char *developer_id, const char *agent_id,
                       gx_agent_row *out);

/* The developer's agents, newest first. */
bool gx_agents_list(gx_database *database, gx_arena *arena, const char *developer_id, gx_paging paging,
                    const gx_agent_row **first);

bool gx_agents_count(gx_database *database, const char *developer_id, int64_t *count);

/* Writes what may change: name, description, scopes, status, updated_at. */
bool gx_agents_update(gx_database *database, const gx_agent_row *agent);

bool gx_agents_delete(gx_database *database, const char *agent_id);

#endif
