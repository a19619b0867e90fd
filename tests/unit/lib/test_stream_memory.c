/* Memory: the n-th allocation fails, for every n; and none at all once a stream runs. */
#include "lib/fixture.h"
#include "support/failing_alloc.h"

#define MOST_ALLOCATIONS 500

static const act short_stream[] = {{.events = OPENING EVENT(1) EVENT(2)}};

/* A whole life: what it comes to, when all goes well. */
static grantex_status live(const char *url, size_t *events)
{
    static const char *const types[] = {"grant.*", "token.issued", NULL};
    grantex_client *client = NULL;
    grantex_stream *stream = NULL;
    grantex_event *copy = NULL;
    const grantex_event *event;
    grantex_grant_created created;
    grantex_error error = {.status = GRANTEX_OK};
    grantex_client_options options = {.api_key = KEY, .base_url = url};
    grantex_stream_options wanted = {
        .event_types = types, .since = "2026-01-01T00:00:00Z", .reconnect = GRANTEX_RECONNECT_NEVER};

    grantex_status status = grantex_client_open(&options, &client, &error);
    if (status == GRANTEX_OK)
        status = grantex_events_stream(client, &wanted, &stream, &error);
    while (status == GRANTEX_OK && (status = grantex_stream_next(stream, &event, PATIENCE_MS, &error)) == GRANTEX_OK) {
        ++*events;
        status = grantex_event_grant_created(event, &created);
        copy = grantex_event_dup(event);
        if (status == GRANTEX_OK && copy)
            status = grantex_event_grant_created(copy, &created);
        grantex_event_free(copy);
    }
    grantex_stream_close(stream);
    grantex_client_close(client);
    return status;
}

static void every_allocation_of_a_stream_may_fail(void **state)
{
    (void)state;
    scripted_server *server = SCRIPT(short_stream, true);
    long n = 1;
    for (; n < MOST_ALLOCATIONS; n++) {
        size_t events = 0;
        gx_fail_allocation(n);
        grantex_status status = live(scripted_server_url(server), &events);
        bool failed = gx_allocation_failed();
        gx_fail_allocation(0);
        if (!failed) {
            assert_int_equal(status, GRANTEX_END);
            assert_int_equal(events, 2);
            break;
        }
        assert_true(status == GRANTEX_E_NO_MEMORY || status == GRANTEX_END);
    }
    print_message("  %ld allocations in a short life\n", n - 1);
    assert_in_range(n, 10, MOST_ALLOCATIONS - 1);
    scripted_server_stop(server);
}

static void ignore_event(const grantex_event *event, void *user)
{
    (void)event, (void)user;
}

static void every_allocation_of_a_subscription_may_fail(void **state)
{
    (void)state;
    static const act acts[] = {{.events = OPENING, .ending = HOLD}};
    scripted_server *server = SCRIPT(acts, true);
    grantex_client *client = open_client(server);
    bool failed = true;
    for (long n = 1; failed && n < MOST_ALLOCATIONS; n++) {
        grantex_subscription *subscription = NULL;
        gx_fail_allocation(n);
        grantex_status status = grantex_events_subscribe(client, NULL, ignore_event, NULL, &subscription, NULL);
        assert_true(status == GRANTEX_E_NO_MEMORY || status == GRANTEX_OK);
        assert_int_equal(status == GRANTEX_OK, subscription != NULL);
        failed = status != GRANTEX_OK;
        gx_fail_allocation(0);
        grantex_unsubscribe(subscription);
    }
    assert_false(failed);
    grantex_client_close(client);
    scripted_server_stop(server);
}

static grantex_status call(const char *url)
{
    grantex_client *client = NULL;
    grantex_agent *agent = NULL;
    grantex_client_options options = {.api_key = KEY, .base_url = url, .max_retries = -1};
    grantex_agent_request request = {.name = "n", .scopes = (const char *const[]){"a", "b", NULL}};
    grantex_status status = grantex_client_open(&options, &client, NULL);
    if (status == GRANTEX_OK)
        status = grantex_agents_register(client, &request, &agent, NULL);
    grantex_agent_free(agent);
    grantex_client_close(client);
    return status;
}

static void every_allocation_of_a_call_may_fail(void **state)
{
    (void)state;
    static const act acts[] = {{.raw = ANSWER("201 Created", "Content-Type: application/json\r\n",
                                              "{\"agentId\":\"ag_1\",\"name\":\"n\",\"scopes\":[\"a\",\"b\"]}")}};
    scripted_server *server = SCRIPT(acts, true);
    bool failed = true;
    for (long n = 1; failed && n < MOST_ALLOCATIONS; n++) {
        gx_fail_allocation(n);
        grantex_status status = call(scripted_server_url(server));
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_int_equal(status, failed ? GRANTEX_E_NO_MEMORY : GRANTEX_OK);
    }
    assert_false(failed);
    scripted_server_stop(server);
}

static void a_running_stream_allocates_nothing(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1) EVENT(2) EVENT(3) EVENT(4) EVENT(5) EVENT(6), .ending = HOLD}};
    scripted_server *server = SCRIPT(acts, false);
    grantex_client *client = open_client(server);
    grantex_stream *stream = open_stream(client, (grantex_stream_options){0});
    long before = 0;
    for (int i = 1; i <= 6; i++) {
        if (i == 4) /* the first three fill the buffers, which are then used again */
            before = gx_allocation_count();
        grantex_grant_created created;
        const grantex_event *event;
        assert_int_equal(grantex_stream_next(stream, &event, PATIENCE_MS, NULL), GRANTEX_OK);
        assert_int_equal(event->seq, i);
        assert_int_equal(grantex_event_grant_created(event, &created), GRANTEX_OK);
    }
    assert_int_equal(gx_allocation_count(), before);
    grantex_stream_close(stream);
    grantex_client_close(client);
    scripted_server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_of_a_stream_may_fail),
        cmocka_unit_test(every_allocation_of_a_subscription_may_fail),
        cmocka_unit_test(every_allocation_of_a_call_may_fail),
        cmocka_unit_test(a_running_stream_allocates_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
