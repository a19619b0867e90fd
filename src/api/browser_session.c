/* POST, GET and DELETE /v1/session: signing in at the monitor with an API key, and out again. */
#include "authority/browser_session.h"
#include "api/api.h"
#include "api/nouns.h"
#include "api/session_cookie.h"
#include "authority/developer.h"
#include "authority/key_scope.h"
#include "wire/json_writer.h"

typedef struct session_args {
    gx_developer_row developer;
    gx_browser_session session; /* text NULL where the browser has it already */
    const char *cookie;
    char csrf_token[GX_SECRET_HASH_SIZE];
    bool may_write;
} session_args;

static bool describe(gx_act *act, gx_span session, session_args *args)
{
    args->may_write = gx_key_may(act, GX_SCOPE_GRANTS_WRITE);
    if (!gx_browser_session_csrf_token(args->csrf_token, session))
        return gx_act_no_memory(act);
    return gx_developer_get(act, &args->developer);
}

static void write_session(const session_args *args, gx_answer *answer)
{
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    gx_json_text(&json, "developerId", args->developer.id);
    gx_json_text(&json, "name", args->developer.name);
    gx_json_text(&json, "mode", args->developer.mode);
    gx_json_bool(&json, "canWrite", args->may_write);
    gx_json_text(&json, "csrfToken", args->csrf_token);
    gx_json_time(&json, "expiresAt", args->session.expires_at);
    gx_json_close_object(&json);
}

/* --- in --- */

static bool run_begin(gx_call *call, gx_act *act)
{
    session_args *args = call->args;
    if (!gx_browser_session_begin(act, &args->session))
        return false;
    args->cookie = gx_session_cookie_write(call, act->arena, args->session.text, GX_BROWSER_SESSION_LIFE_MS / 1000);
    return args->cookie != NULL ? describe(act, gx_span_of(args->session.text), args) : gx_act_no_memory(act);
}

static void render_begun(const gx_call *call, gx_answer *answer)
{
    const session_args *args = call->args;
    answer->set_cookie = args->cookie;
    write_session(args, answer);
}

/* --- who it is --- */

/* By an API key there is none. */
static bool has_session(const gx_call *call, gx_act *act)
{
    return gx_call_browser_session(call).len > 0 ||
           gx_refuse(act->problem, 401, "UNAUTHORIZED", "There is no session here; sign in first");
}

static bool run_get(gx_call *call, gx_act *act)
{
    session_args *args = call->args;
    gx_span session = gx_call_browser_session(call);
    return has_session(call, act) && gx_browser_session_expiry(act, session, &args->session.expires_at) &&
           describe(act, session, args);
}

static void render_session(const gx_call *call, gx_answer *answer)
{
    write_session(call->args, answer);
}

/* --- out --- */

static bool run_end(gx_call *call, gx_act *act)
{
    session_args *args = call->args;
    args->cookie = gx_session_cookie_write(call, act->arena, NULL, 0);
    if (args->cookie == NULL)
        return gx_act_no_memory(act);
    return has_session(call, act) && gx_browser_session_end(act, gx_call_browser_session(call));
}

static void render_ended(const gx_call *call, gx_answer *answer)
{
    const session_args *args = call->args;
    answer->set_cookie = args->cookie;
    answer->content_type = NULL;
}

static const gx_endpoint ROWS[] = {
    {
        .method = "POST",
        .path = "/v1/session",
        .access = GX_KEY_EVENTS_READ,
        .work = GX_WORK_WRITE,
        .args_size = sizeof(session_args),
        .rate = GX_RATE_SIGN_IN,
        .ever_anew = true,
        .success = 201,
        .run = run_begin,
        .render = render_begun,
    },
    {
        .method = "GET",
        .path = "/v1/session",
        .access = GX_KEY_ANY,
        .work = GX_WORK_READ,
        .args_size = sizeof(session_args),
        .success = 200,
        .run = run_get,
        .render = render_session,
    },
    {
        .method = "DELETE",
        .path = "/v1/session",
        .access = GX_KEY_ANY,
        .work = GX_WORK_WRITE,
        .args_size = sizeof(session_args),
        .rate = GX_RATE_REVOKES,
        .takes_cookie = true,
        .success = 204,
        .run = run_end,
        .render = render_ended,
    },
};

const gx_endpoints gx_browser_session_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
