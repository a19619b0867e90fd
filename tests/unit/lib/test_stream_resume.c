/* What a stream does over faults of the connection. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>

#include "lib/fixture.h"

static void a_cut_stream_goes_on_after_the_last_event_and_leaves_out_repeats(void **state)
{
    (void)state;
    static const act acts[] = {{.events = OPENING EVENT(1) EVENT(2) EVENT(3), .ending = CUT},
                               {.events = EVENT(2) EVENT(3) EVENT(4) EVENT(5)}};
    notebook book = {0};
    scripted_server *server = SCRIPT(acts, false);
    grantex_client *client = open_client(server);
    grantex_stream *stream = open_stream(client, (grantex_stream_options){.on_notice = note, .notice_user = &book});
    expect_event(stream, "evt_1");
    expect_event(stream, "evt_2");
    expect_event(stream, "evt_3");
    expect_event(stream, "evt_4");
    expect_event(stream, "evt_5");
    expect_status(stream, GRANTEX_END);
    expect_status(stream, GRANTEX_END);

    assert_contains(scripted_server_request(server, 0), "GET /v1/events/stream HTTP/1.1\r\n");
    assert_contains(scripted_server_request(server, 0), "\r\nAuthorization: Bearer " KEY "\r\n");
    assert_contains(scripted_server_request(server, 0), "\r\nAccept: text/event-stream\r\n");
    assert_contains(scripted_server_request(server, 0), "\r\nCache-Control: no-cache\r\n");
    assert_lacks(scripted_server_request(server, 0), "Last-Event-ID");
    assert_lacks(scripted_server_request(server, 0), "Accept-Encoding");
    assert_contains(scripted_server_request(server, 1), "\r\nLast-Event-ID: evt_3\r\n");
    assert_lacks(scripted_server_request(server, 1), "since=");
    assert_int_equal(book.count[GRANTEX_NOTICE_OPEN], 2);
    assert_int_equal(book.count[GRANTEX_NOTICE_RETRYING], 1);
    assert_int_equal(book.error[GRANTEX_NOTICE_RETRYING].status, GRANTEX_E_NETWORK);
    assert_int_equal(book.count[GRANTEX_NOTICE_GAP], 0);
    assert_int_equal(book.count[GRANTEX_NOTICE_END], 1);
    grantex_stream_close(stream);
    grantex_client_close(client);
    scripted_server_stop(server);
}

static void half_an_event_at_the_cut_is_not_an_event(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1) "id: evt_2\ndata: {\"id\":\"evt_2\"", .ending = CUT},
                               {.events = EVENT(2)}};
    scripted_server *server = SCRIPT(acts, false);
    grantex_client *client = open_client(server);
    grantex_stream *stream = open_stream(client, (grantex_stream_options){0});
    expect_event(stream, "evt_1");
    expect_event(stream, "evt_2");
    expect_status(stream, GRANTEX_END);
    assert_contains(scripted_server_request(server, 1), "\r\nLast-Event-ID: evt_1\r\n");
    grantex_stream_close(stream);
    grantex_client_close(client);
    scripted_server_stop(server);
}

static void a_server_without_ids_is_resumed_by_time(void **state)
{
    (void)state;
    static const act acts[] = {{.events = NO_ID(1) NO_ID(2), .ending = CUT}, {.events = NO_ID(2) NO_ID(3)}};
    scripted_server *server = SCRIPT(acts, false);
    grantex_client *client = open_client(server);
    grantex_stream *stream = open_stream(client, (grantex_stream_options){.since = "2025-12-31T00:00:00+01:00"});
    expect_event(stream, "evt_1");
    expect_event(stream, "evt_2");
    assert_string_equal(grantex_stream_cursor(stream).text, "since:2026-01-01T00:00:02.000Z");
    expect_event(stream, "evt_3");
    expect_status(stream, GRANTEX_END);
    assert_contains(scripted_server_request(server, 0), "?since=2025-12-31T00%3A00%3A00%2B01%3A00 ");
    assert_contains(scripted_server_request(server, 1), "?since=2026-01-01T00%3A00%3A02.000Z ");
    assert_lacks(scripted_server_request(server, 1), "Last-Event-ID");
    grantex_stream_close(stream);

    stream =
        open_stream(client, (grantex_stream_options){.cursor = "since:2026-01-01T00:00:03.000Z", .max_attempts = 1});
    expect_status(stream, GRANTEX_E_NETWORK);
    assert_contains(scripted_server_request(server, 2), "?since=2026-01-01T00%3A00%3A03.000Z ");
    grantex_stream_close(stream);
    grantex_client_close(client);
    scripted_server_stop(server);
}

/* As the hosted service sends them: no ids, no numbers, other names. */
#define HOSTED(n)                                                                                                      \
    "data: {\"id\":\"evt_" #n "\",\"type\":\"budget.threshold\",\"createdAt\":\"2026-01-01T00:00:0" #n                 \
    ".000Z\",\"data\":{\"grantId\":\"grnt_" #n "\",\"pct\":80,\"remaining\":2}}\n\n"

