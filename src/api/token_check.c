/* Whether a grant token is good now: POST /v1/tokens/verify, and POST /v1/grants/verify, which says why not; POST
 * /v1/tokens/revoke takes one token back. */
#include "authority/token_check.h"
#include "api/input.h"
#include "api/nouns.h"
#include "authority/agent.h"
#include "wire/json_writer.h"

static const char *const REASONS[] = {
    [GX_TOKEN_WRONG_DEVELOPER] = "wrong_developer",
    [GX_TOKEN_NOT_FOUND] = "not_found",
    [GX_TOKEN_REVOKED] = "revoked",
    [GX_TOKEN_EXPIRED] = "expired",
};

typedef struct verify_args {
    const char *token;
    gx_token_checked out;
} verify_args;

typedef struct revoke_args {
    const char *token_id;
} revoke_args;

static bool parse_verify(gx_call *call)
{
    verify_args *args = call->args;
    return gx_input_text(call, "token", GX_REQUIRED, 1, GX_MOST_TOKEN, &args->token);
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
    bool valid = out->verdict == GX_TOKEN_GOOD;
    gx_json_bool(&json, "valid", valid);
    if (valid) {
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

/* What bears no signature of ours is bad input here: there is nothing to say about it. */
static bool run_grant_verify(gx_call *call, gx_act *act)
{
    verify_args *args = call->args;
    if (!gx_token_check(act, args->token, &args->out))
        return false;
    return args->out.verdict != GX_TOKEN_FOREIGN || gx_act_bad_request(act, "Invalid token");
}

static void render_grant_verified(const gx_call *call, gx_answer *answer)
{
    const gx_token_checked *out = &((const verify_args *)call->args)->out;
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    gx_json_bool(&json, "active", out->verdict == GX_TOKEN_GOOD);
    if (out->verdict == GX_TOKEN_GOOD)
        gx_json_raw(&json, "claims", gx_span_of(out->claims.text));
    else
        gx_json_text(&json, "reason", REASONS[out->verdict]);
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
        .path = "/v1/tokens/verify",
        .access = GX_KEY_LOOKS,
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
        .path = "/v1/grants/verify",
        .access = GX_KEY_LOOKS,
        .work = GX_WORK_READ,
        .body = GX_BODY_JSON_OBJECT,
        .args_size = sizeof(verify_args),
        .success = 200,
        .parse = parse_verify,
        .run = run_grant_verify,
        .render = render_grant_verified,
    },
    {
        .method = "POST",
        .path = "/v1/tokens/revoke",
        .access = GX_KEY_GRANTS_WRITE,
        .work = GX_WORK_WRITE,
        .body = GX_BODY_JSON_OBJECT,
        .args_size = sizeof(revoke_args),
        .rate = GX_RATE_REVOKES,
        .success = 204,
        .parse = parse_revoke,
        .run = run_revoke,
    },
};

const gx_endpoints gx_token_check_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
