#include "cli/log_range.h"

#include <stdio.h>
#include <string.h>

#include "cli/json_get.h"

grantex_status cli_log_range_read(grantex_client *client, const char *since, const char *after, cli_log_range *out,
                                  grantex_error *error)
{
    char path[CLI_PATH_SIZE] = "/v1/events/range";
    json_t *answer;
    if (!cli_path_add(path, "after", after) || (!after && !cli_path_add(path, "since", since)))
        return cli_path_too_long(error);
    grantex_status status = cli_json_get(client, path, &answer, error);
    if (status != GRANTEX_OK)
        return status;
    const json_t *head = json_object_get(answer, "head");
    *out = (cli_log_range){.start_seq = cli_json_int(answer, "startSeq"),
                           .behind = cli_json_int(answer, "behind"),
                           .oldest_seq = cli_json_int(json_object_get(answer, "oldest"), "seq"),
                           .head_seq = cli_json_int(head, "seq")};
    snprintf(out->head_id, sizeof out->head_id, "%s", cli_json_text(head, "id"));
    json_decref(answer);
    return GRANTEX_OK;
}

/* One page. `from` is moved to where the next one begins; *more tells whether there is one. */
static grantex_status look_at_page(grantex_client *client, const char *path, const char *end, char *from, bool *done,
                                   bool *more, grantex_error *error)
{
    json_t *page;
    grantex_status status = cli_json_get(client, path, &page, error);
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
        char path[CLI_PATH_SIZE] = "/v1/events?limit=1";
        if (!cli_path_add(path, "types", types) || !cli_path_add(path, "after", from) ||
            (!from[0] && !cli_path_add(path, "since", since)))
            return cli_path_too_long(error);
        grantex_status status = look_at_page(client, path, end, from, done, &more, error);
        if (status != GRANTEX_OK)
            return status;
    }
    return GRANTEX_OK;
}
