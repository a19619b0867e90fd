/* Answers of the API that have no type of their own in libgrantex, as JSON trees. */
#ifndef GX_CLI_JSON_GET_H
#define GX_CLI_JSON_GET_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "grantex/client.h"

#define CLI_PATH_SIZE 8192

/* Adds "?name=value", escaped, to a path of CLI_PATH_SIZE; nothing when there is no value. False when it does not fit.
 */
bool cli_path_add(char *path, const char *name, const char *value);

/* GET: a JSON object, which the caller gives back with json_decref. */
grantex_status cli_json_get(grantex_client *client, const char *path, json_t **out, grantex_error *error);

/* GRANTEX_E_INVALID for a path that does not fit. */
grantex_status cli_path_too_long(grantex_error *error);

/* Members of an object: "" and 0 where there is none. Lent. */
const char *cli_json_text(const json_t *object, const char *name);
int64_t cli_json_int(const json_t *object, const char *name);

#endif
