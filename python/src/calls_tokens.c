#include "calls.h"

DEFINE_RESULT(authorization)
DEFINE_RESULT(consent)
DEFINE_RESULT(decision)
DEFINE_RESULT(token)
DEFINE_RESULT(token_check)

/* --- consent ------------------------------------------------------------------------------------------------------ */

static grantex_status authorize(grantex_client *client, const call_arguments *in, call_result *out,
                                grantex_error *error)
{
    grantex_authorization *authorization = NULL;
    grantex_authorize_request request = {
        .agent_id = in->text[0],
        .principal_id = in->text[1],
        .scopes = in->list,
        .expires_in = in->text[2],
        .redirect_uri = in->text[3],
        .state = in->text[4],
        .audience = in->text[5],
        .code_challenge = in->text[6],
    };
    return give_authorization(grantex_authorize(client, &request, &authorization, error), out, &authorization);
}

static grantex_status consent_get(grantex_client *client, const call_arguments *in, call_result *out,
                                  grantex_error *error)
{
    grantex_consent *consent = NULL;
    return give_consent(grantex_consent_get(client, in->text[0], &consent, error), out, &consent);
}

static grantex_status consent_approve(grantex_client *client, const call_arguments *in, call_result *out,
                                      grantex_error *error)
{
    grantex_decision *decision = NULL;
    return give_decision(grantex_consent_approve(client, in->text[0], &decision, error), out, &decision);
}

static grantex_status consent_deny(grantex_client *client, const call_arguments *in, call_result *out,
                                   grantex_error *error)
{
    grantex_decision *decision = NULL;
    return give_decision(grantex_consent_deny(client, in->text[0], &decision, error), out, &decision);
}

static grantex_status authorize_approve(grantex_client *client, const call_arguments *in, call_result *out,
                                        grantex_error *error)
{
    grantex_decision *decision = NULL;
    return give_decision(grantex_authorize_approve(client, in->text[0], &decision, error), out, &decision);
}

static grantex_status authorize_deny(grantex_client *client, const call_arguments *in, call_result *out,
                                     grantex_error *error)
{
    grantex_decision *decision = NULL;
    return give_decision(grantex_authorize_deny(client, in->text[0], &decision, error), out, &decision);
}

/* --- tokens ------------------------------------------------------------------------------------------------------- */

static grantex_status tokens_exchange(grantex_client *client, const call_arguments *in, call_result *out,
                                      grantex_error *error)
{
    grantex_token *token = NULL;
    return give_token(grantex_tokens_exchange(client, in->text[0], in->text[1], in->text[2], &token, error), out,
                      &token);
}

static grantex_status tokens_refresh(grantex_client *client, const call_arguments *in, call_result *out,
                                     grantex_error *error)
{
    grantex_token *token = NULL;
    return give_token(grantex_tokens_refresh(client, in->text[0], in->text[1], &token, error), out, &token);
}

static grantex_status tokens_delegate(grantex_client *client, const call_arguments *in, call_result *out,
                                      grantex_error *error)
{
    grantex_token *token = NULL;
    grantex_delegate_request request = {
        .parent_grant_token = in->text[0], .agent_id = in->text[1], .scopes = in->list, .expires_in = in->text[2]};
    return give_token(grantex_tokens_delegate(client, &request, &token, error), out, &token);
}

static grantex_status tokens_verify(grantex_client *client, const call_arguments *in, call_result *out,
                                    grantex_error *error)
{
    grantex_token_check *check = NULL;
    return give_token_check(grantex_tokens_verify(client, in->text[0], &check, error), out, &check);
}

static grantex_status tokens_revoke(grantex_client *client, const call_arguments *in, call_result *out,
                                    grantex_error *error)
{
    (void)out;
    return grantex_tokens_revoke(client, in->text[0], error);
}

const call_row token_calls[] = {
    {"authorize", "sslsssss", authorize},          {"consent.get", "s", consent_get},
    {"consent.approve", "s", consent_approve},     {"consent.deny", "s", consent_deny},
    {"authorize.approve", "s", authorize_approve}, {"authorize.deny", "s", authorize_deny},
    {"tokens.exchange", "sss", tokens_exchange},   {"tokens.refresh", "ss", tokens_refresh},
    {"tokens.delegate", "ssls", tokens_delegate},  {"tokens.verify", "s", tokens_verify},
    {"tokens.revoke", "s", tokens_revoke},         {NULL, NULL, NULL},
};
