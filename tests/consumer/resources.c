/* Every call of libgrantex beside the events, once, against the server of the environment: what it says of each goes to
 * stdout, one line a step, and the first that fails ends it. tests/e2e/test_library_resources.py reads it. */
#include <grantex/grantex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static grantex_client *client;
static grantex_error error;

static void expect(grantex_status status, grantex_status wanted, const char *what)
{
    if (status == wanted)
        return;
    printf("%s: %s %d %s: %s\n", what, grantex_status_name(status), error.http_status, error.code, error.message);
    exit(1);
}

static void works(grantex_status status, const char *what)
{
    expect(status, GRANTEX_OK, what);
}

static void must(bool good, const char *what)
{
    if (good)
        return;
    printf("not so: %s\n", what);
    exit(1);
}

static bool is(grantex_text text, const char *wanted)
{
    return strcmp(text.text, wanted) == 0;
}

static const char *const scopes[] = {"calendar:read", "contacts:read", NULL};
static const char *const fewer[] = {"calendar:read", NULL};

static grantex_agent *agents(void)
{
    grantex_agent *agent, *same, *changed;
    grantex_agent_list *list;
    grantex_agent_request request = {.name = "invoicer", .description = "pays", .scopes = scopes};
    works(grantex_agents_register(client, &request, &agent, &error), "agents_register");
    works(grantex_agents_get(client, agent->id.text, &same, &error), "agents_get");
    must(is(same->name, "invoicer") && same->scope_count == 2, "the agent is as it was made");
    request = (grantex_agent_request){.name = "payer"};
    works(grantex_agents_update(client, agent->id.text, &request, &changed, &error), "agents_update");
    must(is(changed->name, "payer") && is(changed->description, "pays"), "only the name was changed");
    works(grantex_agents_list(client, &list, &error), "agents_list");
    must(list->count == 1 && list->total == 1, "there is one agent");
    grantex_agent_list_free(list);
    grantex_agent_free(changed);
    grantex_agent_free(same);
    printf("agents\n");
    return agent;
}

/* Asked for, and allowed by the one way or the other; the token of the grant. */
static grantex_token *consent(const char *agent_id, bool sandbox)
{
    grantex_authorization *asked;
    grantex_decision *decision = NULL;
    grantex_consent *shown = NULL;
    grantex_token *token, *next;
    grantex_authorize_request request = {.agent_id = agent_id, .principal_id = "user_1", .scopes = scopes};
    works(grantex_authorize(client, &request, &asked, &error), "authorize");
    if (!sandbox) { /* there it was approved as it was made */
        works(grantex_consent_get(client, asked->id.text, &shown, &error), "consent_get");
        must(is(shown->agent_name, "payer") && shown->scope_count == 2 && shown->grant_life_seconds > 0,
             "what is shown");
        works(grantex_consent_approve(client, asked->id.text, &decision, &error), "consent_approve");
    }
    works(grantex_tokens_exchange(client, sandbox ? asked->code.text : decision->code.text, agent_id, NULL, &token,
                                  &error),
          "tokens_exchange");
    works(grantex_tokens_refresh(client, token->refresh_token.text, agent_id, &next, &error), "tokens_refresh");
    must(is(next->grant_id, token->grant_id.text), "a refreshed token is of the same grant");
    grantex_token_free(next);
    grantex_consent_free(shown);
    grantex_decision_free(decision);
    grantex_authorization_free(asked);
    printf("consent\n");
    return token;
}

static void denial(const char *agent_id, bool sandbox)
{
    grantex_authorization *asked;
    grantex_decision *decision;
    grantex_authorize_request request = {.agent_id = agent_id, .principal_id = "user_1", .scopes = scopes};
    works(grantex_authorize(client, &request, &asked, &error), "authorize");
    if (sandbox) { /* it was approved as it was made */
        expect(grantex_authorize_deny(client, asked->id.text, &decision, &error), GRANTEX_E_API, "authorize_deny");
        expect(grantex_authorize_approve(client, asked->id.text, &decision, &error), GRANTEX_E_API,
               "authorize_approve");
    } else {
        works(grantex_consent_deny(client, asked->id.text, &decision, &error), "consent_deny");
        must(decision->code.length == 0, "there is no code after a denial");
        grantex_decision_free(decision);
    }
    grantex_authorization_free(asked);
    printf("denial\n");
}

