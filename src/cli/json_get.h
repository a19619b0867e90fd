/* Answers of the API that have no type of their own in libgrantex, as JSON trees. */
#ifndef GX_CLI_JSON_GET_H
#define GX_CLI_JSON_GET_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "grantex/client.h"

#define CLI_PATH_SIZE 8192

/* Adds "?name=value", escaped, to a path of CLI_PATH_SIZE; nothing when there is no value. False when it does not fit.
 */
bool cli_path_add(char *path, const char *name, const char *value);

/* GET: a JSON object, which the caller gives back with json_decref. */
grantex_status cli_json_get(grantex_client *client, const char *path, json_t **out, grantex_error *error);

/* JSON of the API's as a tree, which the caller gives back with json_decref: NULL when it is none, or out of memory. */
json_t *cli_json_read(const char *text, size_t length, bool *no_memory);

/* Prints `tree`, which it takes, as one line. False when out of memory, also before, so that there is no tree: then
 * nothing was printed. */
bool cli_json_print(FILE *out, json_t *tree);

/* Says so: GRANTEX_E_NO_MEMORY. */
grantex_status cli_no_memory(grantex_error *error);

/* GRANTEX_E_INVALID for a path that does not fit. */
grantex_status cli_path_too_long(grantex_error *error);

/* Members of an object: "" and 0 where there is none. Lent. */
const char *cli_json_text(const json_t *object, const char *name);
int64_t cli_json_int(const json_t *object, const char *name);

#endif
