#include "grantex/keys.h"

#include "base/memory.h"
#include "lib/client.h"
#include "lib/fail.h"
#include "lib/request.h"

static const gx_field fields[] = {
    GX_REQUIRED_TEXT(grantex_key, id, "id"),          GX_TEXT(grantex_key, name, "name"),
    GX_TEXT(grantex_key, api_key, "apiKey"),          GX_TEXT(grantex_key, masked_key, "maskedKey"),
    GX_TEXT(grantex_key, created_at, "createdAt"),    GX_TEXT(grantex_key, expires_at, "expiresAt"),
    GX_TEXT(grantex_key, last_used_at, "lastUsedAt"), GX_TEXTS(grantex_key, scopes, scope_count, "scopes"),
};

static const gx_shape shape = GX_SHAPE_WITH_JSON(grantex_key, fields);

/* --- create ------------------------------------------------------------------------------------------------------- */

static void write_key(gx_json *json, const void *context)
{
    const grantex_key_request *request = context;
    gx_json_text(json, "name", request->name);
    gx_request_texts(json, "scopes", request->scopes);
    gx_request_text(json, "expiresIn", request->expires_in);
}

grantex_status grantex_keys_create(grantex_client *client, const grantex_key_request *request, grantex_key **key,
                                   grantex_error *error)
{
    if (!request || !request->name || !request->scopes || !key)
        return gx_fail(error, GRANTEX_E_INVALID, "request needs name and scopes, key must not be NULL");
    if (!gx_reserved_unused(request->reserved, 4))
        return gx_fail(error, GRANTEX_E_INVALID, "reserved must be zero");
    gx_ask ask = {.method = "POST", .path = "/v1/keys", .write = write_key, .context = request};
    GX_GIVE(key, gx_ask_object(client, &ask, &shape, &result, error));
}

void grantex_key_free(grantex_key *key)
{
    gx_free(key);
}

/* --- list and revoke ---------------------------------------------------------------------------------------------- */

grantex_status grantex_keys_list(grantex_client *client, grantex_key_list **list, grantex_error *error)
{
    if (!list)
        return gx_fail(error, GRANTEX_E_INVALID, "list must not be NULL");
    gx_ask ask = {.method = "GET", .path = "/v1/keys"};
    GX_GIVE_LIST(list, grantex_key_list, gx_ask_list(client, &ask, "keys", &shape, sizeof **list, &result, error));
}

void grantex_key_list_free(grantex_key_list *list)
{
    gx_free(list);
}

grantex_status grantex_keys_revoke(grantex_client *client, const char *key_id, grantex_error *error)
{
    gx_ask ask = {.method = "DELETE", .path = "/v1/keys/", .id = key_id, .id_name = "key_id"};
    return gx_ask_delete(client, &ask, error);
}

/* --- rotate ------------------------------------------------------------------------------------------------------- */

static const gx_field rotation_fields[] = {
    GX_REQUIRED_TEXT(grantex_key_rotation, api_key, "apiKey"),
    GX_TEXT(grantex_key_rotation, rotated_at, "rotatedAt"),
    GX_TEXT(grantex_key_rotation, previous_ends_at, "previousKeyEndsAt"),
    GX_OBJECT(grantex_key_rotation, key, "key", shape),
};

static const gx_shape rotation_shape = GX_SHAPE_WITH_JSON(grantex_key_rotation, rotation_fields);

static void write_overlap(gx_json *json, const void *context)
{
    gx_request_text(json, "overlap", context);
}

grantex_status grantex_keys_rotate(grantex_client *client, const char *overlap, grantex_key_rotation **rotation,
                                   grantex_error *error)
{
    if (!rotation)
        return gx_fail(error, GRANTEX_E_INVALID, "rotation must not be NULL");
    gx_ask ask = {.method = "POST", .path = "/v1/keys/rotate", .write = write_overlap, .context = overlap};
    GX_GIVE(rotation, gx_ask_object(client, &ask, &rotation_shape, &result, error));
}

void grantex_key_rotation_free(grantex_key_rotation *rotation)
{
    gx_free(rotation);
}