static void tokens(const grantex_token *token, const char *agent_id)
{
    grantex_token_check *check;
    grantex_grant_check *other;
    grantex_token *delegated;
    works(grantex_tokens_verify(client, token->grant_token.text, &check, &error), "tokens_verify");
    must(check->valid && is(check->grant_id, token->grant_id.text) && check->scope_count == 2, "the token is good");
    grantex_token_check_free(check);
    works(grantex_grants_verify(client, token->grant_token.text, &other, &error), "grants_verify");
    must(other->active && other->reason.length == 0, "the grant is active");
    grantex_grant_check_free(other);
    grantex_delegate_request request = {
        .parent_grant_token = token->grant_token.text, .agent_id = agent_id, .scopes = fewer};
    works(grantex_tokens_delegate(client, &request, &delegated, &error), "tokens_delegate");
    must(delegated->scope_count == 1, "it has fewer scopes");
    grantex_token_free(delegated);
    expect(grantex_tokens_revoke(client, "tok_none", &error), GRANTEX_E_API, "tokens_revoke of none");
    printf("tokens\n");
}

static void budgets(const char *grant_id)
{
    grantex_budget *budget;
    grantex_budget_list *all;
    grantex_debit *debit;
    grantex_transaction_list *past;
    grantex_burn_list *burning;
    works(grantex_budgets_allocate(
              client, &(grantex_budget_request){.grant_id = grant_id, .initial = GRANTEX_MONEY(20)}, &budget, &error),
          "budgets_allocate");
    works(grantex_budgets_debit(
              client,
              &(grantex_debit_request){.grant_id = grant_id, .amount = GRANTEX_MONEY(5), .description = "a call"},
              &debit, &error),
          "budgets_debit");
    must(debit->remaining == GRANTEX_MONEY(15), "15 remain");
    works(grantex_budgets_list(client, &all, &error), "budgets_list");
    must(all->count == 1 && all->items[0].remaining == GRANTEX_MONEY(15), "the budget is in the list");
    works(grantex_budgets_transactions(client, grant_id, &past, &error), "budgets_transactions");
    must(past->count == 1 && past->items[0].amount == GRANTEX_MONEY(5) && is(past->items[0].description, "a call"),
         "the debit is in the past");
    works(grantex_budgets_burn(client, 0, &burning, &error), "budgets_burn");
    must(burning->count == 1 && is(burning->items[0].grant_id, grant_id) && burning->items[0].used_percent == 25 &&
             burning->items[0].spent_per_minute == GRANTEX_MONEY(5) && burning->items[0].empty_in_seconds == 180,
         "5 of 20 were spent in a minute, so 15 last three");
    must(strstr(burning->json.text, "asOf") != NULL, "and the answer says when");
    grantex_burn_list_free(burning);
    expect(grantex_budgets_burn(client, 501, &burning, &error), GRANTEX_E_INVALID, "budgets_burn of 501");
    grantex_transaction_list_free(past);
    grantex_budget_list_free(all);
    grantex_debit_free(debit);
    grantex_budget_free(budget);
    printf("budgets\n");
}

static void webhooks(const char *url)
{
    grantex_webhook *made, *same;
    grantex_webhook_list *list;
    grantex_delivery_list *deliveries;
    works(grantex_webhooks_create(client, url, (const char *const[]){"grant.*", NULL}, &made, &error),
          "webhooks_create");
    must(made->secret.length > 0 && made->event_count == 1, "it is made with its secret");
    works(grantex_webhooks_get(client, made->id.text, &same, &error), "webhooks_get");
    must(same->secret.length == 0 && is(same->url, url), "the secret is shown once");
    works(grantex_webhooks_list(client, &list, &error), "webhooks_list");
    must(list->count == 1, "there is one webhook");
    grantex_delivery_filter failed = {.status = "failed", .page = 1, .page_size = 5};
    works(grantex_webhooks_deliveries(client, made->id.text, &failed, &deliveries, &error), "webhooks_deliveries");
    must(deliveries->count == 0 && deliveries->total == 0, "nothing has failed");
    expect(grantex_webhooks_redeliver(client, "none", &error), GRANTEX_E_API, "webhooks_redeliver of none");
    works(grantex_webhooks_delete(client, made->id.text, &error), "webhooks_delete");
    expect(grantex_webhooks_get(client, made->id.text, &same, &error), GRANTEX_E_API, "webhooks_get of none");
    grantex_delivery_list_free(deliveries);
    grantex_webhook_list_free(list);
    grantex_webhook_free(same);
    grantex_webhook_free(made);
    printf("webhooks\n");
}

static void principals(const char *grant_id)
{
    grantex_principal_session *session;
    grantex_principal_grant_list *grants;
    grantex_audit_list *audit;
    grantex_grant *grant;
    works(grantex_principal_sessions_create(client, "user_1", "30m", &session, &error), "principal_sessions_create");
    works(grantex_principal_grants_list(client, session->token.text, &grants, &error), "principal_grants_list");
    must(grants->count > 0 && is(grants->items[0].agent_name, "payer"), "the principal sees the grant");
    works(grantex_principal_audit(client, session->token.text, &audit, &error), "principal_audit");
    works(grantex_principal_grants_revoke(client, session->token.text, grant_id, &error), "principal_grants_revoke");
    works(grantex_grants_get(client, grant_id, &grant, &error), "grants_get");
    must(is(grant->status, "revoked"), "the grant is revoked");
    expect(grantex_principal_grants_list(client, "not a token", &grants, &error), GRANTEX_E_INVALID, "a bad session");
    expect(grantex_principal_grants_list(client, "nonsense", &grants, &error), GRANTEX_E_AUTH, "no session");
    grantex_grant_free(grant);
    grantex_audit_list_free(audit);
    grantex_principal_grant_list_free(grants);
    grantex_principal_session_free(session);
    printf("principals\n");
}

