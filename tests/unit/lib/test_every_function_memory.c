/* Every function of the public headers with a program's allocator that has no more at the n-th request, for every n. A
 * process of its own: the allocator is set once, before anything else. */
#include <dirent.h>
#include <stdatomic.h>
#include <stdio.h>

#include "lib/fixture.h"

enum { MOST_ALLOCATIONS = 400, MOST_HEADER_BYTES = 64 * 1024 };

#define SAMPLE                                                                                                         \
    "\"id\":\"x_1\",\"agentId\":\"ag_1\",\"grantId\":\"grnt_1\",\"transactionId\":\"btx_1\",\"sessionToken\":\"t\","   \
    "\"entryId\":\"e\",\"authRequestId\":\"areq_1\",\"grantToken\":\"a.b.c\",\"code\":\"c\",\"scopes\":[\"a:b\","      \
    "\"c:d\"],\"apiKey\":\"gx\",\"initialBudget\":\"10.0000\",\"remainingBudget\":\"5.0000\",\"remaining\":\"5."       \
    "0000\","                                                                                                          \
    "\"amount\":\"5.0000\",\"valid\":true,\"active\":true,\"description\":\"l\\u00e4nger\",\"events\":[\"grant.*\"]"
#define LIST(name) "\"" name "\":[{" SAMPLE "},{" SAMPLE "}]"

/* Whatever is asked: all members that any answer has. */
static const char answer[] = ANSWER(
    "200 OK", "Content-Type: application/json\r\n",
    "{" SAMPLE
    "," LIST("agents") "," LIST("grants") "," LIST("allocations") "," LIST("budgets") "," LIST("transactions") "," LIST(
        "entries") "," LIST("webhooks") "," LIST("deliveries") "," LIST("keys") ",\"key\":{" SAMPLE "},\"total\":2}");

static const act answers[] = {{.raw = answer}};
static const act streams[] = {{.events = OPENING EVENT(1), .ending = CUT},
                              {.events = OPENING EVENT(2) EVENT(3), .ending = END_CLEANLY}};

/* --- the allocator --- */

static struct {
    atomic_long live, left; /* left: until the one that fails; 0: none does */
    atomic_bool failed;
} book;

static void *reallocate(void *memory, size_t size, void *user)
{
    (void)user;
    long left = atomic_load(&book.left);
    while (left > 0 && !atomic_compare_exchange_weak(&book.left, &left, left - 1))
        ;
    if (left == 1) {
        book.failed = true;
        return NULL;
    }
    book.live += memory == NULL;
    return realloc(memory, size);
}

static void release(void *memory, void *user)
{
    (void)user;
    book.live--;
    free(memory);
}

/* --- the functions --- */

static const char *const list_of_texts[] = {"a:b", "c:d", NULL};
static const char *const event_types[] = {"grant.*", "token.issued", NULL};
static const grantex_agent_request agent_request = {.name = "n", .description = "d", .scopes = list_of_texts};
static const grantex_budget_request budget_request = {.grant_id = "g", .initial = GRANTEX_MONEY(10), .currency = "EUR"};
static const grantex_debit_request debit_request = {
    .grant_id = "g", .amount = 5, .description = "d", .metadata_json = "{\"a\":1}"};
static const grantex_grant_filter grant_filter = {.agent_id = "a", .principal_id = "p", .status = "active"};
static const grantex_authorize_request authorize_request = {
    .agent_id = "a", .principal_id = "p", .scopes = list_of_texts, .redirect_uri = "http://x/", .state = "s"};
static const grantex_delegate_request delegate_request = {
    .parent_grant_token = "t", .agent_id = "a", .scopes = list_of_texts};
static const grantex_key_request key_request = {.name = "n", .scopes = list_of_texts, .expires_in = "90d"};

/* One that makes something, and gives it back. */
#define MAKES(function, type, release_it, ...)                                                                         \
    static grantex_status try_##function(grantex_client *client)                                                       \
    {                                                                                                                  \
        type *made = NULL;                                                                                             \
        grantex_error error;                                                                                           \
        grantex_status status = grantex_##function(client, __VA_ARGS__);                                               \
        assert_int_equal(status == GRANTEX_OK, made != NULL);                                                          \
        grantex_##release_it(made);                                                                                    \
        return status;                                                                                                 \
    }

