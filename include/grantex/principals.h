/* grantex/principals.h - what a principal, the user behind a grant, sees and takes back. What all calls have in common
 * stands in grantex/agents.h. A session token is a secret, like a key. */
#ifndef GRANTEX_PRINCIPALS_H
#define GRANTEX_PRINCIPALS_H

#include <stdint.h>

#include "grantex/client.h"
#include "grantex/sse.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct grantex_principal_session {
    grantex_text token;         /* for the calls below, and for the page */
    grantex_text dashboard_url; /* the page /permissions, opened with it */
    grantex_text expires_at;
    grantex_text json; /* the whole answer of the server */
} grantex_principal_session;

/* A session for one principal. `expires_in` is "30m", "24h" or the like; NULL: the server's default. *session is given
 * to the caller: grantex_principal_session_free. */
GRANTEX_API grantex_status grantex_principal_sessions_create(grantex_client *client, const char *principal_id,
                                                             const char *expires_in,
                                                             grantex_principal_session **session, grantex_error *error);

/* Frees what was given; NULL is allowed. */
GRANTEX_API void grantex_principal_session_free(grantex_principal_session *session);

/* A grant as its principal sees it. */
typedef struct grantex_principal_grant {
    grantex_text id; /* "grnt_…" */
    grantex_text agent_id, agent_name, agent_description, agent_did;
    grantex_text status, issued_at, expires_at;
    const grantex_text *scopes;
    size_t scope_count;
    int64_t delegation_depth;
    grantex_text json;
} grantex_principal_grant;

typedef struct grantex_principal_grant_list {
    const grantex_principal_grant *items; /* newest first */
    size_t count;
    grantex_text json;
    uint64_t total;
} grantex_principal_grant_list;

/* What the principal of the session has allowed and not taken back. *list is given to the caller:
 * grantex_principal_grant_list_free. */
GRANTEX_API grantex_status grantex_principal_grants_list(grantex_client *client, const char *session_token,
                                                         grantex_principal_grant_list **list, grantex_error *error);

/* Frees what was given; NULL is allowed. */
GRANTEX_API void grantex_principal_grant_list_free(grantex_principal_grant_list *list);

/* Takes a grant back as its principal: the event says `revokedBy: "principal"`. */
GRANTEX_API grantex_status grantex_principal_grants_revoke(grantex_client *client, const char *session_token,
                                                           const char *grant_id, grantex_error *error);

/* One line of the audit log. */
typedef struct grantex_audit_entry {
    grantex_text id;
    grantex_text agent_id, agent_did, grant_id, principal_id, action, status, timestamp;
    grantex_text hash, previous_hash; /* the chain: each entry has the hash of the one before */
    grantex_text json;
} grantex_audit_entry;

typedef struct grantex_audit_list {
    const grantex_audit_entry *items; /* newest first */
    size_t count;
    grantex_text json;
    uint64_t total;
} grantex_audit_list;

/* What was done in the name of the principal of the session. *list is given to the caller: grantex_audit_list_free. */
GRANTEX_API grantex_status grantex_principal_audit(grantex_client *client, const char *session_token,
                                                   grantex_audit_list **list, grantex_error *error);

/* Frees what was given; NULL is allowed. */
GRANTEX_API void grantex_audit_list_free(grantex_audit_list *list);

#ifdef __cplusplus
}
#endif
#endif
