/* The calls of the REST API: what is sent, what is read, what is repeated. */
#include <stdio.h>

#include "lib/fixture.h"

#define JSON_HEAD "Content-Type: application/json\r\n"
#define GRANT                                                                                                          \
    "{\"grantId\":\"grnt_1\",\"agentId\":\"ag_1\",\"principalId\":\"us\\u00e9r \\\"x\\\"\",\"developerId\":\"dev_1\"," \
    "\"scopes\":[\"a:b\",\"c\"],\"status\":\"active\",\"issuedAt\":\"T1\",\"expiresAt\":\"T2\",\"revokedAt\":null,"    \
    "\"delegationDepth\":2}"

struct desk {
    scripted_server *server;
    grantex_client *client;
    grantex_error error;
};

static void open_desk(struct desk *desk, const act *acts, size_t count)
{
    *desk = (struct desk){.server = scripted_server_start(acts, count, false)};
    desk->client = open_client(desk->server);
}

static void close_desk(struct desk *desk)
{
    grantex_client_close(desk->client);
    scripted_server_stop(desk->server);
}

#define OPEN_DESK(desk, ...)                                                                                           \
    const act acts[] = {__VA_ARGS__};                                                                                  \
    struct desk desk;                                                                                                  \
    open_desk(&desk, acts, sizeof acts / sizeof acts[0])

#define OK_ANSWER(body)                                                                                                \
    {                                                                                                                  \
        .raw = ANSWER("200 OK", JSON_HEAD, body)                                                                       \
    }

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void a_grant_is_read_whole(void **state)
{
    (void)state;
    OPEN_DESK(desk, OK_ANSWER(GRANT));
    grantex_grant *grant = NULL;
    assert_int_equal(grantex_grants_get(desk.client, "grnt/1 ?", &grant, &desk.error), GRANTEX_OK);
    assert_contains(scripted_server_request(desk.server, 0), "GET /v1/grants/grnt%2F1%20%3F HTTP/1.1\r\n");
    assert_lacks(scripted_server_request(desk.server, 0), "Idempotency-Key");
    assert_string_equal(grant->id.text, "grnt_1");
    assert_string_equal(grant->principal_id.text, "us\xC3\xA9r \"x\"");
    assert_string_equal(grant->revoked_at.text, "");
    assert_string_equal(grant->parent_grant_id.text, "");
    assert_int_equal(grant->scope_count, 2);
    assert_string_equal(grant->scopes[0].text, "a:b");
    assert_string_equal(grant->scopes[1].text, "c");
    assert_int_equal(grant->delegation_depth, 2);
    assert_string_equal(grant->json.text, GRANT);
    grantex_grant_free(grant);
    close_desk(&desk);
}

static void a_list_is_read_whole(void **state)
{
    (void)state;
    OPEN_DESK(desk, OK_ANSWER("{ \"grants\" : [ " GRANT " , " GRANT ",{\"grantId\":\"grnt_3\",\"scopes\":[]}] }"),
              OK_ANSWER("{\"grants\":[],\"total\":5000}"));
    grantex_grant_list *list = NULL;
    grantex_grant_filter filter = {.agent_id = "ag&1", .status = "active"};
    assert_int_equal(grantex_grants_list(desk.client, &filter, &list, &desk.error), GRANTEX_OK);
    assert_contains(scripted_server_request(desk.server, 0),
                    "GET /v1/grants?agentId=ag%261&status=active HTTP/1.1\r\n");
    assert_int_equal(list->count, 3);
    assert_int_equal(list->total, 3);
    assert_string_equal(list->items[1].scopes[1].text, "c");
    assert_string_equal(list->items[1].json.text, GRANT);
    assert_string_equal(list->items[2].id.text, "grnt_3");
    assert_int_equal(list->items[2].scope_count, 0);
    grantex_grant_list_free(list);
    assert_int_equal(grantex_grants_list(desk.client, NULL, &list, &desk.error), GRANTEX_OK);
    assert_int_equal(list->count, 0);
    assert_int_equal(list->total, 5000);
    grantex_grant_list_free(list);
    close_desk(&desk);
}

