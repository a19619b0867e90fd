/* How the API shows an API key. */
#ifndef GX_API_API_KEY_JSON_H
#define GX_API_API_KEY_JSON_H

#include "store/api_keys.h"
#include "wire/json_writer.h"

/* {"id", "name", "scopes", "maskedKey", "createdAt", "expiresAt", "lastUsedAt"}, as a member of that name. */
void gx_api_key_write(gx_json *json, const char *member, const gx_api_key_row *row);

/* The members alone. */
void gx_api_key_write_members(gx_json *json, const gx_api_key_row *row);

#endif
