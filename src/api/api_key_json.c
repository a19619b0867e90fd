#include "api/api_key_json.h"

#include "authority/key_scope.h"

static void write_time(gx_json *json, const char *member, int64_t ms)
{
    if (ms == 0 || ms == GX_KEY_NEVER)
        gx_json_text(json, member, NULL);
    else
        gx_json_time(json, member, ms);
}

static void write_scopes(gx_json *json, unsigned scopes)
{
    gx_json_open_array(json, "scopes");
    for (unsigned i = 0; i < GX_SCOPE_COUNT; i++)
        if ((scopes & 1u << i) != 0)
            gx_json_text(json, NULL, GX_KEY_SCOPE_NAMES[i]);
    gx_json_close_array(json);
}

void gx_api_key_write_members(gx_json *json, const gx_api_key_row *row)
{
    gx_json_text(json, "id", row->id);
    gx_json_text(json, "name", row->name);
    write_scopes(json, gx_key_scopes_read(row->scopes));
    gx_json_text(json, "maskedKey", row->shown);
    gx_json_time(json, "createdAt", row->created_at);
    write_time(json, "expiresAt", row->expires_at);
    write_time(json, "lastUsedAt", row->last_used_at);
}

void gx_api_key_write(gx_json *json, const char *member, const gx_api_key_row *row)
{
    gx_json_open_object(json, member);
    gx_api_key_write_members(json, row);
    gx_json_close_object(json);
}
