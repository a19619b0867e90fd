/* Grants: what is allowed, and taking it back. A revocation takes with it everything that was delegated from the grant,
 * and tells of each grant by an event of its own, all in one transaction. */
#ifndef GX_AUTHORITY_GRANT_H
#define GX_AUTHORITY_GRANT_H

#include <stdbool.h>
#include <stdint.h>

#include "authority/act.h"
#include "store/grants.h"

typedef enum gx_revoker {
    GX_REVOKER_DEVELOPER, /* with the API key */
    GX_REVOKER_PRINCIPAL, /* the user, in their own session */
    GX_REVOKER_SYSTEM,    /* a rule of this server */
} gx_revoker;

typedef struct gx_grant_list_request {
    const char *agent_id;     /* NULL: any */
    const char *principal_id; /* NULL: any */
    const char *status;       /* "active", "expired", "revoked"; NULL: any */
    gx_paging paging;
} gx_grant_list_request;

typedef struct gx_grant_list {
    const gx_grant_row *first; /* newest first */
    int64_t total;             /* of all pages */
} gx_grant_list;

/* "active", "expired" or "revoked" at that time. */
const char *gx_grant_status(const gx_grant_row *grant, int64_t now_ms);

/* The developer's grant; 404 when there is none. */
bool gx_grant_get(gx_act *act, const char *grant_id, gx_grant_row *out);

/* The same, and it must be usable now: 409 GRANT_INACTIVE when it was revoked or has expired. */
bool gx_grant_get_active(gx_act *act, const char *grant_id, gx_grant_row *out);

/* Whether the developer's plan has room for one more active grant: 402 PLAN_LIMIT_EXCEEDED otherwise. */
bool gx_grant_fits_plan(gx_act *act);

bool gx_grant_list_page(gx_act *act, const gx_grant_list_request *in, gx_grant_list *out);

/* Revokes it and all below it: 404 when it is unknown or revoked already. One that has merely expired can be revoked.
 */
bool gx_grant_revoke(gx_act *act, const char *grant_id, gx_revoker by);

/* The same by the principal in whose session the act is: 404 also when it is somebody else's, or has expired. */
bool gx_grant_revoke_as_principal(gx_act *act, const char *grant_id);

/* Revokes all that the agent can use now, and then what was delegated from that. */
bool gx_grant_revoke_of_agent(gx_act *act, const char *agent_id, gx_revoker by);

#endif
