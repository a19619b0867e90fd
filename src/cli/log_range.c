#include "cli/log_range.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "grantex/call.h"

#define PATH_SIZE 8192

/* Adds "&name=value", escaped; nothing when there is no value. False when it does not fit. */
static bool add_parameter(char *path, const char *name, const char *value)
{
    size_t at = strlen(path);
    if (!value || !value[0])
        return true;
    if (at + strlen(name) + 3 * strlen(value) + 3 >= PATH_SIZE)
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

static grantex_status ask(grantex_client *client, const char *path, json_t **out, grantex_error *error)
{
    grantex_answer *answer;
    grantex_status status = grantex_call(client, "GET", path, NULL, &answer, error);
    if (status != GRANTEX_OK)
        return status;
    *out = json_loadb(answer->json.text, answer->json.length, 0, NULL);
    grantex_answer_free(answer);
    if (json_is_object(*out))
        return GRANTEX_OK;
    json_decref(*out);
    *error = (grantex_error){.status = GRANTEX_E_PROTOCOL};
    snprintf(error->message, sizeof error->message, "The answer of the server cannot be read");
    return GRANTEX_E_PROTOCOL;
}

static grantex_status fail_long(grantex_error *error)
{
    *error = (grantex_error){.status = GRANTEX_E_INVALID};
    snprintf(error->message, sizeof error->message, "a value is too long");
    return GRANTEX_E_INVALID;
}

static int64_t member(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

grantex_status cli_log_range_read(grantex_client *client, const char *since, const char *after, cli_log_range *out,
                                  grantex_error *error)
{
    char path[PATH_SIZE] = "/v1/events/range";
    json_t *answer;
    if (!add_parameter(path, "after", after) || (!after && !add_parameter(path, "since", since)))
        return fail_long(error);
    grantex_status status = ask(client, path, &answer, error);
    if (status != GRANTEX_OK)
        return status;
    const json_t *head = json_object_get(answer, "head");
    const char *id = json_string_value(json_object_get(head, "id"));
    *out = (cli_log_range){.start_seq = member(answer, "startSeq"),
                           .behind = member(answer, "behind"),
                           .oldest_seq = member(json_object_get(answer, "oldest"), "seq"),
                           .head_seq = member(head, "seq")};
    snprintf(out->head_id, sizeof out->head_id, "%s", id ? id : "");
    json_decref(answer);
    return GRANTEX_OK;
}

/* One page. `from` is moved to where the next one begins; *more tells whether there is one. */
static grantex_status look_at_page(grantex_client *client, const char *path, const char *end, char *from, bool *done,
                                   bool *more, grantex_error *error)
{
    json_t *page;
    grantex_status status = ask(client, path, &page, error);
    if (status != GRANTEX_OK)
        return status;
    const json_t *events = json_object_get(page, "events");
    const char *first = json_string_value(json_object_get(json_array_get(events, 0), "id"));
    const char *next = json_string_value(json_object_get(page, "next"));
    bool passed = next && strcmp(next, end) >= 0;
    *done = first ? strcmp(first, end) > 0 : passed || !json_is_true(json_object_get(page, "hasMore"));
    *more = !first && !*done && next;
    if (next)
        snprintf(from, CLI_ID_SIZE, "%s", next);
    json_decref(page);
    return GRANTEX_OK;
}

grantex_status cli_log_is_done(grantex_client *client, const char *since, const char *after, const char *types,
                               const char *end, bool *done, grantex_error *error)
{
    char from[CLI_ID_SIZE];
    bool more = true;
    snprintf(from, sizeof from, "%s", after ? after : "");
    while (more) {
        char path[PATH_SIZE] = "/v1/events?limit=1";
        if (!add_parameter(path, "types", types) || !add_parameter(path, "after", from) ||
            (!from[0] && !add_parameter(path, "since", since)))
            return fail_long(error);
        grantex_status status = look_at_page(client, path, end, from, done, &more, error);
        if (status != GRANTEX_OK)
            return status;
    }
    return GRANTEX_OK;
}
