/* What a program may set and ask beside the events: keys, limits, headers, the log, statistics. */
#include <pthread.h>
#include <stdio.h>

#include "lib/sse_http.h"

#define REFUSED ANSWER("401 No", "", "{\"message\":\"no such key\",\"code\":\"UNAUTHORIZED\"}")

/* --- keys --------------------------------------------------------------------------------------------------------- */

typedef struct keyring {
    const char *next; /* NULL: there is no other */
    size_t asked;
} keyring;

static bool next_key(char *key, size_t size, void *user)
{
    keyring *keys = user;
    keys->asked++;
    if (keys->next)
        snprintf(key, size, "%s", keys->next);
    return keys->next != NULL;
}

static void open_with_keys(trial *one, const act *acts, size_t count, keyring *keys)
{
    trial_open_client(one, acts, count, (grantex_client_options){.on_unauthorized = next_key, .credentials_user = keys},
                      (grantex_stream_options){0});
}

static void a_key_that_was_refused_is_replaced_at_once(void **state)
{
    (void)state;
    static const act acts[] = {
        {.raw = REFUSED}, {.events = EVENT(1), .ending = CUT}, {.raw = REFUSED}, {.events = EVENT(2), .ending = HOLD}};
    keyring keys = {.next = "second"};
    trial one;
    open_with_keys(&one, acts, 4, &keys);
    expect_event(one.stream, "evt_1");
    assert_int_equal(keys.asked, 1);
    assert_int_equal(one.book.count[GRANTEX_NOTICE_RETRYING], 0); /* nothing was wrong with the way */
    assert_contains(scripted_server_request(one.server, 0), "Bearer " KEY "\r\n");
    assert_contains(scripted_server_request(one.server, 1), "Bearer second\r\n");
    keys.next = "third";
    expect_event(one.stream, "evt_2"); /* the second one was taken, so a third may be asked for */
    assert_int_equal(keys.asked, 2);
    assert_contains(scripted_server_request(one.server, 3), "Bearer third\r\n");
    trial_close(&one);
}

static void keys_that_do_not_help_are_asked_for_once(void **state)
{
    (void)state;
    static const char *const useless[] = {"second", NULL, "", "not a key", "break\r\nX: y"};
    static const act acts[] = {{.raw = REFUSED}, {.raw = REFUSED}, {.raw = REFUSED}};
    for (size_t i = 0; i < sizeof useless / sizeof useless[0]; i++) {
        keyring keys = {.next = useless[i]};
        trial one;
        open_with_keys(&one, acts, 3, &keys);
        expect_status(one.stream, GRANTEX_E_AUTH);
        assert_int_equal(keys.asked, 1);
        assert_int_equal(scripted_server_count(one.server), i == 0 ? 2 : 1);
        trial_close(&one);
    }
}

static void calls_and_streams_share_the_new_key(void **state)
{
    (void)state;
    static const act acts[] = {
        {.raw = REFUSED}, {.raw = ANSWER("200 OK", "", "{\"agents\":[]}")}, {.events = EVENT(1), .ending = HOLD}};
    keyring keys = {.next = "second"};
    grantex_agent_list *list;
    trial one;
    open_with_keys(&one, acts, 3, &keys);
    assert_int_equal(grantex_agents_list(one.client, &list, NULL), GRANTEX_OK);
    grantex_agent_list_free(list);
    expect_event(one.stream, "evt_1");
    assert_contains(scripted_server_request(one.server, 1), "Bearer second\r\n");
    assert_contains(scripted_server_request(one.server, 2), "Bearer second\r\n");
    assert_int_equal(keys.asked, 1);
    trial_close(&one);
}

/* --- the log ------------------------------------------------------------------------------------------------------ */

typedef struct journal {
    size_t lines;
    bool secret, broken;
} journal;

static void write_line(const char *line, void *user)
{
    journal *book = user;
    book->lines++;
    book->secret |= strstr(line, KEY) != NULL || strstr(line, "grnt_1") != NULL;
    book->broken |= strchr(line, '\n') != NULL;
}

static void the_log_tells_of_the_connection_and_of_no_secret(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1), .ending = HOLD}};
    journal book = {0};
    trial one;
    trial_open_client(&one, acts, 1, (grantex_client_options){.on_log = write_line, .log_user = &book},
                      (grantex_stream_options){0});
    expect_event(one.stream, "evt_1");
    assert_true(book.lines > 0);
    assert_false(book.secret);
    assert_false(book.broken);
    trial_close(&one);
}

/* --- limits and headers ------------------------------------------------------------------------------------------- */

static void no_redirect_is_followed_when_none_may_be(void **state)
{
    (void)state;
    static const act acts[] = {{.raw = ANSWER("302 Go", "Location: /x\r\n", "")}, {.events = EVENT(1)}};
    trial one;
    trial_open_client(&one, acts, 2, (grantex_client_options){.max_redirects = -1}, (grantex_stream_options){0});
    expect_status(one.stream, GRANTEX_E_NETWORK);
    assert_int_equal(scripted_server_count(one.server), 1);
    trial_close(&one);
}

static void a_small_window_forgets(void **state)
{
    (void)state;
    static const act acts[] = {{.events = NO_ID(1) NO_ID(2) NO_ID(3), .ending = CUT},
                               {.events = NO_ID(1) NO_ID(2) NO_ID(3), .ending = HOLD}};
    trial one;
    TRIAL(&one, acts, .window = 2);
    expect_event(one.stream, "evt_1");
    expect_event(one.stream, "evt_2");
    expect_event(one.stream, "evt_3");
    expect_event(one.stream, "evt_1"); /* it was the third last */
    trial_close(&one);
}

