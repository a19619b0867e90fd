#include "grantex/tokens.h"

#include <stdlib.h>
#include <string.h>

#include "lib/client.h"
#include "lib/fail.h"
#include "lib/request.h"

/* --- authorize ---------------------------------------------------------------------------------------------------- */

static const gx_field authorization_fields[] = {
    GX_REQUIRED_TEXT(grantex_authorization, id, "authRequestId"),
    GX_TEXT(grantex_authorization, consent_url, "consentUrl"),
    GX_TEXT(grantex_authorization, expires_at, "expiresAt"),
    GX_TEXT(grantex_authorization, code, "code"),
};

static const gx_shape authorization_shape = GX_SHAPE_WITH_JSON(grantex_authorization, authorization_fields);

static void write_authorize(gx_json *json, const void *context)
{
    const grantex_authorize_request *request = context;
    gx_json_text(json, "agentId", request->agent_id);
    gx_json_text(json, "principalId", request->principal_id);
    gx_request_texts(json, "scopes", request->scopes);
    gx_request_text(json, "expiresIn", request->expires_in);
    gx_request_text(json, "redirectUri", request->redirect_uri);
    gx_request_text(json, "state", request->state);
    gx_request_text(json, "audience", request->audience);
    gx_request_text(json, "codeChallenge", request->code_challenge);
    gx_request_text(json, "codeChallengeMethod", request->code_challenge ? "S256" : NULL);
}

grantex_status grantex_authorize(grantex_client *client, const grantex_authorize_request *request,
                                 grantex_authorization **authorization, grantex_error *error)
{
    if (!request || !request->agent_id || !request->principal_id || !request->scopes || !authorization)
        return gx_fail(error, GRANTEX_E_INVALID, "request needs agent_id, principal_id and scopes");
    if (!gx_reserved_unused(request->reserved, 4))
        return gx_fail(error, GRANTEX_E_INVALID, "reserved must be zero");
    void *result;
    gx_post_request post = {"/v1/authorize", NULL, write_authorize, request};
    grantex_status status = gx_post(client, &post, &authorization_shape, &result, error);
    if (status == GRANTEX_OK)
        *authorization = result;
    return status;
}

void grantex_authorization_free(grantex_authorization *authorization)
{
    free(authorization);
}

/* --- tokens ------------------------------------------------------------------------------------------------------- */

static const gx_field token_fields[] = {
    GX_REQUIRED_TEXT(grantex_token, grant_token, "grantToken"),
    GX_TEXT(grantex_token, refresh_token, "refreshToken"),
    GX_TEXT(grantex_token, grant_id, "grantId"),
    GX_TEXT(grantex_token, expires_at, "expiresAt"),
    GX_TEXTS(grantex_token, scopes, scope_count, "scopes"),
};

static const gx_shape token_shape = GX_SHAPE_WITH_JSON(grantex_token, token_fields);

/* Exchange and refresh differ in what is handed in. */
typedef struct token_request {
    const char *secret_key, *secret;
    const char *agent_id, *code_verifier;
} token_request;

static void write_token(gx_json *json, const void *context)
{
    const token_request *request = context;
    gx_json_text(json, request->secret_key, request->secret);
    gx_json_text(json, "agentId", request->agent_id);
    gx_request_text(json, "codeVerifier", request->code_verifier);
}

static grantex_status ask_for_token(grantex_client *client, const char *path, const token_request *request,
                                    grantex_token **token, grantex_error *error)
{
    if (!request->secret || !request->agent_id || !token)
        return gx_fail(error, GRANTEX_E_INVALID, "%s, agent_id and token must not be NULL", request->secret_key);
    void *result;
    gx_post_request post = {path, NULL, write_token, request};
    grantex_status status = gx_post(client, &post, &token_shape, &result, error);
    if (status == GRANTEX_OK)
        *token = result;
    return status;
}

grantex_status grantex_tokens_exchange(grantex_client *client, const char *code, const char *agent_id,
                                       const char *code_verifier, grantex_token **token, grantex_error *error)
{
    return ask_for_token(client, "/v1/token", &(token_request){"code", code, agent_id, code_verifier}, token, error);
}

grantex_status grantex_tokens_refresh(grantex_client *client, const char *refresh_token, const char *agent_id,
                                      grantex_token **token, grantex_error *error)
{
    return ask_for_token(client, "/v1/token/refresh", &(token_request){"refreshToken", refresh_token, agent_id, NULL},
                         token, error);
}

void grantex_token_free(grantex_token *token)
{
    free(token);
}