static void amounts_are_exact(void **state)
{
    (void)state;
    OPEN_DESK(desk,
              OK_ANSWER("{\"id\":\"bdg_1\",\"grantId\":\"g\",\"initialBudget\":\"1000.0000\",\"remainingBudget\":0.1,"
                        "\"currency\":\"USD\"}"),
              OK_ANSWER("{\"remaining\":\"99999999999999.9999\",\"transactionId\":\"btx_1\",\"grantId\":\"g\"}"));
    grantex_budget *budget = NULL;
    grantex_budget_request request = {.grant_id = "g", .initial = GRANTEX_MONEY(1000)};
    assert_int_equal(grantex_budgets_allocate(desk.client, &request, &budget, &desk.error), GRANTEX_OK);
    assert_contains(scripted_server_request(desk.server, 0), "{\"grantId\":\"g\",\"initialBudget\":\"1000.0000\"}");
    assert_true(budget->initial == GRANTEX_MONEY(1000) && budget->remaining == 1000);
    grantex_budget_free(budget);

    grantex_debit *debit = NULL;
    grantex_debit_request spend = {.grant_id = "g",
                                   .amount = 5000,
                                   .description = "line\n\"x\"",
                                   .metadata_json = "{\"k\":[1]}",
                                   .idempotency_key = "mine"};
    assert_int_equal(grantex_budgets_debit(desk.client, &spend, &debit, &desk.error), GRANTEX_OK);
    assert_contains(scripted_server_request(desk.server, 1),
                    "{\"grantId\":\"g\",\"amount\":\"0.5000\",\"description\":\"line\\n\\\"x\\\"\","
                    "\"metadata\":{\"k\":[1]}}");
    assert_contains(scripted_server_request(desk.server, 1), "\r\nIdempotency-Key: mine\r\n");
    assert_true(debit->remaining == INT64_C(999999999999999999));
    grantex_debit_free(debit);
    close_desk(&desk);
}

static void answers_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const char *const bodies[] = {"",
                                         "[]",
                                         "{}",
                                         "{\"grantId\":5}",
                                         "{\"grantId\":\"g\",\"scopes\":\"a\"}",
                                         "{\"grantId\":\"g\"",
                                         "null",
                                         "<ok>",
                                         "{\"grantId\":\"g\",\"scopes\":[1]}",
                                         "{\"grantId\":\"\\x\"}",
                                         "{\"grantId\":\"g\"} x"};
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        char answer[256];
        snprintf(answer, sizeof answer, ANSWER("200 OK", JSON_HEAD, "%s"), bodies[i]);
        OPEN_DESK(desk, {.raw = answer});
        grantex_grant *grant = NULL;
        assert_int_equal(grantex_grants_get(desk.client, "g", &grant, &desk.error), GRANTEX_E_PROTOCOL);
        assert_null(grant);
        close_desk(&desk);
    }
}

static void an_answer_beyond_the_limit_is_refused(void **state)
{
    (void)state;
    static const act acts[] = {{.raw = ANSWER("200 OK", JSON_HEAD, GRANT)}};
    scripted_server *server = SCRIPT(acts, false);
    grantex_client *client;
    grantex_client_options options = {
        .api_key = KEY, .base_url = scripted_server_url(server), .max_response_bytes = 20};
    assert_int_equal(grantex_client_open(&options, &client, NULL), GRANTEX_OK);
    grantex_grant *grant = NULL;
    assert_int_equal(grantex_grants_get(client, "g", &grant, NULL), GRANTEX_E_TOO_LARGE);
    grantex_client_close(client);
    scripted_server_stop(server);
}