/* One that says no more than how it went. */
#define DOES(function, ...)                                                                                            \
    static grantex_status try_##function(grantex_client *client)                                                       \
    {                                                                                                                  \
        grantex_error error;                                                                                           \
        return grantex_##function(client, __VA_ARGS__);                                                                \
    }

MAKES(agents_register, grantex_agent, agent_free, &agent_request, &made, &error)
MAKES(agents_get, grantex_agent, agent_free, "ag/1", &made, &error)
MAKES(agents_update, grantex_agent, agent_free, "ag_1", &agent_request, &made, &error)
MAKES(agents_list, grantex_agent_list, agent_list_free, &made, &error)
DOES(agents_delete, "ag_1", &error)
MAKES(budgets_allocate, grantex_budget, budget_free, &budget_request, &made, &error)
MAKES(budgets_balance, grantex_budget, budget_free, "g", &made, &error)
MAKES(budgets_debit, grantex_debit, debit_free, &debit_request, &made, &error)
MAKES(budgets_list, grantex_budget_list, budget_list_free, &made, &error)
MAKES(budgets_transactions, grantex_transaction_list, transaction_list_free, "g", &made, &error)
MAKES(budgets_burn, grantex_burn_list, burn_list_free, 5, &made, &error)
MAKES(call, grantex_answer, answer_free, "POST", "/v1/x?y=z", "{\"a\":1}", &made, &error)
MAKES(grants_list, grantex_grant_list, grant_list_free, &grant_filter, &made, &error)
MAKES(grants_get, grantex_grant, grant_free, "g", &made, &error)
DOES(grants_revoke, "g", &error)
MAKES(grants_verify, grantex_grant_check, grant_check_free, "a.b.c", &made, &error)
MAKES(keys_create, grantex_key, key_free, &key_request, &made, &error)
MAKES(keys_list, grantex_key_list, key_list_free, &made, &error)
DOES(keys_revoke, "k", &error)
MAKES(keys_rotate, grantex_key_rotation, key_rotation_free, "1h", &made, &error)
MAKES(principal_sessions_create, grantex_principal_session, principal_session_free, "p", "1h", &made, &error)
MAKES(principal_grants_list, grantex_principal_grant_list, principal_grant_list_free, "t", &made, &error)
DOES(principal_grants_revoke, "t", "g", &error)
MAKES(principal_audit, grantex_audit_list, audit_list_free, "t", &made, &error)
MAKES(authorize, grantex_authorization, authorization_free, &authorize_request, &made, &error)
MAKES(tokens_exchange, grantex_token, token_free, "c", "a", "v", &made, &error)
MAKES(tokens_refresh, grantex_token, token_free, "r", "a", &made, &error)
MAKES(consent_get, grantex_consent, consent_free, "a", &made, &error)
MAKES(consent_approve, grantex_decision, decision_free, "a", &made, &error)
MAKES(consent_deny, grantex_decision, decision_free, "a", &made, &error)
MAKES(authorize_approve, grantex_decision, decision_free, "a", &made, &error)
MAKES(authorize_deny, grantex_decision, decision_free, "a", &made, &error)
MAKES(tokens_delegate, grantex_token, token_free, &delegate_request, &made, &error)
MAKES(tokens_verify, grantex_token_check, token_check_free, "a.b.c", &made, &error)
DOES(tokens_revoke, "t", &error)
MAKES(webhooks_create, grantex_webhook, webhook_free, "https://x/", event_types, &made, &error)
MAKES(webhooks_get, grantex_webhook, webhook_free, "w", &made, &error)
MAKES(webhooks_list, grantex_webhook_list, webhook_list_free, &made, &error)
DOES(webhooks_delete, "w", &error)
MAKES(webhooks_deliveries, grantex_delivery_list, delivery_list_free, "w", NULL, &made, &error)
DOES(webhooks_redeliver, "d", &error)

static grantex_status try_client_open(grantex_client *unused)
{
    (void)unused;
    grantex_client *client = NULL;
    grantex_client_options options = {.api_key = KEY, .base_url = "http://127.0.0.1:1/path"};
    grantex_status status = grantex_client_open(&options, &client, NULL);
    assert_int_equal(status == GRANTEX_OK, client != NULL);
    grantex_client_close(client);
    return status;
}