static void the_hosted_service_is_understood_and_what_it_cannot_prove_is_told(void **state)
{
    (void)state;
    static const act acts[] = {{.events = HOSTED(1) HOSTED(2), .ending = CUT},
                               {.events = HOSTED(2) HOSTED(3), .ending = CUT}, /* went back: nothing is missing */
                               {.events = HOSTED(5) HOSTED(6)}};
    notebook book = {0};
    grantex_budget_threshold threshold;
    const grantex_event *event;
    scripted_server *server = SCRIPT(acts, false);
    grantex_client *client = open_client(server);
    grantex_stream *stream = open_stream(client, (grantex_stream_options){.on_notice = note, .notice_user = &book});
    assert_int_equal(grantex_stream_next(stream, &event, PATIENCE_MS, NULL), GRANTEX_OK);
    assert_string_equal(event->timestamp.text, "2026-01-01T00:00:01.000Z");
    assert_int_equal(event->seq, 0);
    assert_int_equal(grantex_event_budget_threshold(event, &threshold), GRANTEX_OK);
    assert_int_equal(threshold.percentage, 80);
    assert_int_equal(threshold.remaining, 20000);
    expect_event(stream, "evt_2");
    expect_event(stream, "evt_3");
    assert_int_equal(book.count[GRANTEX_NOTICE_GAP], 0);
    expect_event(stream, "evt_5");
    assert_int_equal(book.count[GRANTEX_NOTICE_GAP], 1);
    assert_int_equal(book.last[GRANTEX_NOTICE_GAP].missed, -1);
    expect_event(stream, "evt_6");
    expect_status(stream, GRANTEX_END);
    assert_int_equal(book.count[GRANTEX_NOTICE_GAP], 1);
    assert_contains(scripted_server_request(server, 2), "?since=2026-01-01T00%3A00%3A03.000Z ");
    grantex_stream_close(stream);
    grantex_client_close(client);
    scripted_server_stop(server);
}

static void a_stream_that_began_now_and_broke_before_its_first_event_loses_nothing(void **state)
{
    (void)state;
    static const act acts[] = {{.raw = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 99\r\n"
                                       "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n: connected\n\n"},
                               {.events = EVENT(1)}};
    scripted_server *server = SCRIPT(acts, false);
    grantex_client *client = open_client(server);
    grantex_stream *stream = open_stream(client, (grantex_stream_options){0});
    expect_event(stream, "evt_1");
    assert_lacks(scripted_server_request(server, 0), "since=");
    assert_contains(scripted_server_request(server, 1), "?since=2026-01-01T00%3A00%3A00.000Z ");
    grantex_stream_close(stream);
    grantex_client_close(client);
    scripted_server_stop(server);
}