static void a_refusal_is_told(void **state)
{
    (void)state;
    OPEN_DESK(desk,
              {.raw = ANSWER("402 Payment Required", JSON_HEAD,
                             "{\"message\":\"Too little\",\"code\":\"INSUFFICIENT_BUDGET\",\"requestId\":\"r\"}")});
    grantex_debit *debit = NULL;
    grantex_debit_request spend = {.grant_id = "g", .amount = 1};
    assert_int_equal(grantex_budgets_debit(desk.client, &spend, &debit, &desk.error), GRANTEX_E_API);
    assert_int_equal(desk.error.http_status, 402);
    assert_string_equal(desk.error.code, "INSUFFICIENT_BUDGET");
    assert_null(debit);
    assert_int_equal(scripted_server_count(desk.server), 1);
    close_desk(&desk);
}

/* --- repeating ---------------------------------------------------------------------------------------------------- */

static void read_idempotency_key(scripted_server *server, size_t n, char out[64])
{
    const char *line = strstr(scripted_server_request(server, n), "\r\nIdempotency-Key: ");
    assert_non_null(line);
    assert_int_equal(sscanf(line, "\r\nIdempotency-Key: %60s", out), 1);
}

static void a_post_is_repeated_with_the_same_key(void **state)
{
    (void)state;
    OPEN_DESK(desk, {.raw = ""}, {.raw = ANSWER("503 Busy", "", "")},
              OK_ANSWER("{\"remaining\":\"1\",\"transactionId\":\"btx_1\"}"),
              OK_ANSWER("{\"remaining\":\"1\",\"transactionId\":\"btx_2\"}"));
    grantex_debit *debit = NULL;
    grantex_debit_request spend = {.grant_id = "g", .amount = 1};
    assert_int_equal(grantex_budgets_debit(desk.client, &spend, &debit, &desk.error), GRANTEX_OK);
    grantex_debit_free(debit);
    assert_int_equal(grantex_budgets_debit(desk.client, &spend, &debit, &desk.error), GRANTEX_OK);
    grantex_debit_free(debit);
    char keys[4][64];
    for (size_t i = 0; i < 4; i++)
        read_idempotency_key(desk.server, i, keys[i]);
    assert_string_equal(keys[0], keys[1]);
    assert_string_equal(keys[0], keys[2]);
    assert_string_not_equal(keys[0], keys[3]); /* another call, another key */
    assert_int_equal(strlen(keys[0]), 32);
    close_desk(&desk);
}

static void what_the_server_refused_is_not_repeated(void **state)
{
    (void)state;
    OPEN_DESK(desk, {.raw = ANSWER("500 Oops", "", "")}, OK_ANSWER("{}"));
    grantex_agent *agent = NULL;
    grantex_agent_request request = {.name = "n"};
    assert_int_equal(grantex_agents_register(desk.client, &request, &agent, &desk.error), GRANTEX_E_API);
    assert_int_equal(scripted_server_count(desk.server), 1);
    close_desk(&desk);
}

static void a_revoke_whose_answer_got_lost_is_done(void **state)
{
    (void)state;
    OPEN_DESK(desk, {.raw = ""}, {.raw = ANSWER("404 No", JSON_HEAD, "{\"code\":\"NOT_FOUND\"}")},
              OK_ANSWER("{\"grantId\":\"g\",\"status\":\"revoked\"}"),
              {.raw = ANSWER("404 No", JSON_HEAD, "{\"code\":\"NOT_FOUND\"}")},
              {.raw = ANSWER("204 No Content", "", "")});
    assert_int_equal(grantex_grants_revoke(desk.client, "g", &desk.error), GRANTEX_OK);
    assert_contains(scripted_server_request(desk.server, 1), "DELETE /v1/grants/g HTTP/1.1\r\n");
    assert_int_equal(grantex_grants_revoke(desk.client, "g", &desk.error), GRANTEX_E_API); /* asked once: an error */
    assert_string_equal(desk.error.code, "NOT_FOUND");
    assert_int_equal(grantex_grants_revoke(desk.client, "g", &desk.error), GRANTEX_OK);
    close_desk(&desk);
}

/* --- the others --------------------------------------------------------------------------------------------------- */

