/* What is sent, and what an answer means. */
#include "lib/sse_http.h"

#include <stdio.h>

/* --- requests ----------------------------------------------------------------------------------------------------- */

static const act one_event[] = {{.events = EVENT(1), .ending = HOLD}};

/* The text of the first request of a stream with these options. */
static const char *first_request(trial *one, grantex_stream_options options)
{
    trial_open(one, one_event, 1, options);
    expect_event(one->stream, "evt_1");
    return scripted_server_request(one->server, 0);
}

static void it_asks_for_an_event_stream(void **state)
{
    (void)state;
    trial one;
    assert_contains(first_request(&one, (grantex_stream_options){0}), "\r\nAccept: text/event-stream\r\n");
    trial_close(&one);
}

static void the_first_request_has_no_last_event_id(void **state)
{
    (void)state;
    trial one;
    assert_lacks(first_request(&one, (grantex_stream_options){0}), "Last-Event-ID");
    trial_close(&one);
}

static void a_cursor_is_the_first_last_event_id(void **state)
{
    (void)state;
    trial one;
    assert_contains(first_request(&one, (grantex_stream_options){.cursor = "abc"}), "\r\nLast-Event-ID: abc\r\n");
    trial_close(&one);
}

static void headers_of_the_caller_are_sent(void **state)
{
    (void)state;
    trial one;
    static const char *const headers[] = {"header-name-1: value-1", "header-name-2: value-2", NULL};
    const char *request = first_request(&one, (grantex_stream_options){.headers = headers});
    assert_contains(request, "\r\nheader-name-1: value-1\r\n");
    assert_contains(request, "\r\nheader-name-2: value-2\r\n");
    trial_close(&one);
}

static void no_compression_is_asked_for(void **state)
{
    (void)state;
    trial one;
    assert_lacks(first_request(&one, (grantex_stream_options){0}), "Accept-Encoding");
    trial_close(&one);
}

static void since_is_sent_escaped(void **state)
{
    (void)state;
    trial one;
    assert_contains(first_request(&one, (grantex_stream_options){.since = "2026-01-01T00:00:00Z"}),
                    "GET /v1/events/stream?since=2026-01-01T00%3A00%3A00Z HTTP/1.1\r\n");
    trial_close(&one);
}

/* --- content types ------------------------------------------------------------------------------------------------ */

static void it_is_open(void **state)
{
    char answer[256];
    trial one;
    snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\n\r\n" EVENT(1), (const char *)*state);
    const act acts[] = {{.raw = answer, .ending = HOLD}};
    TRIAL(&one, acts, 0);
    expect_event(one.stream, "evt_1");
    assert_int_equal(one.book.count[GRANTEX_NOTICE_OPEN], 1);
    trial_close(&one);
}

static void whatever_charset_it_says_it_is_utf8(void **state)
{
    (void)state;
    static const act acts[] = {{.raw = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream;charset=windows-1252\r\n\r\n"
                                       "data: {\"id\":\"x\",\"type\":\"t\",\"data\":\"ok\u2026\"}\n\n",
                                .ending = HOLD}};
    trial one;
    const grantex_event *event;
    TRIAL(&one, acts, 0);
    assert_int_equal(grantex_stream_next(one.stream, &event, PATIENCE_MS, NULL), GRANTEX_OK);
    assert_string_equal(event->data.text, "\"ok\u2026\"");
    trial_close(&one);
}

/* --- refusals ----------------------------------------------------------------------------------------------------- */

typedef struct refusal {
    const char *answer;
    grantex_status status;
} refusal;

static void it_is_closed_and_not_asked_again(void **state)
{
    const refusal *row = *state;
    const act acts[] = {{.raw = row->answer}, {.events = EVENT(9), .ending = HOLD}};
    trial one;
    TRIAL(&one, acts, 0);
    expect_status(one.stream, row->status);
    expect_status(one.stream, row->status);
    assert_int_equal(one.book.count[GRANTEX_NOTICE_OPEN], 0);
    assert_int_equal(scripted_server_count(one.server), 1);
    trial_close(&one);
}

#define REFUSED(status) ANSWER(status, "Content-Type: text/event-stream\r\n", EVENT(1))

