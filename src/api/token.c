/* POST /v1/token, POST /v1/token/refresh: a code or a refresh token for a grant token; POST /v1/tokens/verify and
 * …/revoke. */
#include "authority/token.h"
#include "api/input.h"
#include "api/nouns.h"
#include "authority/agent.h"
#include "authority/token_check.h"
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

typedef struct verify_args {
    const char *token;
    gx_token_checked out;
} verify_args;

typedef struct revoke_args {
    const char *token_id;
} revoke_args;

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

enum { MOST_TOKEN = 512 * 1024 };

static bool parse_verify(gx_call *call)
{
    verify_args *args = call->args;
    return gx_input_text(call, "token", GX_REQUIRED, 1, MOST_TOKEN, &args->token);
}

static bool run_verify(gx_call *call, gx_act *act)
{
    verify_args *args = call->args;
    return gx_token_check(act, args->token, &args->out);
}

static void render_verified(const gx_call *call, gx_answer *answer)
{
    const gx_token_checked *out = &((const verify_args *)call->args)->out;
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    gx_json_bool(&json, "valid", out->valid);
    if (out->valid) {
        char did[GX_AGENT_DID_SIZE];
        gx_agent_did(did, out->claims.agent_id);
        gx_json_text(&json, "grantId", out->claims.grant_id);
        gx_json_raw(&json, "scopes", gx_span_of(out->claims.scopes));
        gx_json_text(&json, "principal", out->claims.principal_id);
        gx_json_text(&json, "agent", did);
        gx_json_time(&json, "expiresAt", out->claims.expires_at * 1000);
    }
    gx_json_close_object(&json);
}

static bool parse_revoke(gx_call *call)
{
    revoke_args *args = call->args;
    return gx_input_text(call, "jti", GX_REQUIRED, 1, 512, &args->token_id);
}

static bool run_revoke(gx_call *call, gx_act *act)
{
    const revoke_args *args = call->args;
    return gx_token_revoke(act, args->token_id);
}

static const gx_endpoint ROWS[] = {
    {
        .method = "POST",
        .path = "/v1/token",
        .access = GX_ACCESS_KEY,
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
        .access = GX_ACCESS_KEY,
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
        .path = "/v1/tokens/verify",
        .access = GX_ACCESS_KEY,
        .work = GX_WORK_READ,
        .body = GX_BODY_JSON_OBJECT,
        .args_size = sizeof(verify_args),
        .success = 200,
        .parse = parse_verify,
        .run = run_verify,
        .render = render_verified,
    },
    {
        .method = "POST",
        .path = "/v1/tokens/revoke",
        .access = GX_ACCESS_KEY,
        .work = GX_WORK_WRITE,
        .body = GX_BODY_JSON_OBJECT,
        .args_size = sizeof(revoke_args),
        .rate = GX_RATE_REVOKES,
        .success = 204,
        .parse = parse_revoke,
        .run = run_revoke,
    },
};

const gx_endpoints gx_token_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
