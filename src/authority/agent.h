/* Agents: who acts on behalf of a principal. */
#ifndef GX_AUTHORITY_AGENT_H
#define GX_AUTHORITY_AGENT_H

#include "authority/act.h"
#include "store/agents.h"

typedef struct gx_agent_register_request {
    const char *name;
    const char *description; /* NULL means none */
    const char *scopes;      /* JSON array */
} gx_agent_register_request;

typedef struct gx_agent_list {
    const gx_agent_row *first; /* newest first */
    int64_t total;             /* of all pages */
} gx_agent_list;

/* 402 PLAN_LIMIT_EXCEEDED when the developer's plan has no room for one more. */
bool gx_agent_register(gx_act *act, const gx_agent_register_request *in, gx_agent_row *out);

/* 404 when the developer has no such agent. */
bool gx_agent_get(gx_act *act, const char *agent_id, gx_agent_row *out);

/* The same, and 404 when it is suspended: for whatever gives an agent new authority. */
bool gx_agent_get_active(gx_act *act, const char *agent_id, gx_agent_row *out);

bool gx_agent_list_page(gx_act *act, gx_paging paging, gx_agent_list *out);

/* What changes; NULL stays as it is. */
typedef struct gx_agent_change {
    const char *name;
    const char *description;
    const char *scopes; /* JSON array */
    const char *status; /* "active", "suspended" */
} gx_agent_change;

/* A suspended agent gets no new authority; the tokens that it has stay good. 404 when there is none. */
bool gx_agent_update(gx_act *act, const char *agent_id, const gx_agent_change *change, gx_agent_row *out);

/* Revokes what the agent holds, as the developer's own act, and forgets the agent. Its grants stay on record. */
bool gx_agent_delete(gx_act *act, const char *agent_id);

/* "did:grantex:ag_…", the agent's decentralized identifier. */
#define GX_DID_PREFIX     "did:grantex:"
#define GX_AGENT_DID_SIZE 64
void gx_agent_did(char out[static GX_AGENT_DID_SIZE], const char *agent_id);

#endif
