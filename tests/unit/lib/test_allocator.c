/* A process of its own: the allocator is set once, before anything else. */
#include <stdatomic.h>
#include <stdio.h>

#include "lib/sse_http.h"

#define JSON_HEAD "Content-Type: application/json\r\n"

typedef struct ledger {
    atomic_long live, made;
    atomic_bool refuses;
} ledger;

/* Blocks have a mark in front of them, so that one that comes from elsewhere is seen. */
typedef union block {
    max_align_t aligned;
    ledger *owner;
} block;

static void *reallocate(void *memory, size_t size, void *user)
{
    ledger *book = user;
    assert_true(size > 0);
    if (atomic_load(&book->refuses))
        return NULL;
    block *old = memory ? (block *)memory - 1 : NULL;
    assert_true(!old || old->owner == book);
    block *new = realloc(old, sizeof *new + size);
    new->owner = book;
    book->live += !old;
    book->made++;
    return new + 1;
}

static void release(void *memory, void *user)
{
    ledger *book = user;
    block *old = (block *)memory - 1;
    assert_ptr_equal(old->owner, book);
    book->live--;
    free(old);
}

static ledger book;

static void live_through_everything(scripted_server *server)
{
    static const char *const types[] = {"grant.*", NULL}, *const headers[] = {"X: y", NULL};
    grantex_stream_options options = {.event_types = types, .headers = headers, .since = "2026-01-01T00:00:00Z"};
    const grantex_event *event;
    grantex_grant_created created;
    grantex_agent_list *list;
    grantex_answer *answer;
    grantex_client *client = open_client(server);
    grantex_stream *stream = open_stream(client, options);
    assert_int_equal(grantex_stream_next(stream, &event, 30000, NULL), GRANTEX_OK);
    assert_int_equal(grantex_event_grant_created(event, &created), GRANTEX_OK);
    grantex_event_free(grantex_event_dup(event));
    grantex_stream_close(stream);
    assert_int_equal(grantex_agents_list(client, &list, NULL), GRANTEX_OK);
    assert_int_equal(grantex_call(client, "GET", "/v1/x", NULL, &answer, NULL), GRANTEX_OK);
    grantex_agent_list_free(list);
    grantex_answer_free(answer);
    grantex_client_close(client);
}

static void everything_comes_from_the_allocator_and_goes_back_to_it(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1), .ending = HOLD},
                               {.raw = ANSWER("200 OK", JSON_HEAD, "{\"agents\":[{\"agentId\":\"ag_1\"}]}")},
                               {.raw = ANSWER("200 OK", JSON_HEAD, "{}")}};
    const grantex_allocator allocator = {reallocate, release, &book};
    assert_int_equal(grantex_set_allocator(NULL), GRANTEX_E_INVALID);
    assert_int_equal(grantex_set_allocator(&(grantex_allocator){reallocate, NULL, NULL}), GRANTEX_E_INVALID);
    assert_int_equal(grantex_set_allocator(&allocator), GRANTEX_OK);
    scripted_server *server = SCRIPT(acts, false);
    live_through_everything(server);
    assert_true(book.made > 20);
    assert_int_equal(book.live, 0);
    scripted_server_stop(server);
}

static void it_is_too_late_once_something_was_allocated(void **state)
{
    (void)state;
    const grantex_allocator other = {reallocate, release, NULL};
    assert_int_equal(grantex_set_allocator(&other), GRANTEX_E_INVALID);
}

static void an_allocator_that_has_no_more_harms_nothing(void **state)
{
    (void)state;
    grantex_client *client = NULL;
    grantex_client_options options = {.api_key = KEY, .base_url = "http://127.0.0.1:1"};
    book.refuses = true;
    assert_int_equal(grantex_client_open(&options, &client, NULL), GRANTEX_E_NO_MEMORY);
    assert_null(client);
    book.refuses = false;
    assert_int_equal(book.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_comes_from_the_allocator_and_goes_back_to_it),
        cmocka_unit_test(it_is_too_late_once_something_was_allocated),
        cmocka_unit_test(an_allocator_that_has_no_more_harms_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
