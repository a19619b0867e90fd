/* The principal, the user on whose behalf agents act: looks at what they have allowed, and takes it back
 * (gx_grant_revoke_as_principal), in a session that the developer opens for them. */
#ifndef GX_AUTHORITY_PRINCIPAL_H
#define GX_AUTHORITY_PRINCIPAL_H

#include <stdbool.h>
#include <stdint.h>

#include "authority/act.h"
#include "store/audit_entries.h"
#include "store/grants.h"

/* A longer session is cut to that. */
#define GX_SESSION_MOST_MS (INT64_C(24) * 3600 * 1000)

typedef struct gx_session_request {
    const char *principal_id;
    int64_t life_ms;
} gx_session_request;

typedef struct gx_session {
    const char *token;
    const char *dashboard_url; /* the token is in the fragment, which a browser sends nowhere */
    int64_t expires_at;        /* in milliseconds, a whole second */
} gx_session;

typedef struct gx_principal_grants {
    const gx_held_grant_row *first; /* newest first */
    int64_t total;                  /* of all pages */
} gx_principal_grants;

/* For the developer who asks. 404 for a principal who has nothing at the moment that could be looked at. */
bool gx_principal_open_session(gx_act *act, const gx_session_request *in, gx_session *out);

/* Whose session this is: sets act->principal_id and act->developer_id. 401 when it is no session, over, or of a
 * developer who is gone. */
bool gx_principal_authenticate(gx_act *act, gx_span bearer_session);

/* What the principal has allowed: what is good now, or what has ended. */
bool gx_principal_list_grants(gx_act *act, bool ended, gx_paging paging, gx_principal_grants *out);

/* What agents did in the principal's name, as far as it was told: the latest hundred, newest first. */
bool gx_principal_list_audit(gx_act *act, const gx_audit_row **first);

#endif