static const refusal mime_wrong = {ANSWER("200 OK", "Content-Type: text/x-bogus\r\n", EVENT(1)), GRANTEX_E_PROTOCOL},
                     mime_missing = {ANSWER("200 OK", "", EVENT(1)), GRANTEX_E_PROTOCOL},
                     status_204 = {ANSWER("204 No", "Content-Type: text/event-stream\r\n", ""), GRANTEX_END},
                     status_205 = {REFUSED("205 ?"), GRANTEX_E_PROTOCOL},
                     status_210 = {REFUSED("210 ?"), GRANTEX_E_PROTOCOL},
                     status_299 = {REFUSED("299 ?"), GRANTEX_E_PROTOCOL},
                     status_400 = {REFUSED("400 ?"), GRANTEX_E_API}, status_401 = {REFUSED("401 ?"), GRANTEX_E_AUTH},
                     status_403 = {REFUSED("403 ?"), GRANTEX_E_API}, status_404 = {REFUSED("404 ?"), GRANTEX_E_API},
                     bare_204 = {ANSWER("204 No", "", ""), GRANTEX_END},
                     empty_location = {ANSWER("307 Go", "Location: \r\n", ""), GRANTEX_E_PROTOCOL},
                     compressed = {OPEN_HEAD "Content-Encoding: gzip\r\n\r\n\x1f\x8b", GRANTEX_E_PROTOCOL};

static void a_server_that_is_down_for_a_moment_is_asked_again(void **state)
{
    (void)state;
    static const act acts[] = {{.raw = ANSWER("503 Busy", "", "")}, {.events = EVENT(1), .ending = HOLD}};
    trial one;
    TRIAL(&one, acts, 0);
    expect_event(one.stream, "evt_1");
    assert_int_equal(scripted_server_count(one.server), 2);
    trial_close(&one);
}

static void retry_after_is_the_least_wait(void **state)
{
    (void)state;
    static const act acts[] = {{.raw = ANSWER("429 Later", "Retry-After: 2\r\n", "")}};
    trial one;
    TRIAL(&one, acts, 0);
    trial_await(&one, GRANTEX_NOTICE_RETRYING, 1);
    assert_in_range(one.book.last[GRANTEX_NOTICE_RETRYING].delay_ms, 2000, 3000);
    trial_close(&one);
}

/* --- redirects ---------------------------------------------------------------------------------------------------- */

static void it_is_followed(void **state)
{
    char answer[128];
    trial one;
    snprintf(answer, sizeof answer, ANSWER("%s", "Location: /x\r\n", ""), (const char *)*state);
    const act acts[] = {{.raw = answer}, {.events = EVENT(1), .ending = HOLD}};
    TRIAL(&one, acts, 0);
    expect_event(one.stream, "evt_1");
    assert_contains(scripted_server_request(one.server, 1), "GET /x HTTP/1.1\r\n");
    trial_close(&one);
}

static void a_reconnect_asks_where_the_first_request_did(void **state)
{
    (void)state;
    static const act acts[] = {{.raw = ANSWER("302 Go", "Location: /x\r\n", "")},
                               {.events = EVENT(1), .ending = CUT},
                               {.events = EVENT(2), .ending = HOLD}};
    trial one;
    TRIAL(&one, acts, 0);
    expect_event(one.stream, "evt_1");
    expect_event(one.stream, "evt_2");
    assert_contains(scripted_server_request(one.server, 2), "GET /v1/events/stream");
    trial_close(&one);
}

/* --- limits ------------------------------------------------------------------------------------------------------- */

#define TIMES_10(text)  text text text text text text text text text text
#define TIMES_100(text) TIMES_10(TIMES_10(text))

static void a_line_without_end_is_left_out_whole(void **state)
{
    (void)state;
    static const act acts[] = {{.events = "data: " TIMES_100(TIMES_100("x")) "\n\n" EVENT(1), .ending = HOLD}};
    trial one;
    TRIAL(&one, acts, .max_event_bytes = 1000);
    expect_event(one.stream, "evt_1");
    assert_int_equal(one.book.count[GRANTEX_NOTICE_DROPPED], 1);
    assert_int_equal(one.book.error[GRANTEX_NOTICE_DROPPED].status, GRANTEX_E_TOO_LARGE);
    trial_close(&one);
}

static void heads_without_end_are_an_error(void **state)
{
    (void)state;
    static const act acts[] = {{.raw = "HTTP/1.1 200 OK\r\n" TIMES_100("X-Padding: 0123456789\r\n"), .ending = HOLD}};
    trial one;
    trial_open_client(&one, acts, 1, (grantex_client_options){.max_header_bytes = 1024}, (grantex_stream_options){0});
    expect_status(one.stream, GRANTEX_E_TOO_LARGE);
    assert_contains(one.book.error[GRANTEX_NOTICE_END].message, "max_header_bytes");
    trial_close(&one);
}