/* A key that may only read; its own client puts another in its place, with an overlap and without. */
static void keys(void)
{
    grantex_key *made;
    grantex_key_list *list;
    grantex_key_rotation *next, *last;
    grantex_client *reader, *successor;
    grantex_key_request request = {
        .name = "reader", .scopes = (const char *const[]){"events:read", NULL}, .expires_in = "90d"};
    works(grantex_keys_create(client, &request, &made, &error), "keys_create");
    must(made->api_key.length > 40 && made->scope_count == 1 && made->expires_at.length > 0 &&
             made->last_used_at.length == 0,
         "it is made with the key itself");
    works(grantex_keys_list(client, &list, &error), "keys_list");
    must(list->count == 2 && strstr(list->json.text, made->api_key.text) == NULL, "there are two, and no key is shown");
    grantex_key_list_free(list);

    grantex_client_options options = {.api_key = made->api_key.text};
    works(grantex_client_open(&options, &reader, &error), "client_open of a new key");
    expect(grantex_keys_list(reader, &list, &error), GRANTEX_E_API, "keys_list by one that may not");
    must(error.http_status == 403 && strstr(error.message, "admin") != NULL, "the scope that it lacks is named");
    expect(grantex_keys_rotate(reader, "8d", &next, &error), GRANTEX_E_API, "keys_rotate with too long an overlap");
    works(grantex_keys_rotate(reader, "1h", &next, &error), "keys_rotate");
    must(is(next->key.name, "reader") && is(next->key.expires_at, made->expires_at.text) &&
             next->key.api_key.length == 0 && strstr(next->key.json.text, next->key.id.text) != NULL,
         "the successor is as it was");
    must(strcmp(next->previous_ends_at.text, next->rotated_at.text) > 0, "the old one stays for an hour");

    options.api_key = next->api_key.text;
    works(grantex_client_open(&options, &successor, &error), "client_open of its successor");
    works(grantex_keys_rotate(successor, NULL, &last, &error), "keys_rotate at once");
    must(is(last->previous_ends_at, last->rotated_at.text), "it is over at once");
    expect(grantex_keys_rotate(successor, NULL, &last, &error), GRANTEX_E_AUTH, "keys_rotate of one that is over");
    works(grantex_keys_revoke(client, last->key.id.text, &error), "keys_revoke");
    expect(grantex_keys_revoke(client, last->key.id.text, &error), GRANTEX_E_API, "keys_revoke of none");
    grantex_client_close(successor);
    grantex_client_close(reader);
    grantex_key_rotation_free(last);
    grantex_key_rotation_free(next);
    grantex_key_free(made);
    printf("keys\n");
}

static void raw(void)
{
    grantex_answer *answer;
    works(grantex_call(client, "GET", "/v1/me", NULL, &answer, &error), "call");
    must(answer->http_status == 200 && strstr(answer->json.text, "\"developerId\"") != NULL, "me, raw");
    grantex_answer_free(answer);
    works(grantex_call(client, "POST", "/v1/agents", "{\"name\":\"raw\"}", &answer, &error), "call with a body");
    must(answer->http_status == 201, "made, raw");
    grantex_answer_free(answer);
    expect(grantex_call(client, "GET", "/v1/nothing", NULL, &answer, &error), GRANTEX_E_API, "call of nothing");
    must(error.http_status == 404, "nothing is not found");
    printf("raw\n");
}

int main(int argc, char **argv)
{
    works(grantex_client_open(NULL, &client, &error), "client_open");
    must(argc == 3, "arguments: sandbox|live, the URL for a webhook");
    bool sandbox = strcmp(argv[1], "sandbox") == 0;
    grantex_agent *agent = agents();
    grantex_token *token = consent(agent->id.text, sandbox);
    denial(agent->id.text, sandbox);
    tokens(token, agent->id.text);
    budgets(token->grant_id.text);
    webhooks(argv[2]);
    principals(token->grant_id.text);
    keys();
    raw();
    works(grantex_agents_delete(client, agent->id.text, &error), "agents_delete");
    grantex_token_free(token);
    grantex_agent_free(agent);
    grantex_client_close(client);
    printf("all\n");
    return 0;
}
