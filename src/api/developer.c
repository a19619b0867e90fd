/* POST /v1/signup; GET, PATCH and DELETE /v1/me */
#include "authority/developer.h"
#include "api/api.h"
#include "api/api_key_json.h"
#include "api/input.h"
#include "api/nouns.h"
#include "authority/api_key.h"
#include "authority/plan.h"
#include "feed/feed.h"
#include "wire/json_writer.h"

enum { MOST_NAME = 200, MOST_TYPED_EMAIL = 1000, MOST_FIDO_RP_NAME = 100 };

static const char *const MODES[] = {"live", "sandbox"};

typedef struct sign_up_args {
    gx_sign_up_request in;
    gx_signed_up out;
} sign_up_args;

typedef struct me_args {
    gx_developer_row developer;
    gx_api_key_row key;
} me_args;

typedef struct change_args {
    const char *fido_rp_name; /* NULL stays as it is */
} change_args;

typedef struct delete_args {
    const char *confirm;
} delete_args;

static bool parse_sign_up(gx_call *call)
{
    gx_sign_up_request *in = &((sign_up_args *)call->args)->in;
    return gx_input_trimmed(call, "name", GX_REQUIRED, 1, MOST_NAME, &in->name) &&
           gx_input_text(call, "email", GX_OPTIONAL, 0, MOST_TYPED_EMAIL, &in->email) &&
           gx_input_word(call, "mode", GX_OPTIONAL, MODES, sizeof MODES / sizeof *MODES, &in->mode);
}

static bool run_sign_up(gx_call *call, gx_act *act)
{
    sign_up_args *args = call->args;
    return gx_developer_sign_up(act, &args->in, &args->out);
}

static void render_sign_up(const gx_call *call, gx_answer *answer)
{
    const gx_signed_up *out = &((const sign_up_args *)call->args)->out;
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    gx_json_text(&json, "developerId", out->developer.id);
    gx_json_text(&json, "apiKey", out->api_key);
    gx_json_text(&json, "name", out->developer.name);
    gx_json_text(&json, "email", out->developer.email);
    gx_json_text(&json, "mode", out->developer.mode);
    gx_json_time(&json, "createdAt", out->developer.created_at);
    gx_json_close_object(&json);
}

static bool run_me(gx_call *call, gx_act *act)
{
    me_args *args = call->args;
    return gx_developer_get(act, &args->developer) && gx_api_key_own(act, &args->key);
}

/* The two about passkeys are what existing clients read; this server asks for no passkey. */
static void render_me(const gx_call *call, gx_answer *answer)
{
    const me_args *args = call->args;
    const gx_developer_row *developer = &args->developer;
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    gx_json_text(&json, "developerId", developer->id);
    gx_json_text(&json, "name", developer->name);
    gx_json_text(&json, "email", developer->email);
    gx_json_text(&json, "mode", developer->mode);
    gx_json_text(&json, "plan", gx_plan_name(gx_api_authority(call->api)->plan));
    gx_json_bool(&json, "fidoRequired", false);
    gx_json_text(&json, "fidoRpName", developer->fido_rp_name);
    gx_json_time(&json, "createdAt", developer->created_at);
    gx_api_key_write(&json, "key", &args->key);
    gx_json_close_object(&json);
}

/* There are no passkeys here: a developer who wants them required must hear that, not go on believing in them. */
static bool parse_change(gx_call *call)
{
    bool fido_required = false;
    change_args *args = call->args;
    if (!gx_input_bool(call, "fidoRequired", &fido_required) ||
        !gx_input_text(call, "fidoRpName", GX_OPTIONAL, 1, MOST_FIDO_RP_NAME, &args->fido_rp_name))
        return false;
    if (fido_required)
        return gx_refuse(&call->problem, 400, "BAD_REQUEST",
                         "fidoRequired: this server has no passkeys, so it cannot require them");
    return gx_input_given(call, "fidoRequired") || args->fido_rp_name != NULL ||
           gx_refuse(&call->problem, 400, "BAD_REQUEST", "Give at least one of fidoRequired, fidoRpName");
}

static bool run_change(gx_call *call, gx_act *act)
{
    const change_args *args = call->args;
    return args->fido_rp_name == NULL || gx_developer_name_fido_rp(act, args->fido_rp_name);
}

static void render_changed(const gx_call *call, gx_answer *answer)
{
    (void)call;
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    gx_json_bool(&json, "updated", true);
    gx_json_close_object(&json);
}

/* Who follows with a key of his must not any more. */
static void end_streams(gx_call *call)
{
    gx_bus_check_keys(gx_feed_bus(gx_api_feed(call->api)));
}

/* Whoever has the key by mistake, or sends the method by mistake, does not know whom it is that he deletes. */
static bool parse_delete(gx_call *call)
{
    delete_args *args = call->args;
    return gx_input_query(call, "confirm", &args->confirm) &&
           (args->confirm != NULL ||
            gx_refuse(&call->problem, 400, "BAD_REQUEST", "confirm: must be there, and be your own developerId"));
}

static bool run_delete(gx_call *call, gx_act *act)
{
    const delete_args *args = call->args;
    return gx_developer_delete(act, args->confirm);
}

static const gx_endpoint ROWS[] = {
    {
        .method = "POST",
        .path = "/v1/signup",
        .access = GX_ACCESS_PUBLIC,
        .work = GX_WORK_WRITE,
        .body = GX_BODY_JSON_OBJECT,
        .args_size = sizeof(sign_up_args),
        .rate = GX_RATE_SIGN_UP,
        .success = 201,
        .parse = parse_sign_up,
        .run = run_sign_up,
        .render = render_sign_up,
    },
    {
        .method = "GET",
        .path = "/v1/me",
        .access = GX_KEY_ANY,
        .work = GX_WORK_READ,
        .args_size = sizeof(me_args),
        .success = 200,
        .run = run_me,
        .render = render_me,
    },
    {
        .method = "PATCH",
        .path = "/v1/me",
        .access = GX_KEY_ADMIN,
        .work = GX_WORK_WRITE,
        .body = GX_BODY_JSON_OBJECT,
        .args_size = sizeof(change_args),
        .success = 200,
        .parse = parse_change,
        .run = run_change,
        .render = render_changed,
    },
    {
        .method = "DELETE",
        .path = "/v1/me",
        .access = GX_KEY_ADMIN,
        .work = GX_WORK_WRITE,
        .args_size = sizeof(delete_args),
        .rate = GX_RATE_REVOKES,
        .success = 204,
        .parse = parse_delete,
        .run = run_delete,
        .kept = end_streams,
    },
};

const gx_endpoints gx_developer_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