static void chunks_of_one_byte_are_the_same(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1) EVENT(2), .ending = HOLD, .drip = true}};
    trial one;
    TRIAL(&one, acts, 0);
    for (size_t i = 0; i < sizeof(EVENT(1) EVENT(2)) - 1; i++)
        scripted_server_tick(one.server);
    expect_event(one.stream, "evt_1");
    expect_event(one.stream, "evt_2");
    trial_close(&one);
}

static void a_body_that_is_cut_short_is_a_fault(void **state)
{
    (void)state;
    static const act acts[] = {{.raw = OPEN_HEAD "Content-Length: 100\r\n\r\ndata:"},
                               {.events = EVENT(1), .ending = HOLD}};
    trial one;
    TRIAL(&one, acts, .reconnect = GRANTEX_RECONNECT_AUTO);
    expect_event(one.stream, "evt_1");
    assert_int_equal(one.book.error[GRANTEX_NOTICE_RETRYING].status, GRANTEX_E_NETWORK);
    trial_close(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BEHAVIOUR("req-accept", it_asks_for_an_event_stream),
        BEHAVIOUR("req-no-last-event-id-first", the_first_request_has_no_last_event_id),
        BEHAVIOUR("req-initial-last-event-id", a_cursor_is_the_first_last_event_id),
        BEHAVIOUR("req-custom-headers", headers_of_the_caller_are_sent),
        BEHAVIOUR("req-accept-encoding-absent", no_compression_is_asked_for),
        BEHAVIOUR("since-sent-first-request", since_is_sent_escaped),
        BEHAVIOUR_OF("mime-charset", it_is_open, "text/event-stream;charset=UTF-8"),
        BEHAVIOUR_OF("mime-trailing-semicolon", it_is_open, "text/event-stream;"),
        BEHAVIOUR_OF("mime-upper-case", it_is_open, "TEXT/Event-Stream"),
        BEHAVIOUR("mime-other-charset-still-utf8", whatever_charset_it_says_it_is_utf8),
        BEHAVIOUR_OF("mime-wrong", it_is_closed_and_not_asked_again, &mime_wrong),
        BEHAVIOUR_OF("mime-missing", it_is_closed_and_not_asked_again, &mime_missing),
        BEHAVIOUR_OF("status-204-fails", it_is_closed_and_not_asked_again, &status_204),
        BEHAVIOUR_OF("status-205-fails", it_is_closed_and_not_asked_again, &status_205),
        BEHAVIOUR_OF("status-210-fails", it_is_closed_and_not_asked_again, &status_210),
        BEHAVIOUR_OF("status-299-fails", it_is_closed_and_not_asked_again, &status_299),
        BEHAVIOUR_OF("status-400-fails", it_is_closed_and_not_asked_again, &status_400),
        BEHAVIOUR_OF("status-401-fails", it_is_closed_and_not_asked_again, &status_401),
        BEHAVIOUR_OF("status-403-fails", it_is_closed_and_not_asked_again, &status_403),
        BEHAVIOUR_OF("status-404-fails", it_is_closed_and_not_asked_again, &status_404),
        BEHAVIOUR_OF("status-204-one-request-only", it_is_closed_and_not_asked_again, &bare_204),
        BEHAVIOUR("status-5xx-then-200", a_server_that_is_down_for_a_moment_is_asked_again),
        BEHAVIOUR("status-429-retry-after", retry_after_is_the_least_wait),
        BEHAVIOUR_OF("redirect-301", it_is_followed, "301 Go"),
        BEHAVIOUR_OF("redirect-302", it_is_followed, "302 Go"),
        BEHAVIOUR_OF("redirect-307", it_is_followed, "307 Go"),
        BEHAVIOUR_OF("redirect-empty-location", it_is_closed_and_not_asked_again, &empty_location),
        BEHAVIOUR("redirect-not-remembered", a_reconnect_asks_where_the_first_request_did),
        BEHAVIOUR("limit-line", a_line_without_end_is_left_out_whole),
        BEHAVIOUR("limit-headers", heads_without_end_are_an_error),
        /* Compression is never asked for: a body that is compressed all the same is refused before anything grows. */
        BEHAVIOUR_OF("limit-decompressed", it_is_closed_and_not_asked_again, &compressed),
        BEHAVIOUR_OF("gzip-stream", it_is_closed_and_not_asked_again, &compressed),
        BEHAVIOUR("chunked-split-anywhere", chunks_of_one_byte_are_the_same),
        BEHAVIOUR("content-length-short", a_body_that_is_cut_short_is_a_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
