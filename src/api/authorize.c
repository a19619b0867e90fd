/* POST /v1/authorize, and a sandbox developer's POST /v1/authorize/:id/approve and …/deny */
#include <string.h>

#include "api/input.h"
#include "api/input_fault.h"
#include "api/nouns.h"
#include "authority/consent.h"
#include "wire/json_writer.h"

enum { MOST_ID = 256, MOST_STATE = 1024, MOST_AUDIENCE = 1024, CHALLENGE_LENGTH = 43 };

#define DEFAULT_LIFE    "24h"
#define DEFAULT_LIFE_MS (INT64_C(24) * 3600 * 1000)
#define BASE64URL       "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

static const char *const CHALLENGE_METHODS[] = {"S256"};

typedef struct ask_args {
    gx_consent_ask_request in;
    const char *expires_in; /* as the client said it */
    gx_consent_asked out;
} ask_args;

typedef struct decide_args {
    const char *id;
    gx_consent_decision out;
} decide_args;

/* RFC 7636: an S256 challenge is the base64url of 32 bytes. */
static bool parse_challenge(gx_call *call, const char **out)
{
    const char *challenge, *method;
    if (!gx_input_text(call, "codeChallenge", GX_OPTIONAL, 0, MOST_ID, &challenge) ||
        !gx_input_word(call, "codeChallengeMethod", GX_OPTIONAL, CHALLENGE_METHODS, 1, &method))
        return false;
    if ((challenge == NULL) != (method == NULL))
        return gx_input_refuse(call, "codeChallenge", "goes with codeChallengeMethod \"S256\": give both or none");
    if (challenge != NULL &&
        (strlen(challenge) != CHALLENGE_LENGTH || strspn(challenge, BASE64URL) != CHALLENGE_LENGTH))
        return gx_input_refuse(call, "codeChallenge", "must be exactly %d characters of base64url", CHALLENGE_LENGTH);
    *out = challenge;
    return true;
}

static bool parse_life(gx_call *call, ask_args *args)
{
    if (!gx_input_duration(call, "expiresIn", DEFAULT_LIFE_MS, &args->in.life_ms) ||
        !gx_input_text(call, "expiresIn", GX_OPTIONAL, 0, MOST_ID, &args->expires_in))
        return false;
    if (args->expires_in == NULL)
        args->expires_in = DEFAULT_LIFE;
    return true;
}

static bool parse_ask(gx_call *call)
{
    ask_args *args = call->args;
    gx_consent_ask_request *in = &args->in;
    return gx_input_text(call, "agentId", GX_REQUIRED, 1, MOST_ID, &in->agent_id) &&
           gx_input_text(call, "principalId", GX_REQUIRED, 1, MOST_ID, &in->principal_id) &&
           gx_input_scopes(call, "scopes", GX_REQUIRED, 1, &in->scopes) &&
           gx_input_url(call, "redirectUri", &in->redirect_uri) &&
           gx_input_text(call, "state", GX_OPTIONAL, 0, MOST_STATE, &in->state) &&
           gx_input_text(call, "audience", GX_OPTIONAL, 1, MOST_AUDIENCE, &in->audience) &&
           parse_challenge(call, &in->code_challenge) && parse_life(call, args);
}

static bool run_ask(gx_call *call, gx_act *act)
{
    ask_args *args = call->args;
    return gx_consent_ask(act, &args->in, &args->out);
}

static void render_ask(const gx_call *call, gx_answer *answer)
{
    const ask_args *args = call->args;
    const gx_auth_request_row *request = &args->out.request;
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    gx_json_text(&json, "authRequestId", request->id);
    gx_json_text(&json, "agentId", request->agent_id);
    gx_json_text(&json, "principalId", request->principal_id);
    gx_json_raw(&json, "scopes", gx_span_of(request->scopes));
    gx_json_text(&json, "status", request->status);
    gx_json_text(&json, "expiresIn", args->expires_in);
    gx_json_time(&json, "createdAt", request->created_at);
    gx_json_time(&json, "expiresAt", request->expires_at);
    gx_json_text(&json, "consentUrl", args->out.consent_url);
    if (args->out.code != NULL) {
        gx_json_bool(&json, "sandbox", true);
        gx_json_text(&json, "code", args->out.code);
    }
    gx_json_close_object(&json);
}

static bool run_approve(gx_call *call, gx_act *act)
{
    decide_args *args = call->args;
    return gx_consent_approve_as_developer(act, args->id, &args->out);
}

static bool run_deny(gx_call *call, gx_act *act)
{
    decide_args *args = call->args;
    return gx_consent_deny_as_developer(act, args->id, &args->out);
}

static void render_decision(const gx_call *call, gx_answer *answer)
{
    const gx_consent_decision *decision = &((const decide_args *)call->args)->out;
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    gx_json_text(&json, "requestId", decision->request_id);
    gx_json_text(&json, "status", decision->code != NULL ? "approved" : "denied");
    if (decision->code != NULL)
        gx_json_text(&json, "code", decision->code);
    gx_json_close_object(&json);
}

static const gx_endpoint ROWS[] = {
    {
        .method = "POST",
        .path = "/v1/authorize",
        .access = GX_KEY_GRANTS_WRITE,
        .work = GX_WORK_WRITE,
        .body = GX_BODY_JSON_OBJECT,
        .args_size = sizeof(ask_args),
        .rate = GX_RATE_AUTHORIZE,
        .success = 201,
        .parse = parse_ask,
        .run = run_ask,
        .render = render_ask,
    },
    {
        .method = "POST",
        .path = "/v1/authorize/:id/approve",
        .access = GX_KEY_GRANTS_WRITE,
        .work = GX_WORK_WRITE,
        .args_size = sizeof(decide_args),
        .success = 200,
        .parse = gx_parse_param,
        .run = run_approve,
        .render = render_decision,
    },
    {
        .method = "POST",
        .path = "/v1/authorize/:id/deny",
        .access = GX_KEY_GRANTS_WRITE,
        .work = GX_WORK_WRITE,
        .args_size = sizeof(decide_args),
        .success = 200,
        .parse = gx_parse_param,
        .run = run_deny,
        .render = render_decision,
    },
};

const gx_endpoints gx_authorize_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
