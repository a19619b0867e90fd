#include "grantex/tokens.h"

#include <string.h>

#include "base/memory.h"
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
    gx_ask ask = {.method = "POST", .path = "/v1/authorize", .write = write_authorize, .context = request};
    GX_GIVE(authorization, gx_ask_object(client, &ask, &authorization_shape, &result, error));
}

void grantex_authorization_free(grantex_authorization *authorization)
{
    gx_free(authorization);
}

/* --- consent ------------------------------------------------------------------------------------------------------ */

static const gx_field decision_fields[] = {
    GX_TEXT(grantex_decision, code, "code"),
    GX_TEXT(grantex_decision, redirect_uri, "redirectUri"),
    GX_TEXT(grantex_decision, state, "state"),
};

static const gx_shape decision_shape = GX_SHAPE_WITH_JSON(grantex_decision, decision_fields);

static grantex_status decide(grantex_client *client, const char *path, const char *id, const char *verb,
                             grantex_decision **decision, grantex_error *error)
{
    if (!decision)
        return gx_fail(error, GRANTEX_E_INVALID, "decision must not be NULL");
    gx_ask ask = {.method = "POST", .path = path, .id = id, .id_name = "authorization_id", .behind = verb};
    GX_GIVE(decision, gx_ask_object(client, &ask, &decision_shape, &result, error));
}

grantex_status grantex_authorize_approve(grantex_client *client, const char *authorization_id,
                                         grantex_decision **decision, grantex_error *error)
{
    return decide(client, "/v1/authorize/", authorization_id, "/approve", decision, error);
}

grantex_status grantex_authorize_deny(grantex_client *client, const char *authorization_id, grantex_decision **decision,
                                      grantex_error *error)
{
    return decide(client, "/v1/authorize/", authorization_id, "/deny", decision, error);
}

grantex_status grantex_consent_approve(grantex_client *client, const char *authorization_id,
                                       grantex_decision **decision, grantex_error *error)
{
    return decide(client, "/v1/consent/", authorization_id, "/approve", decision, error);
}

grantex_status grantex_consent_deny(grantex_client *client, const char *authorization_id, grantex_decision **decision,
                                    grantex_error *error)
{
    return decide(client, "/v1/consent/", authorization_id, "/deny", decision, error);
}

void grantex_decision_free(grantex_decision *decision)
{
    gx_free(decision);
}

static const gx_field consent_fields[] = {
    GX_REQUIRED_TEXT(grantex_consent, id, "id"),
    GX_TEXT(grantex_consent, agent_name, "agentName"),
    GX_TEXT(grantex_consent, agent_did, "agentDid"),
    GX_TEXT(grantex_consent, agent_description, "agentDescription"),
    GX_TEXT(grantex_consent, status, "status"),
    GX_TEXT(grantex_consent, expires_at, "expiresAt"),
    GX_INT(grantex_consent, grant_life_seconds, "grantLifeSeconds"),
    GX_TEXTS(grantex_consent, scopes, scope_count, "scopes"),
};

static const gx_shape consent_shape = GX_SHAPE_WITH_JSON(grantex_consent, consent_fields);

grantex_status grantex_consent_get(grantex_client *client, const char *authorization_id, grantex_consent **consent,
                                   grantex_error *error)
{
    if (!consent)
        return gx_fail(error, GRANTEX_E_INVALID, "consent must not be NULL");
    gx_ask ask = {.method = "GET", .path = "/v1/consent/", .id = authorization_id, .id_name = "authorization_id"};
    GX_GIVE(consent, gx_ask_object(client, &ask, &consent_shape, &result, error));
}

void grantex_consent_free(grantex_consent *consent)
{
    gx_free(consent);
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
    gx_ask ask = {.method = "POST", .path = path, .write = write_token, .context = request};
    GX_GIVE(token, gx_ask_object(client, &ask, &token_shape, &result, error));
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
    gx_free(token);
}

/* --- delegate ----------------------------------------------------------------------------------------------------- */

static void write_delegation(gx_json *json, const void *context)
{
    const grantex_delegate_request *request = context;
    gx_json_text(json, "parentGrantToken", request->parent_grant_token);
    gx_json_text(json, "subAgentId", request->agent_id);
    gx_request_texts(json, "scopes", request->scopes);
    gx_request_text(json, "expiresIn", request->expires_in);
}

grantex_status grantex_tokens_delegate(grantex_client *client, const grantex_delegate_request *request,
                                       grantex_token **token, grantex_error *error)
{
    if (!request || !request->parent_grant_token || !request->agent_id || !request->scopes || !token)
        return gx_fail(error, GRANTEX_E_INVALID, "request needs parent_grant_token, agent_id and scopes");
    if (!gx_reserved_unused(request->reserved, 4))
        return gx_fail(error, GRANTEX_E_INVALID, "reserved must be zero");
    gx_ask ask = {.method = "POST", .path = "/v1/grants/delegate", .write = write_delegation, .context = request};
    GX_GIVE(token, gx_ask_object(client, &ask, &token_shape, &result, error));
}

/* --- verify and revoke -------------------------------------------------------------------------------------------- */

static const gx_field check_fields[] = {
    GX_BOOL(grantex_token_check, valid, "valid"),
    GX_TEXT(grantex_token_check, grant_id, "grantId"),
    GX_TEXT(grantex_token_check, principal_id, "principal"),
    GX_TEXT(grantex_token_check, agent_did, "agent"),
    GX_TEXT(grantex_token_check, expires_at, "expiresAt"),
    GX_TEXTS(grantex_token_check, scopes, scope_count, "scopes"),
};

static const gx_shape check_shape = GX_SHAPE_WITH_JSON(grantex_token_check, check_fields);

static void write_checked(gx_json *json, const void *context)
{
    gx_json_text(json, "token", context);
}

grantex_status grantex_tokens_verify(grantex_client *client, const char *grant_token, grantex_token_check **check,
                                     grantex_error *error)
{
    if (!grant_token || !check)
        return gx_fail(error, GRANTEX_E_INVALID, "grant_token and check must not be NULL");
    gx_ask ask = {.method = "POST", .path = "/v1/tokens/verify", .write = write_checked, .context = grant_token};
    GX_GIVE(check, gx_ask_object(client, &ask, &check_shape, &result, error));
}

void grantex_token_check_free(grantex_token_check *check)
{
    gx_free(check);
}

static void write_revoked(gx_json *json, const void *context)
{
    gx_json_text(json, "jti", context);
}

grantex_status grantex_tokens_revoke(grantex_client *client, const char *token_id, grantex_error *error)
{
    if (!token_id)
        return gx_fail(error, GRANTEX_E_INVALID, "token_id must not be NULL");
    gx_ask ask = {.method = "POST", .path = "/v1/tokens/revoke", .write = write_revoked, .context = token_id};
    return gx_ask_nothing(client, &ask, NULL, error);
}