static grantex_status try_sse_parser_new(grantex_client *unused)
{
    (void)unused;
    grantex_sse_parser *parser = NULL;
    grantex_sse_options options = {.last_event_id = "evt_0"};
    const char text[] = "id: evt_1\ndata: one\ndata: two\n\n", *at = text;
    size_t length = strlen(text);
    grantex_sse_frame frame;
    grantex_status status = grantex_sse_parser_new(&options, &parser);
    assert_int_equal(status == GRANTEX_OK, parser != NULL);
    if (parser != NULL)
        status = grantex_sse_parser_next(parser, &at, &length, &frame);
    grantex_sse_parser_free(parser);
    return status;
}

static grantex_status next(grantex_stream *stream, int64_t seq)
{
    const grantex_event *event;
    grantex_grant_created created;
    grantex_status status = grantex_stream_next(stream, &event, 30000, NULL);
    if (status != GRANTEX_OK)
        return status;
    assert_int_equal(event->seq, seq);
    grantex_event *copy = grantex_event_dup(event);
    if (copy == NULL)
        return GRANTEX_E_NO_MEMORY;
    status = grantex_event_grant_created(copy, &created);
    grantex_event_free(copy);
    return status;
}

/* Opened, cut, connected again with the cursor, read to its end. */
static grantex_status try_events_stream(grantex_client *client)
{
    grantex_stream *stream = NULL;
    grantex_stream_options options = {.event_types = event_types, .since = "2026-01-01T00:00:00Z"};
    grantex_status status = grantex_events_stream(client, &options, &stream, NULL);
    assert_int_equal(status == GRANTEX_OK, stream != NULL);
    for (int64_t seq = 1; status == GRANTEX_OK && seq <= 3; seq++)
        status = next(stream, seq);
    if (stream != NULL)
        grantex_stream_cancel(stream);
    grantex_stream_close(stream);
    return status;
}

static void count_event(const grantex_event *event, void *user)
{
    atomic_long *seen = user;
    atomic_store(seen, event->seq);
}

static grantex_status try_events_subscribe(grantex_client *client)
{
    atomic_long seen = 0;
    grantex_subscription *subscription = NULL;
    grantex_status status = grantex_events_subscribe(client, NULL, count_event, (void *)&seen, &subscription, NULL);
    assert_int_equal(status == GRANTEX_OK, subscription != NULL);
    grantex_unsubscribe(subscription);
    return status;
}

/* --- all of them --- */

typedef struct row {
    const char *name;
    grantex_status (*try)(grantex_client *client);
    bool streams;
} row;

#define ROW(function)                                                                                                  \
    {                                                                                                                  \
        "grantex_" #function, try_##function, false                                                                    \
    }
static const row ROWS[] = {
    ROW(agents_register),
    ROW(agents_get),
    ROW(agents_update),
    ROW(agents_list),
    ROW(agents_delete),
    ROW(budgets_allocate),
    ROW(budgets_balance),
    ROW(budgets_debit),
    ROW(budgets_list),
    ROW(budgets_transactions),
    ROW(budgets_burn),
    ROW(call),
    ROW(grants_list),
    ROW(grants_get),
    ROW(grants_revoke),
    ROW(grants_verify),
    ROW(keys_create),
    ROW(keys_list),
    ROW(keys_revoke),
    ROW(keys_rotate),
    ROW(principal_audit),
    ROW(principal_sessions_create),
    ROW(principal_grants_list),
    ROW(principal_grants_revoke),
    ROW(authorize),
    ROW(tokens_exchange),
    ROW(tokens_refresh),
    ROW(consent_get),
    ROW(consent_approve),
    ROW(consent_deny),
    ROW(authorize_approve),
    ROW(authorize_deny),
    ROW(tokens_delegate),
    ROW(tokens_verify),
    ROW(tokens_revoke),
    ROW(webhooks_create),
    ROW(webhooks_get),
    ROW(webhooks_list),
    ROW(webhooks_delete),
    ROW(webhooks_deliveries),
    ROW(webhooks_redeliver),
    ROW(client_open),
    ROW(sse_parser_new),
    {"grantex_events_stream", try_events_stream, true},
    {"grantex_events_subscribe", try_events_subscribe, true},
};
enum { ROW_COUNT = sizeof ROWS / sizeof *ROWS };