static void agents_and_tokens_are_asked_for_as_the_server_wants(void **state)
{
    (void)state;
    OPEN_DESK(desk, OK_ANSWER("{\"agentId\":\"ag_1\",\"name\":\"n\",\"scopes\":[\"s\"]}"),
              OK_ANSWER("{\"agents\":[{\"agentId\":\"ag_1\"}]}"),
              OK_ANSWER("{\"authRequestId\":\"areq_1\",\"consentUrl\":\"u\",\"code\":\"c\"}"),
              OK_ANSWER("{\"grantToken\":\"jwt\",\"grantId\":\"grnt_1\",\"refreshToken\":\"ref_1\",\"scopes\":[]}"),
              OK_ANSWER("{\"grantToken\":\"jwt2\"}"));
    static const char *const scopes[] = {"s", NULL};
    grantex_agent *agent;
    assert_int_equal(grantex_agents_register(desk.client, &(grantex_agent_request){.name = "n", .scopes = scopes},
                                             &agent, &desk.error),
                     GRANTEX_OK);
    assert_contains(scripted_server_request(desk.server, 0), "{\"name\":\"n\",\"scopes\":[\"s\"]}");
    assert_string_equal(agent->scopes[0].text, "s");
    grantex_agent_free(agent);

    grantex_agent_list *agents;
    assert_int_equal(grantex_agents_list(desk.client, &agents, &desk.error), GRANTEX_OK);
    assert_int_equal(agents->count, 1);
    grantex_agent_list_free(agents);

    grantex_authorization *authorization;
    grantex_authorize_request ask = {
        .agent_id = "ag_1", .principal_id = "user", .scopes = scopes, .code_challenge = "ch"};
    assert_int_equal(grantex_authorize(desk.client, &ask, &authorization, &desk.error), GRANTEX_OK);
    assert_contains(scripted_server_request(desk.server, 2),
                    "{\"agentId\":\"ag_1\",\"principalId\":\"user\",\"scopes\":[\"s\"],\"codeChallenge\":\"ch\","
                    "\"codeChallengeMethod\":\"S256\"}");
    assert_string_equal(authorization->code.text, "c");
    grantex_authorization_free(authorization);

    grantex_token *token;
    assert_int_equal(grantex_tokens_exchange(desk.client, "c", "ag_1", NULL, &token, &desk.error), GRANTEX_OK);
    assert_contains(scripted_server_request(desk.server, 3), "{\"code\":\"c\",\"agentId\":\"ag_1\"}");
    assert_string_equal(token->refresh_token.text, "ref_1");
    grantex_token_free(token);
    assert_int_equal(grantex_tokens_refresh(desk.client, "ref_1", "ag_1", &token, &desk.error), GRANTEX_OK);
    assert_contains(scripted_server_request(desk.server, 4), "POST /v1/token/refresh HTTP/1.1\r\n");
    grantex_token_free(token);
    close_desk(&desk);
}

#define KEY_OBJECT "{\"id\":\"key_2\",\"name\":\"n\",\"scopes\":[\"admin\",\"events:read\"],\"expiresAt\":null}"

