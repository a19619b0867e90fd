#include "grantex/grants.h"

#include "base/memory.h"
#include "lib/client.h"
#include "lib/fail.h"
#include "lib/request.h"
#include "lib/result.h"
#include "lib/url.h"

#define TEXT(member, key) GX_TEXT(grantex_grant, member, key)

static const gx_field fields[] = {
    GX_REQUIRED_TEXT(grantex_grant, id, "grantId"),
    TEXT(agent_id, "agentId"),
    TEXT(principal_id, "principalId"),
    TEXT(status, "status"),
    TEXT(issued_at, "issuedAt"),
    TEXT(expires_at, "expiresAt"),
    TEXT(revoked_at, "revokedAt"),
    TEXT(parent_grant_id, "parentGrantId"),
    GX_TEXTS(grantex_grant, scopes, scope_count, "scopes"),
    GX_INT(grantex_grant, delegation_depth, "delegationDepth"),
};

static const gx_shape shape = GX_SHAPE_WITH_JSON(grantex_grant, fields);

/* --- list --------------------------------------------------------------------------------------------------------- */

static grantex_status list_at(grantex_client *client, const char *path, grantex_grant_list **list, grantex_error *error)
{
    gx_ask ask = {.method = "GET", .path = path};
    GX_GIVE_LIST(list, grantex_grant_list, gx_ask_list(client, &ask, "grants", &shape, sizeof **list, &result, error));
}

grantex_status grantex_grants_list(grantex_client *client, const grantex_grant_filter *filter,
                                   grantex_grant_list **list, grantex_error *error)
{
    static const grantex_grant_filter any = {0};
    filter = filter ? filter : &any;
    if (!list || !gx_reserved_unused(filter->reserved, 4))
        return gx_fail(error, GRANTEX_E_INVALID, "list must not be NULL, reserved must be zero");
    gx_buffer path = {0};
    gx_buffer_append_text(&path, "/v1/grants");
    gx_url_query(&path, "agentId", filter->agent_id);
    gx_url_query(&path, "principalId", filter->principal_id);
    gx_url_query(&path, "status", filter->status);
    const char *text = gx_buffer_text(&path);
    grantex_status status = text ? list_at(client, text, list, error) : gx_fail_memory(error);
    gx_buffer_free(&path);
    return status;
}

void grantex_grant_list_free(grantex_grant_list *list)
{
    gx_free(list);
}

/* --- get ---------------------------------------------------------------------------------------------------------- */

grantex_status grantex_grants_get(grantex_client *client, const char *grant_id, grantex_grant **grant,
                                  grantex_error *error)
{
    if (!grant)
        return gx_fail(error, GRANTEX_E_INVALID, "grant must not be NULL");
    gx_ask ask = {.method = "GET", .path = "/v1/grants/", .id = grant_id, .id_name = "grant_id"};
    GX_GIVE(grant, gx_ask_object(client, &ask, &shape, &result, error));
}

void grantex_grant_free(grantex_grant *grant)
{
    gx_free(grant);
}

/* --- revoke ------------------------------------------------------------------------------------------------------- */

static bool is_revoked(grantex_client *client, const char *grant_id)
{
    grantex_grant *grant;
    if (grantex_grants_get(client, grant_id, &grant, NULL) != GRANTEX_OK)
        return false;
    bool revoked = gx_span_equal((gx_span){grant->status.text, grant->status.length}, GX_SPAN("revoked"));
    grantex_grant_free(grant);
    return revoked;
}

grantex_status grantex_grants_revoke(grantex_client *client, const char *grant_id, grantex_error *error)
{
    gx_ask ask = {.method = "DELETE", .path = "/v1/grants/", .id = grant_id, .id_name = "grant_id"};
    grantex_error why = {.status = GRANTEX_OK};
    int attempts;
    grantex_status status = gx_ask_nothing(client, &ask, &attempts, &why);
    if (status == GRANTEX_OK)
        return GRANTEX_OK;
    /* Asked again because an answer got lost, the server no longer finds what the first attempt has revoked. */
    if (why.http_status == 404 && attempts > 1 && is_revoked(client, grant_id))
        return GRANTEX_OK;
    return gx_fail_with(error, &why);
}

/* --- verify ------------------------------------------------------------------------------------------------------- */

static const gx_field check_fields[] = {
    GX_BOOL(grantex_grant_check, active, "active"),
    GX_TEXT(grantex_grant_check, reason, "reason"),
};

static const gx_shape check_shape = GX_SHAPE_WITH_JSON(grantex_grant_check, check_fields);

static void write_token(gx_json *json, const void *context)
{
    gx_json_text(json, "token", context);
}

grantex_status grantex_grants_verify(grantex_client *client, const char *grant_token, grantex_grant_check **check,
                                     grantex_error *error)
{
    if (!grant_token || !check)
        return gx_fail(error, GRANTEX_E_INVALID, "grant_token and check must not be NULL");
    gx_ask ask = {.method = "POST", .path = "/v1/grants/verify", .write = write_token, .context = grant_token};
    GX_GIVE(check, gx_ask_object(client, &ask, &check_shape, &result, error));
}

void grantex_grant_check_free(grantex_grant_check *check)
{
    gx_free(check);
}