static void the_cursor_of_a_stream_starts_the_next_one(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1) EVENT(2), .ending = HOLD}, {.events = EVENT(1) EVENT(2)}};
    scripted_server *server = SCRIPT(acts, false);
    grantex_client *client = open_client(server);
    grantex_stream *stream = open_stream(client, (grantex_stream_options){0});
    assert_string_equal(grantex_stream_cursor(stream).text, "");
    expect_event(stream, "evt_1");
    char cursor[64];
    strcpy(cursor, grantex_stream_cursor(stream).text);
    assert_string_equal(cursor, "evt_1"); /* although the second event has come already */
    grantex_stream_close(stream);

    stream = open_stream(client, (grantex_stream_options){.cursor = cursor, .since = "ignored"});
    assert_string_equal(grantex_stream_cursor(stream).text, "evt_1");
    expect_event(stream, "evt_2");
    assert_contains(scripted_server_request(server, 1), "\r\nLast-Event-ID: evt_1\r\n");
    assert_lacks(scripted_server_request(server, 1), "since=");
    grantex_stream_close(stream);
    grantex_client_close(client);
    scripted_server_stop(server);
}

static void an_id_without_an_event_moves_the_cursor(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1) "id: evt_7\n\n", .ending = CUT}, {.events = EVENT(8)}};
    scripted_server *server = SCRIPT(acts, false);
    grantex_client *client = open_client(server);
    grantex_stream *stream =
        open_stream(client, (grantex_stream_options){.event_types = (const char *[]){"grant.*", NULL}});
    expect_event(stream, "evt_1");
    expect_event(stream, "evt_8");
    assert_contains(scripted_server_request(server, 1), "\r\nLast-Event-ID: evt_7\r\n");
    grantex_stream_close(stream);
    grantex_client_close(client);
    scripted_server_stop(server);
}

static void what_was_not_asked_for_is_left_out_also_when_the_server_sends_it(void **state)
{
    (void)state;
    static const act acts[] = {
        {.events = EVENT(1) "id: evt_2\ndata: {\"id\":\"evt_2\",\"type\":\"token.issued\"}\n\n"}};
    scripted_server *server = SCRIPT(acts, false);
    grantex_client *client = open_client(server);
    grantex_stream *stream = open_stream(
        client, (grantex_stream_options){.event_types = (const char *[]){"budget.*", "token.issued", NULL}});
    expect_event(stream, "evt_2");
    expect_status(stream, GRANTEX_END);
    assert_contains(scripted_server_request(server, 0), "?types=budget.%2A%2Ctoken.issued ");
    grantex_stream_close(stream);
    grantex_client_close(client);
    scripted_server_stop(server);
}

static void a_hole_in_the_sequence_is_told(void **state)
{
    (void)state;
    static const act acts[] = {
        {.events = EVENT(1) EVENT(4) "event: stream.gap\ndata:{\"missed\":3,\"reason\":\"retention\"}\n\n" EVENT(8)}};
    notebook book = {0};
    scripted_server *server = SCRIPT(acts, false);
    grantex_client *client = open_client(server);
    grantex_stream *stream = open_stream(client, (grantex_stream_options){.on_notice = note, .notice_user = &book});
    expect_event(stream, "evt_1");
    expect_event(stream, "evt_4");
    assert_int_equal(book.count[GRANTEX_NOTICE_GAP], 1);
    assert_int_equal(book.last[GRANTEX_NOTICE_GAP].missed, 2);
    expect_event(stream, "evt_8");
    assert_int_equal(book.count[GRANTEX_NOTICE_GAP], 2); /* the server told; the hole is not told a second time */
    assert_int_equal(book.last[GRANTEX_NOTICE_GAP].missed, 3);
    assert_contains(book.detail[GRANTEX_NOTICE_GAP], "retention");
    grantex_stream_close(stream);
    grantex_client_close(client);
    scripted_server_stop(server);
}

static void a_server_that_closes_is_come_back_to(void **state)
{
    (void)state;
    static const act acts[] = {
        {.events = EVENT(1) "event: stream.closing\ndata:{\"reason\":\"drain\",\"reconnectAfterMs\":120}\n\n",
         .ending = HOLD},
        {.events = EVENT(2)}};
    notebook book = {0};
    scripted_server *server = SCRIPT(acts, false);
    grantex_client *client = open_client(server);
    grantex_stream *stream = open_stream(client, (grantex_stream_options){.on_notice = note, .notice_user = &book});
    expect_event(stream, "evt_1");
    expect_event(stream, "evt_2");
    assert_int_equal(book.count[GRANTEX_NOTICE_CLOSING], 1);
    assert_true(book.last[GRANTEX_NOTICE_CLOSING].delay_ms >= 120);
    assert_contains(book.detail[GRANTEX_NOTICE_CLOSING], "drain");
    assert_contains(scripted_server_request(server, 1), "\r\nLast-Event-ID: evt_1\r\n");
    expect_status(stream, GRANTEX_END);
    grantex_stream_close(stream);
    grantex_client_close(client);
    scripted_server_stop(server);
}

