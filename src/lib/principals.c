#include "grantex/principals.h"

#include "base/memory.h"
#include "lib/client.h"
#include "lib/fail.h"
#include "lib/request.h"
#include "lib/url.h"

#define MOST_SESSION 4096

/* --- sessions ----------------------------------------------------------------------------------------------------- */

static const gx_field session_fields[] = {
    GX_REQUIRED_TEXT(grantex_principal_session, token, "sessionToken"),
    GX_TEXT(grantex_principal_session, dashboard_url, "dashboardUrl"),
    GX_TEXT(grantex_principal_session, expires_at, "expiresAt"),
};

static const gx_shape session_shape = GX_SHAPE_WITH_JSON(grantex_principal_session, session_fields);

typedef struct session_request {
    const char *principal_id, *expires_in;
} session_request;

static void write_session(gx_json *json, const void *context)
{
    const session_request *request = context;
    gx_json_text(json, "principalId", request->principal_id);
    gx_request_text(json, "expiresIn", request->expires_in);
}

grantex_status grantex_principal_sessions_create(grantex_client *client, const char *principal_id,
                                                 const char *expires_in, grantex_principal_session **session,
                                                 grantex_error *error)
{
    if (!principal_id || !session)
        return gx_fail(error, GRANTEX_E_INVALID, "principal_id and session must not be NULL");
    session_request request = {principal_id, expires_in};
    gx_ask ask = {.method = "POST", .path = "/v1/principal-sessions", .write = write_session, .context = &request};
    GX_GIVE(session, gx_ask_object(client, &ask, &session_shape, &result, error));
}

void grantex_principal_session_free(grantex_principal_session *session)
{
    gx_free(session);
}

/* --- grants ------------------------------------------------------------------------------------------------------- */

static const gx_field grant_fields[] = {
    GX_REQUIRED_TEXT(grantex_principal_grant, id, "grantId"),
    GX_TEXT(grantex_principal_grant, agent_id, "agentId"),
    GX_TEXT(grantex_principal_grant, agent_name, "agentName"),
    GX_TEXT(grantex_principal_grant, agent_description, "agentDescription"),
    GX_TEXT(grantex_principal_grant, agent_did, "agentDid"),
    GX_TEXT(grantex_principal_grant, status, "status"),
    GX_TEXT(grantex_principal_grant, issued_at, "issuedAt"),
    GX_TEXT(grantex_principal_grant, expires_at, "expiresAt"),
    GX_TEXTS(grantex_principal_grant, scopes, scope_count, "scopes"),
    GX_INT(grantex_principal_grant, delegation_depth, "delegationDepth"),
};

static const gx_shape grant_shape = GX_SHAPE_WITH_JSON(grantex_principal_grant, grant_fields);

/* It goes into a header as it is. */
static grantex_status check_session(const char *token, grantex_error *error)
{
    if (!token || !gx_header_value_ok(gx_span_of(token), MOST_SESSION))
        return gx_fail(error, GRANTEX_E_INVALID, "session_token must be 1 to %d visible ASCII characters",
                       MOST_SESSION);
    return GRANTEX_OK;
}

grantex_status grantex_principal_grants_list(grantex_client *client, const char *session_token,
                                             grantex_principal_grant_list **list, grantex_error *error)
{
    if (!list)
        return gx_fail(error, GRANTEX_E_INVALID, "list must not be NULL");
    grantex_status status = check_session(session_token, error);
    if (status != GRANTEX_OK)
        return status;
    gx_ask ask = {.method = "GET", .path = "/v1/principal/grants", .bearer = session_token};
    GX_GIVE_LIST(list, grantex_principal_grant_list,
                 gx_ask_list(client, &ask, "grants", &grant_shape, sizeof **list, &result, error));
}

void grantex_principal_grant_list_free(grantex_principal_grant_list *list)
{
    gx_free(list);
}

grantex_status grantex_principal_grants_revoke(grantex_client *client, const char *session_token, const char *grant_id,
                                               grantex_error *error)
{
    grantex_status status = check_session(session_token, error);
    if (status != GRANTEX_OK)
        return status;
    gx_ask ask = {.method = "DELETE",
                  .path = "/v1/principal/grants/",
                  .id = grant_id,
                  .id_name = "grant_id",
                  .bearer = session_token};
    return gx_ask_delete(client, &ask, error);
}

/* --- audit -------------------------------------------------------------------------------------------------------- */

static const gx_field audit_fields[] = {
    GX_REQUIRED_TEXT(grantex_audit_entry, id, "entryId"),
    GX_TEXT(grantex_audit_entry, agent_id, "agentId"),
    GX_TEXT(grantex_audit_entry, agent_did, "agentDid"),
    GX_TEXT(grantex_audit_entry, grant_id, "grantId"),
    GX_TEXT(grantex_audit_entry, principal_id, "principalId"),
    GX_TEXT(grantex_audit_entry, action, "action"),
    GX_TEXT(grantex_audit_entry, status, "status"),
    GX_TEXT(grantex_audit_entry, timestamp, "timestamp"),
    GX_TEXT(grantex_audit_entry, hash, "hash"),
    GX_TEXT(grantex_audit_entry, previous_hash, "prevHash"),
};

static const gx_shape audit_shape = GX_SHAPE_WITH_JSON(grantex_audit_entry, audit_fields);

grantex_status grantex_principal_audit(grantex_client *client, const char *session_token, grantex_audit_list **list,
                                       grantex_error *error)
{
    if (!list)
        return gx_fail(error, GRANTEX_E_INVALID, "list must not be NULL");
    grantex_status status = check_session(session_token, error);
    if (status != GRANTEX_OK)
        return status;
    gx_ask ask = {.method = "GET", .path = "/v1/principal/audit", .bearer = session_token};
    GX_GIVE_LIST(list, grantex_audit_list,
                 gx_ask_list(client, &ask, "entries", &audit_shape, sizeof **list, &result, error));
}

void grantex_audit_list_free(grantex_audit_list *list)
{
    gx_free(list);
}