/* Called by the tries above or without anything to allocate for. */
static const char *const OTHERS[] = {
    "grantex_stream_next",
    "grantex_stream_cancel",
    "grantex_stream_close",
    "grantex_event_dup",
    "grantex_event_free",
    "grantex_unsubscribe",
    "grantex_event_grant_created",
    "grantex_sse_parser_next",
    "grantex_client_close", /* and those that read what is there: */
    "grantex_event_grant_revoked",
    "grantex_event_token_issued",
    "grantex_event_budget_threshold",
    "grantex_event_budget_exhausted",
    "grantex_money_parse",
    "grantex_money_format",
    "grantex_version",
    "grantex_status_name",
    "grantex_client_base_url",
    "grantex_stream_fd",
    "grantex_stream_cursor",
    "grantex_stream_get_stats",
    "grantex_stream_restart",
    "grantex_sse_parser_reset",
    "grantex_sse_parser_last_event_id",
    "grantex_sse_parser_retry_ms",
    "grantex_set_allocator",
};

typedef struct stage {
    scripted_server *server;
    grantex_client *client;
} stage;

static stage set_up(const row *tried)
{
    stage it = {.server = tried->streams ? SCRIPT(streams, true) : SCRIPT(answers, true)};
    grantex_client_options options = {.api_key = KEY, .base_url = scripted_server_url(it.server), .max_retries = -1};
    assert_int_equal(grantex_client_open(&options, &it.client, NULL), GRANTEX_OK);
    return it;
}

static void clear_away(stage it)
{
    grantex_client_close(it.client);
    scripted_server_stop(it.server);
}

/* The n-th allocation fails: it says so, or it did without. Whether it came to that. */
static bool fail_at(const row *tried, grantex_client *client, long n)
{
    book.failed = false;
    book.left = n;
    grantex_status status = tried->try(client);
    bool failed = book.failed;
    book.left = 0;
    if (status != GRANTEX_OK && !(failed && status == GRANTEX_E_NO_MEMORY))
        fail_msg("%s, allocation %ld: %s", tried->name, n, grantex_status_name(status));
    return failed;
}

/* A script of streams goes on from one connection to the next: each try gets it from its beginning. */
static void fail_at_every(const row *tried)
{
    stage it = set_up(tried);
    bool failed = true;
    long n = 1;
    for (; failed && n < MOST_ALLOCATIONS; n++) {
        failed = fail_at(tried, it.client, n);
        if (tried->streams) {
            clear_away(it);
            it = set_up(tried);
        }
    }
    clear_away(it);
    if (failed || n < 3)
        fail_msg("%s: %ld allocations, which cannot be", tried->name, n);
    if (book.live != 0)
        fail_msg("%s: %ld blocks are left behind", tried->name, book.live);
    print_message("  %3ld %s\n", n - 2, tried->name);
}

static void without_memory_each_says_so_and_leaves_nothing_behind(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROW_COUNT; i++)
        fail_at_every(&ROWS[i]);
}

/* --- the headers --- */

static bool is_release(const char *name)
{
    size_t length = strlen(name);
    return length > 5 && strcmp(name + length - 5, "_free") == 0;
}

static bool is_known(const char *name)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (strcmp(ROWS[i].name, name) == 0)
            return true;
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++)
        if (strcmp(OTHERS[i], name) == 0)
            return true;
    return is_release(name);
}

/* Checks each "GRANTEX_API … grantex_name(" and counts them. */
static size_t check_header(const char *path)
{
    static char text[MOST_HEADER_BYTES];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    size_t found = 0;
    for (const char *at = text; (at = strstr(at, "\nGRANTEX_API ")) != NULL;) {
        char name[96] = "";
        const char *open = strchr(at, '('), *start = open;
        while (start[-1] == '_' || (start[-1] >= 'a' && start[-1] <= 'z'))
            start--;
        snprintf(name, sizeof name, "%.*s", (int)(open - start), start);
        if (!is_known(name))
            fail_msg("%s of %s is in no table here", name, path);
        found++;
        at = open;
    }
    return found;
}

static void no_public_function_is_forgotten(void **state)
{
    (void)state;
    static const char folder[] = GX_SOURCE_DIR "/include/grantex";
    DIR *headers = opendir(folder);
    assert_non_null(headers);
    size_t found = 0;
    for (struct dirent *entry; (entry = readdir(headers)) != NULL;) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (strstr(entry->d_name, ".h") != NULL)
            found += check_header(path);
    }
    closedir(headers);
    assert_in_range(found, ROW_COUNT + 20, 500);
}

int main(void)
{
    const grantex_allocator allocator = {reallocate, release, NULL};
    if (grantex_set_allocator(&allocator) != GRANTEX_OK)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_memory_each_says_so_and_leaves_nothing_behind),
        cmocka_unit_test(no_public_function_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