/* More than libcurl reads with the head, so that the end is met on the socket itself. */
static void the_end_of_a_long_body_is_what_http_makes_of_it(void **state)
{
    (void)state;
    enum { LONG = 20000 };
    static const struct {
        const char *coding, *before, *behind;
        grantex_status status;
    } cases[] = {
        {"Transfer-Encoding: chunked\r\n", "4e20\r\n", "\r\n0\r\n\r\n", GRANTEX_END},
        {"Transfer-Encoding: chunked\r\n", "4e20\r\n", "\r\n0\r\nTrailer: x\r\n\r\n", GRANTEX_END},
        {"Transfer-Encoding: chunked\r\n", "4e20\r\n", "\r\n0\r\n", GRANTEX_E_NETWORK},
        {"Transfer-Encoding: chunked\r\n", "4e20\r\n", "", GRANTEX_E_NETWORK},
        {"Transfer-Encoding: chunked\r\n", "4e21\r\n", "", GRANTEX_E_NETWORK},
        {"Transfer-Encoding: chunked\r\n", "4e20\r\n", "\r\nzz\r\n", GRANTEX_E_NETWORK},
        {"Content-Length: 20000\r\n", "", "", GRANTEX_END},
        {"Content-Length: 20001\r\n", "", "", GRANTEX_E_NETWORK},
        {"", "", "", GRANTEX_END}, /* to the end of the connection */
    };
    static char raw[LONG + 500];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int head = snprintf(raw, sizeof raw, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n%s\r\n%s",
                            cases[i].coding, cases[i].before);
        memset(raw + head, '\n', LONG);
        memcpy(raw + head, EVENT(1), strlen(EVENT(1)));
        memcpy(raw + head + LONG - strlen(EVENT(2)), EVENT(2), strlen(EVENT(2)));
        strcpy(raw + head + LONG, cases[i].behind);
        const act acts[] = {{.raw = raw}};
        scripted_server *server = SCRIPT(acts, false);
        grantex_client *client = open_client(server);
        grantex_stream *stream = open_stream(client, (grantex_stream_options){.reconnect = GRANTEX_RECONNECT_NEVER});
        expect_event(stream, "evt_1");
        expect_event(stream, "evt_2");
        expect_status(stream, cases[i].status);
        grantex_stream_close(stream);
        grantex_client_close(client);
        scripted_server_stop(server);
    }
}

static void a_proxy_of_the_environment_is_gone_through(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1) EVENT(2), .ending = CUT}, {.events = EVENT(3)}};
    scripted_server *proxy = SCRIPT(acts, false);
    unsetenv("no_proxy");
    setenv("http_proxy", scripted_server_url(proxy), 1);
    grantex_client *client = NULL;
    grantex_client_options options = {.api_key = KEY, .base_url = "http://grantex.invalid"};
    assert_int_equal(grantex_client_open(&options, &client, NULL), GRANTEX_OK);
    grantex_stream *stream = open_stream(client, (grantex_stream_options){0});
    expect_event(stream, "evt_1");
    expect_event(stream, "evt_2");
    expect_event(stream, "evt_3");
    expect_status(stream, GRANTEX_END);
    for (size_t n = 0; n < 2; n++)
        assert_contains(scripted_server_request(proxy, n), "GET http://grantex.invalid/v1/events/stream HTTP/1.1\r\n");
    grantex_stream_close(stream);
    grantex_client_close(client);
    scripted_server_stop(proxy);
    unsetenv("http_proxy");
    setenv("no_proxy", "*", 1);
}

