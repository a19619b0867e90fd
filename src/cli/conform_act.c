#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/conform.h"

static const char *const SCOPES[] = {"calendar:read", "contacts:read", NULL};

/* The first failure is the one worth telling. */
static bool note(conform_acts *acts, const char *what, grantex_status status, const grantex_error *error)
{
    if (status != GRANTEX_OK && !acts->failed[0])
        snprintf(acts->failed, sizeof acts->failed, "%s: %s", what, error->message);
    return status == GRANTEX_OK;
}

static grantex_status approve(grantex_client *client, const char *request_id, char *code, size_t size,
                              grantex_error *error)
{
    grantex_decision *decision;
    grantex_status status = grantex_consent_approve(client, request_id, &decision, error);
    if (status != GRANTEX_OK)
        return status;
    snprintf(code, size, "%s", decision->code.text);
    grantex_decision_free(decision);
    return GRANTEX_OK;
}

/* Of a sandbox developer the code comes at once; otherwise the principal's page is asked, as he would. */
static grantex_status obtain_code(grantex_client *client, const char *agent_id, char *code, size_t size,
                                  grantex_error *error)
{
    grantex_authorize_request request = {
        .agent_id = agent_id, .principal_id = CONFORM_PRINCIPAL, .scopes = SCOPES, .expires_in = "10m"};
    grantex_authorization *authorization;
    grantex_status status = grantex_authorize(client, &request, &authorization, error);
    if (status != GRANTEX_OK)
        return status;
    snprintf(code, size, "%s", authorization->code.text);
    if (!code[0])
        status = approve(client, authorization->id.text, code, size, error);
    grantex_authorization_free(authorization);
    return status;
}

static void keep(conform_grant *grant, grantex_token *token)
{
    snprintf(grant->id, sizeof grant->id, "%s", token->grant_id.text);
    snprintf(grant->refresh_token, sizeof grant->refresh_token, "%s", token->refresh_token.text);
    grant->token = strdup(token->grant_token.text);
    grantex_token_free(token);
}

static grantex_status make_grant(grantex_client *client, const char *agent_id, conform_grant *grant,
                                 grantex_error *error)
{
    char code[600];
    grantex_token *token;
    grantex_status status = obtain_code(client, agent_id, code, sizeof code, error);
    if (status == GRANTEX_OK)
        status = grantex_tokens_exchange(client, code, agent_id, NULL, &token, error);
    if (status == GRANTEX_OK)
        keep(grant, token);
    return status;
}

static grantex_status refresh(grantex_client *client, const conform_acts *acts, grantex_error *error)
{
    grantex_token *token;
    grantex_status status = grantex_tokens_refresh(client, acts->steps.refresh_token, acts->agent_id, &token, error);
    if (status == GRANTEX_OK)
        grantex_token_free(token);
    return status;
}

static grantex_status spend(grantex_client *client, const char *grant_id, const int *amounts, grantex_error *error)
{
    grantex_budget_request request = {.grant_id = grant_id, .initial = GRANTEX_MONEY(CONFORM_BUDGET)};
    grantex_budget *budget;
    grantex_status status = grantex_budgets_allocate(client, &request, &budget, error);
    if (status == GRANTEX_OK)
        grantex_budget_free(budget);
    for (; status == GRANTEX_OK && *amounts; amounts++) {
        grantex_debit_request debit_request = {.grant_id = grant_id, .amount = GRANTEX_MONEY(*amounts)};
        grantex_debit *debit;
        status = grantex_budgets_debit(client, &debit_request, &debit, error);
        if (status == GRANTEX_OK)
            grantex_debit_free(debit);
    }
    return status;
}

static grantex_status delegate(grantex_client *client, conform_acts *acts, grantex_error *error)
{
    grantex_delegate_request request = {
        .parent_grant_token = acts->steps.token, .agent_id = acts->agent_id, .scopes = SCOPES, .expires_in = "5m"};
    grantex_token *token;
    grantex_status status = grantex_tokens_delegate(client, &request, &token, error);
    if (status == GRANTEX_OK)
        keep(&acts->child, token);
    return status;
}

static grantex_status revoke_as_principal(grantex_client *client, const char *grant_id, grantex_error *error)
{
    grantex_principal_session *session;
    grantex_status status = grantex_principal_sessions_create(client, CONFORM_PRINCIPAL, "5m", &session, error);
    if (status != GRANTEX_OK)
        return status;
    status = grantex_principal_grants_revoke(client, session->token.text, grant_id, error);
    grantex_principal_session_free(session);
    return status;
}

static grantex_status register_agent(grantex_client *client, conform_acts *acts, grantex_error *error)
{
    grantex_agent_request request = {
        .name = "grantex conform", .description = "Made by grantex conform, which deletes it again", .scopes = SCOPES};
    grantex_agent *agent;
    grantex_status status = grantex_agents_register(client, &request, &agent, error);
    if (status != GRANTEX_OK)
        return status;
    snprintf(acts->agent_id, sizeof acts->agent_id, "%s", agent->id.text);
    grantex_agent_free(agent);
    return GRANTEX_OK;
}

bool conform_act(grantex_client *client, conform_acts *acts, grantex_error *error)
{
    static const int STEPS[] = {500, 100, 250, 50, 100, 0}, JUMP[] = {CONFORM_BUDGET, 0};
    if (register_agent(client, acts, error) != GRANTEX_OK ||
        make_grant(client, acts->agent_id, &acts->steps, error) != GRANTEX_OK)
        return false;
    acts->refreshed = note(acts, "refresh", refresh(client, acts, error), error);
    acts->budgeted = note(acts, "second grant", make_grant(client, acts->agent_id, &acts->jump, error), error) &&
                     note(acts, "budget", spend(client, acts->steps.id, STEPS, error), error) &&
                     note(acts, "budget", spend(client, acts->jump.id, JUMP, error), error);
    acts->delegated = acts->steps.token && note(acts, "delegation", delegate(client, acts, error), error);
    acts->by_principal = acts->jump.id[0] && note(acts, "revocation by the principal",
                                                  revoke_as_principal(client, acts->jump.id, error), error);
    acts->by_developer = note(acts, "revocation", grantex_grants_revoke(client, acts->steps.id, error), error);
    return true;
}

void conform_tidy(grantex_client *client, conform_acts *acts)
{
    grantex_error error = {.status = GRANTEX_OK};
    if (acts->agent_id[0])
        note(acts, "the agent could not be deleted again", grantex_agents_delete(client, acts->agent_id, &error),
             &error);
    free(acts->steps.token);
    free(acts->jump.token);
    free(acts->child.token);
    acts->steps.token = acts->jump.token = acts->child.token = NULL;
}
