/* What gives a grant token: POST /v1/token for a code, POST /v1/token/refresh for a refresh token, POST
 * /v1/grants/delegate for another agent's token. */
#include "authority/token.h"
#include "api/input.h"
#include "api/nouns.h"
#include "wire/json_writer.h"

#define DELEGATED_LIFE_MS (INT64_C(3600) * 1000)

static const char *const FORMATS[] = {"jwt"};

typedef struct exchange_args {
    gx_token_draft draft; /* first in all, for render */
    gx_token_exchange_request in;
    const char *format;
} exchange_args;

typedef struct refresh_args {
    gx_token_draft draft;
    gx_token_refresh_request in;
} refresh_args;

typedef struct delegate_args {
    gx_delegation_draft draft;
    gx_token_delegate_request in;
    const char *format;
} delegate_args;

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

static bool parse_delegate(gx_call *call)
{
    delegate_args *args = call->args;
    gx_token_delegate_request *in = &args->in;
    return gx_input_text(call, "parentGrantToken", GX_REQUIRED, 1, GX_MOST_TOKEN, &in->parent_token) &&
           gx_input_text(call, "subAgentId", GX_REQUIRED, 1, 256, &in->agent_id) &&
           gx_input_scopes(call, "scopes", GX_REQUIRED, 1, &in->scopes) &&
           gx_input_duration(call, "expiresIn", DELEGATED_LIFE_MS, &in->life_ms) &&
           gx_input_word(call, "credentialFormat", GX_OPTIONAL, FORMATS, 1, &args->format);
}

static bool prepare_delegate(gx_call *call, gx_act *act)
{
    delegate_args *args = call->args;
    return gx_token_prepare_delegation(act, &args->in, &args->draft);
}

static bool run_delegate(gx_call *call, gx_act *act)
{
    delegate_args *args = call->args;
    return gx_token_delegate(act, &args->in, &args->draft);
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
        .access = GX_KEY_GRANTS_WRITE,
        .work = GX_WORK_WRITE,
        .body = GX_BODY_JSON_OBJECT,
        .args_size = sizeof(exchange_args),
        .rate = GX_RATE_TOKEN,
        .success = 201,
        .parse = parse_exchange,
        .prepare = prepare_exchange,
        .run = run_exchange,
        .render = render_token,
    },
    {
        .method = "POST",
        .path = "/v1/token/refresh",
        .access = GX_KEY_GRANTS_WRITE,
        .work = GX_WORK_WRITE,
        .body = GX_BODY_JSON_OBJECT,
        .args_size = sizeof(refresh_args),
        .rate = GX_RATE_TOKEN_REFRESH,
        .success = 201,
        .parse = parse_refresh,
        .prepare = prepare_refresh,
        .run = run_refresh,
        .render = render_token,
    },
    {
        .method = "POST",
        .path = "/v1/grants/delegate",
        .access = GX_KEY_GRANTS_WRITE,
        .work = GX_WORK_WRITE,
        .body = GX_BODY_JSON_OBJECT,
        .args_size = sizeof(delegate_args),
        .success = 201,
        .parse = parse_delegate,
        .prepare = prepare_delegate,
        .run = run_delegate,
        .render = render_token,
    },
};

const gx_endpoints gx_token_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