static void an_event_comes_out_whole_however_it_is_split(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1) "\xEF\xBB\xBF: no mark here\r\n\r\n" EVENT(2), .drip = true}};
    scripted_server *server = SCRIPT(acts, false);
    grantex_client *client = open_client(server);
    grantex_stream *stream = open_stream(client, (grantex_stream_options){0});
    const grantex_event *event = NULL;
    const char *expected[] = {"evt_1", "evt_2"};
    size_t seen = 0;
    grantex_status status = GRANTEX_TIMEOUT;
    for (size_t i = 0; status >= 0 && i < 100000; i++) {
        if (i < strlen(acts[0].events))
            scripted_server_tick(server);
        struct pollfd ready = {.fd = grantex_stream_fd(stream), .events = POLLIN};
        poll(&ready, 1, PATIENCE_MS);
        status = grantex_stream_next(stream, &event, 0, NULL);
        if (status == GRANTEX_OK)
            assert_string_equal(event->id.text, expected[seen++]);
    }
    assert_int_equal(status, GRANTEX_END);
    assert_int_equal(seen, 2);
    grantex_stream_close(stream);
    grantex_client_close(client);
    scripted_server_stop(server);
}

static void the_descriptor_stays_the_same_and_is_readable_while_there_is_something(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1) EVENT(2), .ending = CUT}, {.events = EVENT(3) EVENT(4)}};
    scripted_server *server = SCRIPT(acts, false);
    grantex_client *client = open_client(server);
    grantex_stream *stream = open_stream(client, (grantex_stream_options){0});
    int fd = grantex_stream_fd(stream);
    size_t events = 0;
    grantex_status status = GRANTEX_TIMEOUT;
    while (status >= 0) { /* one call for each time that it is readable, as a lazy event loop does */
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        assert_int_equal(poll(&ready, 1, PATIENCE_MS), 1);
        const grantex_event *event;
        status = grantex_stream_next(stream, &event, 0, NULL);
        events += status == GRANTEX_OK;
        assert_int_equal(grantex_stream_fd(stream), fd);
    }
    assert_int_equal(status, GRANTEX_END);
    assert_int_equal(events, 4);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    grantex_stream_close(stream);
    grantex_client_close(client);
    scripted_server_stop(server);
}

static void the_descriptor_tells_of_events_that_came_with_the_last_one(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1) EVENT(2), .ending = HOLD}};
    scripted_server *server = SCRIPT(acts, false);
    grantex_client *client = open_client(server);
    grantex_stream *stream = open_stream(client, (grantex_stream_options){0});
    struct pollfd ready = {.fd = grantex_stream_fd(stream), .events = POLLIN};
    expect_event(stream, "evt_1"); /* nothing is left in the socket now */
    assert_int_equal(poll(&ready, 1, 0), 1);
    expect_event(stream, "evt_2");
    const grantex_event *event;
    assert_int_equal(grantex_stream_next(stream, &event, 0, NULL), GRANTEX_TIMEOUT);
    assert_int_equal(poll(&ready, 1, 0), 0);
    grantex_stream_close(stream);
    grantex_client_close(client);
    scripted_server_stop(server);
}

static void heartbeats_keep_a_silent_stream_open(void **state)
{
    (void)state;
    static const act acts[] = {{.events = "::::::::\n", .drip = true, .ending = HOLD}};
    enum { LIMIT_MS = 300 };
    for (bool held = false; !held;) {
        notebook book = {0};
        scripted_server *server = SCRIPT(acts, false);
        grantex_client *client = open_client(server);
        grantex_stream *stream = open_stream(
            client, (grantex_stream_options){.idle_timeout_ms = LIMIT_MS, .on_notice = note, .notice_user = &book});
        int64_t silence = drip(server, stream, 8, 100); /* 800 ms */
        held = book.count[GRANTEX_NOTICE_OPEN] == 1 && book.count[GRANTEX_NOTICE_RETRYING] == 0;
        grantex_stream_close(stream);
        grantex_client_close(client);
        scripted_server_stop(server);
        assert_true(held || silence >= LIMIT_MS); /* that late a byte says nothing: once more */
    }
}

