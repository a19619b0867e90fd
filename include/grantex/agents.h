/* grantex/agents.h - the agents of a developer.
 *
 * Calls block, at most (max_retries + 1) attempts of request_timeout_ms and the waits between them. Every POST carries
 * an Idempotency-Key and is repeated by the library after network faults, 429, 502, 503 and 504, so that its effect
 * happens once. Results are given to the caller in one block with one free function; their texts live as long.
 * Outputs are written only on success.
 *
 *   GRANTEX_E_INVALID   an argument is missing           GRANTEX_E_AUTH      the key was refused
 *   GRANTEX_E_API       the server refused (see error)   GRANTEX_E_NETWORK   no answer
 *   GRANTEX_E_PROTOCOL  an answer that cannot be read    GRANTEX_E_TOO_LARGE, GRANTEX_E_NO_MEMORY, GRANTEX_E_FORKED
 *
 * Thread-safety: any thread may call with any client. This holds for grants.h, budgets.h and tokens.h as well. */
#ifndef GRANTEX_AGENTS_H
#define GRANTEX_AGENTS_H

#include <stdint.h>

#include "grantex/client.h"
#include "grantex/sse.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct grantex_agent {
    grantex_text id; /* "ag_…" */
    grantex_text did, name, description;
    grantex_text status; /* "active", "suspended" */
    grantex_text created_at, updated_at;
    const grantex_text *scopes;
    size_t scope_count;
    grantex_text json; /* the whole answer of the server */
} grantex_agent;

typedef struct grantex_agent_list {
    const grantex_agent *items; /* newest first */
    size_t count;
    grantex_text json;
    uint64_t total; /* how many there are; more than `count` when they do not fit into one answer */
} grantex_agent_list;

/* What an agent is to be; for a change, what is NULL stays as it is. */
typedef struct grantex_agent_request {
    const char *name;          /* required for a new one */
    const char *description;   /* NULL: "" */
    const char *const *scopes; /* ends with NULL; NULL: none */
    const char *status;        /* "active", "suspended": for a change */
    const void *reserved[3];   /* must be zero */
} grantex_agent_request;

/* Makes an agent. *agent is given to the caller: grantex_agent_free. */
GRANTEX_API grantex_status grantex_agents_register(grantex_client *client, const grantex_agent_request *request,
                                                   grantex_agent **agent, grantex_error *error);

/* One agent. *agent is given to the caller: grantex_agent_free. */
GRANTEX_API grantex_status grantex_agents_get(grantex_client *client, const char *agent_id, grantex_agent **agent,
                                              grantex_error *error);

/* Changes what `change` names; a suspended agent gets no tokens. *agent is given to the caller: grantex_agent_free. */
GRANTEX_API grantex_status grantex_agents_update(grantex_client *client, const char *agent_id,
                                                 const grantex_agent_request *change, grantex_agent **agent,
                                                 grantex_error *error);

/* Deletes the agent; what it holds is revoked first, with an event for each grant. */
GRANTEX_API grantex_status grantex_agents_delete(grantex_client *client, const char *agent_id, grantex_error *error);

/* Frees what was given; NULL is allowed. */
GRANTEX_API void grantex_agent_free(grantex_agent *agent);

/* The agents of the developer. *list is given to the caller: grantex_agent_list_free. */
GRANTEX_API grantex_status grantex_agents_list(grantex_client *client, grantex_agent_list **list, grantex_error *error);

/* Frees what was given; NULL is allowed. */
GRANTEX_API void grantex_agent_list_free(grantex_agent_list *list);

#ifdef __cplusplus
}
#endif
#endif
