/* POST and GET /v1/keys, DELETE /v1/keys/:id, POST /v1/keys/rotate */
#include "authority/api_key.h"

#include "api/api.h"
#include "api/api_key_json.h"
#include "api/input.h"
#include "api/input_fault.h"
#include "api/nouns.h"
#include "authority/key_scope.h"
#include "feed/feed.h"
#include "wire/json_writer.h"

enum { MOST_NAME = 100 };

#define MOST_OVERLAP_MS ((int64_t)7 * 24 * 60 * 60 * 1000)

typedef struct create_args {
    gx_api_key_request in;
    gx_new_api_key out;
} create_args;

typedef struct list_args {
    gx_api_key_row *first;
} list_args;

typedef struct revoke_args {
    const char *id; /* first: gx_parse_param */
} revoke_args;

typedef struct rotate_args {
    int64_t overlap_ms;
    gx_new_api_key out;
    int64_t rotated_at;
} rotate_args;

static bool parse_scopes(gx_call *call, unsigned *out)
{
    const char *text;
    if (!gx_input_scopes(call, "scopes", GX_REQUIRED, 1, &text))
        return false;
    unsigned scopes = 0;
    const json_t *words = json_object_get(call->body, "scopes");
    for (size_t i = 0; i < json_array_size(words); i++) {
        unsigned scope = gx_key_scopes_read(json_string_value(json_array_get(words, i)));
        if (scope == 0 || (scope & (scope - 1)) != 0)
            return gx_input_refuse(call, "scopes", "element %zu must be one of %s, %s, %s", i + 1,
                                   GX_KEY_SCOPE_NAMES[0], GX_KEY_SCOPE_NAMES[1], GX_KEY_SCOPE_NAMES[2]);
        scopes |= scope;
    }
    *out = scopes;
    return true;
}

static bool parse_create(gx_call *call)
{
    gx_api_key_request *in = &((create_args *)call->args)->in;
    return gx_input_trimmed(call, "name", GX_REQUIRED, 1, MOST_NAME, &in->name) && parse_scopes(call, &in->scopes) &&
           gx_input_duration(call, "expiresIn", 0, &in->life_ms);
}

static bool run_create(gx_call *call, gx_act *act)
{
    create_args *args = call->args;
    return gx_api_key_create(act, &args->in, &args->out);
}

static void render_created(const gx_call *call, gx_answer *answer)
{
    const gx_new_api_key *made = &((const create_args *)call->args)->out;
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    gx_api_key_write_members(&json, &made->row);
    gx_json_text(&json, "apiKey", made->text);
    gx_json_close_object(&json);
}

static bool run_list(gx_call *call, gx_act *act)
{
    return gx_api_key_list(act, &((list_args *)call->args)->first);
}

static void render_list(const gx_call *call, gx_answer *answer)
{
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    gx_json_open_array(&json, "keys");
    for (const gx_api_key_row *row = ((const list_args *)call->args)->first; row != NULL; row = row->next)
        gx_api_key_write(&json, NULL, row);
    gx_json_close_array(&json);
    gx_json_close_object(&json);
}

static bool run_revoke(gx_call *call, gx_act *act)
{
    return gx_api_key_revoke(act, ((const revoke_args *)call->args)->id);
}

static bool parse_rotate(gx_call *call)
{
    rotate_args *args = call->args;
    if (!gx_input_duration(call, "overlap", 0, &args->overlap_ms))
        return false;
    return args->overlap_ms <= MOST_OVERLAP_MS || gx_input_refuse(call, "overlap", "must be at most 7 days");
}

static bool run_rotate(gx_call *call, gx_act *act)
{
    rotate_args *args = call->args;
    args->rotated_at = act->txn->now_ms;
    return gx_api_key_rotate(act, args->overlap_ms, &args->out);
}

static void render_rotated(const gx_call *call, gx_answer *answer)
{
    const rotate_args *args = call->args;
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    gx_json_text(&json, "apiKey", args->out.text);
    gx_json_time(&json, "rotatedAt", args->rotated_at);
    gx_json_time(&json, "previousKeyEndsAt", args->rotated_at + args->overlap_ms);
    gx_api_key_write(&json, "key", &args->out.row);
    gx_json_close_object(&json);
}

/* Who follows with a key that is over must not any more, and who has one that will be hears in time. */
static void look_at_streams(gx_call *call)
{
    gx_bus_check_keys(gx_feed_bus(gx_api_feed(call->api)));
}

static const gx_endpoint ROWS[] = {
    {
        .method = "POST",
        .path = "/v1/keys",
        .access = GX_KEY_ADMIN,
        .work = GX_WORK_WRITE,
        .body = GX_BODY_JSON_OBJECT,
        .args_size = sizeof(create_args),
        .success = 201,
        .parse = parse_create,
        .run = run_create,
        .render = render_created,
    },
    {
        .method = "GET",
        .path = "/v1/keys",
        .access = GX_KEY_ADMIN,
        .work = GX_WORK_READ,
        .args_size = sizeof(list_args),
        .success = 200,
        .run = run_list,
        .render = render_list,
    },
    {
        .method = "DELETE",
        .path = "/v1/keys/:id",
        .access = GX_KEY_ADMIN,
        .work = GX_WORK_WRITE,
        .args_size = sizeof(revoke_args),
        .rate = GX_RATE_REVOKES,
        .success = 204,
        .parse = gx_parse_param,
        .run = run_revoke,
        .kept = look_at_streams,
    },
    {
        .method = "POST",
        .path = "/v1/keys/rotate",
        .access = GX_KEY_ANY,
        .work = GX_WORK_WRITE,
        .body = GX_BODY_JSON_IF_ANY,
        .args_size = sizeof(rotate_args),
        .rate = GX_RATE_REVOKES,
        .success = 200,
        .parse = parse_rotate,
        .run = run_rotate,
        .kept = look_at_streams,
        .render = render_rotated,
    },
};

const gx_endpoints gx_api_key_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