static void silence_beyond_the_limit_is_a_fault(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1), .ending = HOLD}, {.events = EVENT(2)}};
    notebook book = {0};
    scripted_server *server = SCRIPT(acts, false);
    grantex_client *client = open_client(server);
    grantex_stream *stream =
        open_stream(client, (grantex_stream_options){.idle_timeout_ms = 100, .on_notice = note, .notice_user = &book});
    expect_event(stream, "evt_1");
    expect_event(stream, "evt_2");
    assert_contains(book.error[GRANTEX_NOTICE_RETRYING].message, "100 ms");
    grantex_stream_close(stream);
    grantex_client_close(client);
    scripted_server_stop(server);
}

static void an_answer_that_never_begins_is_a_fault(void **state)
{
    (void)state;
    static const act acts[] = {{.raw = "", .ending = HOLD}, {.events = EVENT(1)}};
    notebook book = {0};
    scripted_server *server = SCRIPT(acts, true); /* an answer, too, may take longer than that here: then once more */
    grantex_client *client = open_client(server);
    grantex_stream *stream = open_stream(
        client, (grantex_stream_options){.header_timeout_ms = 100, .on_notice = note, .notice_user = &book});
    expect_event(stream, "evt_1");
    assert_true(book.count[GRANTEX_NOTICE_RETRYING] >= 1);
    assert_contains(book.error[GRANTEX_NOTICE_RETRYING].message, "No answer within 100 ms");
    grantex_stream_close(stream);
    grantex_client_close(client);
    scripted_server_stop(server);
}

static void an_event_that_is_too_large_or_none_is_left_out_and_told(void **state)
{
    (void)state;
    static const act acts[] = {{.events =
                                    EVENT(1) "data: hello\n\n"
                                             "id: evt_big\ndata: {\"id\":\"evt_big\",\"type\":\"t\",\"data\":\""
                                             "0123456789012345678901234567890123456789012345678901234567890123456789"
                                             "0123456789012345678901234567890123456789012345678901234567890123456789"
                                             "0123456789012345678901234567890123456789012345678901234567890123456789"
                                             "\"}\n\n" EVENT(2)}};
    notebook book = {0};
    scripted_server *server = SCRIPT(acts, false);
    grantex_client *client = open_client(server);
    grantex_stream *stream =
        open_stream(client, (grantex_stream_options){.max_event_bytes = 200, .on_notice = note, .notice_user = &book});
    expect_event(stream, "evt_1");
    expect_event(stream, "evt_2");
    assert_int_equal(book.count[GRANTEX_NOTICE_DROPPED], 2);
    assert_int_equal(book.error[GRANTEX_NOTICE_DROPPED].status, GRANTEX_E_TOO_LARGE);
    grantex_stream_close(stream);
    grantex_client_close(client);
    scripted_server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_stream_goes_on_after_the_last_event_and_leaves_out_repeats),
        cmocka_unit_test(half_an_event_at_the_cut_is_not_an_event),
        cmocka_unit_test(a_server_without_ids_is_resumed_by_time),
        cmocka_unit_test(the_hosted_service_is_understood_and_what_it_cannot_prove_is_told),
        cmocka_unit_test(a_stream_that_began_now_and_broke_before_its_first_event_loses_nothing),
        cmocka_unit_test(the_cursor_of_a_stream_starts_the_next_one),
        cmocka_unit_test(an_id_without_an_event_moves_the_cursor),
        cmocka_unit_test(what_was_not_asked_for_is_left_out_also_when_the_server_sends_it),
        cmocka_unit_test(a_hole_in_the_sequence_is_told),
        cmocka_unit_test(a_server_that_closes_is_come_back_to),
        cmocka_unit_test(the_end_of_a_long_body_is_what_http_makes_of_it),
        cmocka_unit_test(a_proxy_of_the_environment_is_gone_through),
        cmocka_unit_test(an_event_comes_out_whole_however_it_is_split),
        cmocka_unit_test(the_descriptor_stays_the_same_and_is_readable_while_there_is_something),
        cmocka_unit_test(the_descriptor_tells_of_events_that_came_with_the_last_one),
        cmocka_unit_test(heartbeats_keep_a_silent_stream_open),
        cmocka_unit_test(silence_beyond_the_limit_is_a_fault),
        cmocka_unit_test(an_answer_that_never_begins_is_a_fault),
        cmocka_unit_test(an_event_that_is_too_large_or_none_is_left_out_and_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