static void options_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "Authorization: Bearer x", "last-event-id: 7", "no colon", ": no name", "A: b\r\nC: d", "Na me: x",
        "Accept-Encoding: gzip"};
    grantex_client *client;
    grantex_stream *stream;
    grantex_error error;
    grantex_client_options options = {.api_key = KEY, .base_url = "http://127.0.0.1:1", .max_redirects = 1001};
    assert_int_equal(grantex_client_open(&options, &client, &error), GRANTEX_E_INVALID);
    assert_contains(error.message, "max_redirects");
    options.max_redirects = 0;
    static const char *const ports[] = {"http://x:65536", "http://x:0/path", "https://[::1]:99999/", "http://x:80a"};
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) {
        options.base_url = ports[i];
        assert_int_equal(grantex_client_open(&options, &client, &error), GRANTEX_E_INVALID);
        assert_contains(error.message, "base_url must have a port of 1 to 65535");
    }
    static const char *const urls[] = {"http://x:65535", "http://[::1]/a:b", "http://x:/", "http://127.0.0.1:1"};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        options.base_url = urls[i];
        assert_int_equal(grantex_client_open(&options, &client, &error), GRANTEX_OK);
        grantex_client_close(client);
    }
    assert_int_equal(grantex_client_open(&options, &client, &error), GRANTEX_OK);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const char *const headers[] = {"X-Good: 1", bad[i], NULL};
        grantex_stream_options with = {.headers = headers};
        assert_int_equal(grantex_events_stream(client, &with, &stream, &error), GRANTEX_E_INVALID);
        assert_contains(error.message, "headers");
    }
    grantex_stream_options wide = {.window = (1u << 20) + 1};
    assert_int_equal(grantex_events_stream(client, &wide, &stream, &error), GRANTEX_E_INVALID);
    assert_contains(error.message, "window");
    grantex_client_close(client);
}

/* --- statistics --------------------------------------------------------------------------------------------------- */

#define OTHER_TYPE "data: {\"id\":\"x\",\"type\":\"other.type\",\"seq\":3}\n\n"

static void everything_that_came_is_counted_once(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1) EVENT(2), .ending = CUT},
                               {.events = EVENT(2) OTHER_TYPE
                                "data: no event\n\n"
                                "event: stream.gap\ndata:{\"missed\":{\"total\":4}}\n\n" EVENT(8),
                                .ending = HOLD}};
    static const char *const types[] = {"grant.*", NULL};
    grantex_stream_stats stats;
    trial one;
    TRIAL(&one, acts, .event_types = types);
    grantex_stream_get_stats(one.stream, &stats, sizeof stats);
    assert_int_equal(stats.attempts + stats.bytes + stats.events, 0);
    assert_int_equal(stats.last_byte_age_ms, -1);
    assert_int_equal(stats.connected_for_ms, -1);
    expect_event(one.stream, "evt_1");
    expect_event(one.stream, "evt_2");
    expect_event(one.stream, "evt_8");
    grantex_stream_get_stats(one.stream, &stats, sizeof stats);
    assert_int_equal(stats.events, 3);
    assert_int_equal(stats.duplicates, 1);
    assert_int_equal(stats.filtered, 1);
    assert_int_equal(stats.dropped, 1);
    assert_int_equal(stats.gaps, 1);
    assert_int_equal(stats.attempts, 2);
    assert_int_equal(stats.connections, 2);
    assert_int_equal(stats.bytes, strlen(acts[0].events) + strlen(acts[1].events));
    assert_true(stats.last_byte_age_ms >= 0);
    assert_true(stats.connected_for_ms >= 0);
    trial_close(&one);
}

static void a_program_of_an_older_header_gets_what_it_knows(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1), .ending = HOLD}};
    struct {
        uint64_t bytes, behind;
    } old = {0, 77};
    trial one;
    TRIAL(&one, acts, 0);
    expect_event(one.stream, "evt_1");
    grantex_stream_get_stats(one.stream, (grantex_stream_stats *)(void *)&old, sizeof old.bytes);
    assert_int_equal(old.bytes, strlen(acts[0].events));
    assert_int_equal(old.behind, 77);
    grantex_stream_get_stats(NULL, NULL, 0);
    trial_close(&one);
}

static void *ask_for_stats(void *context)
{
    grantex_stream_stats stats = {.events = 0};
    while (stats.events < 2)
        grantex_stream_get_stats(context, &stats, sizeof stats);
    return NULL;
}

static void any_thread_may_ask(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1) EVENT(2), .ending = HOLD}};
    pthread_t thread;
    trial one;
    TRIAL(&one, acts, 0);
    assert_int_equal(pthread_create(&thread, NULL, ask_for_stats, one.stream), 0);
    expect_event(one.stream, "evt_1");
    expect_event(one.stream, "evt_2");
    pthread_join(thread, NULL);
    trial_close(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_that_was_refused_is_replaced_at_once),
        cmocka_unit_test(keys_that_do_not_help_are_asked_for_once),
        cmocka_unit_test(calls_and_streams_share_the_new_key),
        cmocka_unit_test(the_log_tells_of_the_connection_and_of_no_secret),
        cmocka_unit_test(no_redirect_is_followed_when_none_may_be),
        cmocka_unit_test(a_small_window_forgets),
        cmocka_unit_test(options_that_cannot_be_are_refused),
        cmocka_unit_test(everything_that_came_is_counted_once),
        cmocka_unit_test(a_program_of_an_older_header_gets_what_it_knows),
        cmocka_unit_test(any_thread_may_ask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
