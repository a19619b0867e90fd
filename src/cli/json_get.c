#include "cli/json_get.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grantex/call.h"
#include "json/load.h"

bool cli_path_add(char *path, const char *name, const char *value)
{
    size_t at = strlen(path);
    if (!value || !value[0])
        return true;
    if (at + strlen(name) + 3 * strlen(value) + 3 >= CLI_PATH_SIZE)
        return false;
    at += (size_t)sprintf(path + at, "%c%s=", strchr(path, '?') ? '&' : '?', name);
    for (; *value; value++) {
        if (isalnum((unsigned char)*value) || strchr("-._~", *value))
            at += (size_t)sprintf(path + at, "%c", *value);
        else
            at += (size_t)sprintf(path + at, "%%%02X", (unsigned char)*value);
    }
    return true;
}

static grantex_status fail(grantex_error *error, grantex_status status, const char *message)
{
    *error = (grantex_error){.status = status};
    snprintf(error->message, sizeof error->message, "%s", message);
    return status;
}

grantex_status cli_path_too_long(grantex_error *error)
{
    return fail(error, GRANTEX_E_INVALID, "a value is too long");
}

grantex_status cli_no_memory(grantex_error *error)
{
    return fail(error, GRANTEX_E_NO_MEMORY, "out of memory");
}

json_t *cli_json_read(const char *text, size_t length, bool *no_memory)
{
    return gx_json_load((gx_span){text, length}, 0, NULL, no_memory);
}

/* Into a buffer of ours: json_dumps(3), which makes its own, leaves out what it finds no room for, and says nothing. */
bool cli_json_print(FILE *out, json_t *tree)
{
    const size_t flags = JSON_COMPACT | JSON_PRESERVE_ORDER;
    size_t length = tree ? json_dumpb(tree, NULL, 0, flags) : 0;
    char *text = length > 0 ? malloc(length) : NULL;
    bool whole = text && json_dumpb(tree, text, length, flags) == length;
    if (whole) {
        fwrite(text, 1, length, out);
        fputc('\n', out);
    }
    free(text);
    json_decref(tree);
    return whole;
}

grantex_status cli_json_get(grantex_client *client, const char *path, json_t **out, grantex_error *error)
{
    grantex_answer *answer;
    grantex_status status = grantex_call(client, "GET", path, NULL, &answer, error);
    if (status != GRANTEX_OK)
        return status;
    bool no_memory;
    json_t *tree = cli_json_read(answer->json.text, answer->json.length, &no_memory);
    grantex_answer_free(answer);
    if (no_memory)
        return cli_no_memory(error);
    if (json_is_object(tree)) {
        *out = tree;
        return GRANTEX_OK;
    }
    json_decref(tree);
    return fail(error, GRANTEX_E_PROTOCOL, "The answer of the server cannot be read");
}

const char *cli_json_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

int64_t cli_json_int(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}
