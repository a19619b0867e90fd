/* POST /v1/token, POST /v1/token/refresh: a code or a refresh token for a grant token. */
#include "authority/token.h"
#include "api/input.h"
#include "api/nouns.h"
#include "wire/json_writer.h"

static const char *const FORMATS[] = {"jwt"};

typedef struct exchange_args {
    gx_token_draft draft; /* first in both, for render */
    gx_token_exchange_request in;
    const char *format;
} exchange_args;

typedef struct refresh_args {
    gx_token_draft draft;
    gx_token_refresh_request in;
} refresh_args;

static bool parse_exchange(gx_call *call)
{
    exchange_args *args = call->args;
    return gx_input_text(call, "code", GX_REQUIRED, 1, 512, &args->in.code) &&
           gx_input_text(call, "agentId", GX_REQUIRED, 1, 256, &args->in.agent_id) &&
           gx_input_text(call, "codeVerifier", GX_OPTIONAL, 43, 128, &args->in.code_verifier) &&
           gx_input_word(call, "credentialFormat", GX_OPTIONAL, FORMATS, 1, &args->format);
}

static bool prepare_exchange(gx_call *call, gx_act *act)
{
    exchange_args *args = call->args;
    return gx_token_prepare_exchange(act, &args->in, &args->draft);
}

static bool run_exchange(gx_call *call, gx_act *act)
{
    exchange_args *args = call->args;
    return gx_token_exchange(act, &args->in, &args->draft);
}

static bool parse_refresh(gx_call *call)
{
    refresh_args *args = call->args;
    return gx_input_text(call, "refreshToken", GX_REQUIRED, 1, 512, &args->in.refresh_token) &&
           gx_input_text(call, "agentId", GX_REQUIRED, 1, 256, &args->in.agent_id);
}

static bool prepare_refresh(gx_call *call, gx_act *act)
{
    refresh_args *args = call->args;
    return gx_token_prepare_refresh(act, &args->in, &args->draft);
}

static bool run_refresh(gx_call *call, gx_act *act)
{
    refresh_args *args = call->args;
    return gx_token_refresh(act, &args->in, &args->draft);
}

static void render_token(const gx_call *call, gx_answer *answer)
{
    const gx_token_draft *draft = call->args;
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    gx_json_text(&json, "grantToken", draft->grant_token);
    gx_json_time(&json, "expiresAt", draft->grant.expires_at);
    gx_json_raw(&json, "scopes", gx_span_of(draft->grant.scopes));
    gx_json_text(&json, "refreshToken", draft->refresh_token);
    gx_json_text(&json, "grantId", draft->grant.id);
    gx_json_close_object(&json);
}

static const gx_endpoint ROWS[] = {
    {
        .method = "POST",
        .path = "/v1/token",
        .access = GX_ACCESS_KEY,
        .work = GX_WORK_WRITE,
        .body = GX_BODY_JSON_OBJECT,
        .args_size = sizeof(exchange_args),
        .success = 201,
        .parse = parse_exchange,
        .prepare = prepare_exchange,
        .run = run_exchange,
        .render = render_token,
    },
    {
        .method = "POST",
        .path = "/v1/token/refresh",
        .access = GX_ACCESS_KEY,
        .work = GX_WORK_WRITE,
        .body = GX_BODY_JSON_OBJECT,
        .args_size = sizeof(refresh_args),
        .success = 201,
        .parse = parse_refresh,
        .prepare = prepare_refresh,
        .run = run_refresh,
        .render = render_token,
    },
};

const gx_endpoints gx_token_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