static void a_rotation_has_the_new_key_in_it(void **state)
{
    (void)state;
    OPEN_DESK(desk, OK_ANSWER("{\"apiKey\":\"gx_2\",\"previousKeyEndsAt\":\"2026\",\"key\":" KEY_OBJECT "}"),
              OK_ANSWER("{\"key\":" KEY_OBJECT ",\"key\":" KEY_OBJECT ",\"key\":{\"id\":\"k\"},\"apiKey\":\"a\"}"),
              OK_ANSWER("{\"apiKey\":\"gx_3\"}"), OK_ANSWER("{\"apiKey\":\"gx_2\",\"key\":[]}"));
    grantex_key_rotation *made = NULL;
    assert_int_equal(grantex_keys_rotate(desk.client, "1h", &made, &desk.error), GRANTEX_OK);
    assert_contains(scripted_server_request(desk.server, 0), "POST /v1/keys/rotate HTTP/1.1\r\n");
    assert_contains(scripted_server_request(desk.server, 0), "\r\n\r\n{\"overlap\":\"1h\"}");
    assert_string_equal(made->api_key.text, "gx_2");
    assert_string_equal(made->previous_ends_at.text, "2026");
    assert_string_equal(made->key.id.text, "key_2");
    assert_string_equal(made->key.expires_at.text, "");
    assert_int_equal(made->key.scope_count, 2);
    assert_string_equal(made->key.scopes[1].text, "events:read");
    assert_string_equal(made->key.json.text, KEY_OBJECT);
    grantex_key_rotation_free(made);

    assert_int_equal(grantex_keys_rotate(desk.client, NULL, &made, &desk.error), GRANTEX_OK); /* the last one counts */
    assert_string_equal(made->key.id.text, "k");
    grantex_key_rotation_free(made);

    assert_int_equal(grantex_keys_rotate(desk.client, NULL, &made, &desk.error), GRANTEX_OK);
    assert_contains(scripted_server_request(desk.server, 2), "\r\n\r\n{}");
    assert_string_equal(made->key.id.text, "");
    assert_string_equal(made->key.json.text, "");
    grantex_key_rotation_free(made);

    assert_int_equal(grantex_keys_rotate(desk.client, NULL, &made, &desk.error), GRANTEX_E_PROTOCOL);
    close_desk(&desk);
}

static void a_key_is_asked_for_whole(void **state)
{
    (void)state;
    OPEN_DESK(desk, OK_ANSWER(KEY_OBJECT));
    grantex_key *key;
    static const char *const scopes[] = {"admin", NULL};
    static const grantex_key_request wrong[] = {
        {.scopes = scopes}, {.name = "n"}, {.name = "n", .scopes = scopes, .reserved = {"x"}}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(grantex_keys_create(desk.client, &wrong[i], &key, NULL), GRANTEX_E_INVALID);
    grantex_key_request request = {.name = "n", .scopes = scopes, .expires_in = "90d"};
    assert_int_equal(grantex_keys_create(desk.client, &request, &key, &desk.error), GRANTEX_OK);
    assert_contains(scripted_server_request(desk.server, 0),
                    "{\"name\":\"n\",\"scopes\":[\"admin\"],\"expiresIn\":\"90d\"}");
    grantex_key_free(key);
    close_desk(&desk);
}

static void wrong_arguments_send_nothing(void **state)
{
    (void)state;
    OPEN_DESK(desk, {.raw = ""});
    grantex_grant *grant;
    grantex_debit *debit;
    assert_int_equal(grantex_grants_get(desk.client, "", &grant, NULL), GRANTEX_E_INVALID);
    assert_int_equal(grantex_grants_get(NULL, "g", &grant, NULL), GRANTEX_E_INVALID);
    assert_int_equal(grantex_grants_revoke(desk.client, NULL, NULL), GRANTEX_E_INVALID);
    static const grantex_debit_request wrong[] = {
        {.amount = 1},
        {.grant_id = "g", .metadata_json = "[]"},
        {.grant_id = "g", .metadata_json = "{} {}"},
        {.grant_id = "g", .idempotency_key = "a b"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(grantex_budgets_debit(desk.client, &wrong[i], &debit, NULL), GRANTEX_E_INVALID);
    assert_int_equal(scripted_server_count(desk.server), 0);
    close_desk(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grant_is_read_whole),
        cmocka_unit_test(a_list_is_read_whole),
        cmocka_unit_test(amounts_are_exact),
        cmocka_unit_test(answers_that_do_not_fit_are_refused),
        cmocka_unit_test(an_answer_beyond_the_limit_is_refused),
        cmocka_unit_test(a_refusal_is_told),
        cmocka_unit_test(a_post_is_repeated_with_the_same_key),
        cmocka_unit_test(what_the_server_refused_is_not_repeated),
        cmocka_unit_test(a_revoke_whose_answer_got_lost_is_done),
        cmocka_unit_test(agents_and_tokens_are_asked_for_as_the_server_wants),
        cmocka_unit_test(a_rotation_has_the_new_key_in_it),
        cmocka_unit_test(a_key_is_asked_for_whole),
        cmocka_unit_test(wrong_arguments_send_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
