/* The table of contract section 4: what each answer means. */
#include <stdio.h>

#include "lib/fixture.h"

#define SSE_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"

/* Opens a stream on a server that gives one answer, and then EVENT(9). */
struct trial {
    act acts[2];
    scripted_server *server;
    grantex_client *client;
    grantex_stream *stream;
    notebook book;
};

static void begin(struct trial *trial, act first, grantex_reconnect reconnect)
{
    memset(trial, 0, sizeof *trial);
    trial->acts[0] = first;
    trial->acts[1] = (act){.events = EVENT(9)};
    trial->server = scripted_server_start(trial->acts, 2, false);
    trial->client = open_client(trial->server);
    trial->stream = open_stream(trial->client, (grantex_stream_options){.reconnect = reconnect,
                                                                        .on_notice = note,
                                                                        .notice_user = &trial->book,
                                                                        .idle_timeout_ms = 200});
}

static void end(struct trial *trial)
{
    grantex_stream_close(trial->stream);
    grantex_client_close(trial->client);
    scripted_server_stop(trial->server);
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

enum { RESUME = 100 }; /* EVENT(9) comes */

static const struct row {
    const char *name;
    act answer;
    int expected[3]; /* auto, always, never */
} rows[] = {
    {"a reset", {.raw = ""}, {RESUME, RESUME, GRANTEX_E_NETWORK}},
    {"a truncated chunked body", {.events = ": x\n", .ending = CUT}, {RESUME, RESUME, GRANTEX_E_NETWORK}},
    {"a truncated body of known length",
     {.raw = SSE_HEAD "Content-Length: 10\r\n\r\n: x"},
     {RESUME, RESUME, GRANTEX_E_NETWORK}},
    {"silence", {.events = ": x\n", .ending = HOLD}, {RESUME, RESUME, GRANTEX_E_NETWORK}},
    {"500", {.raw = ANSWER("500 Oops", "", "")}, {RESUME, RESUME, GRANTEX_E_API}},
    {"503", {.raw = ANSWER("503 Busy", "", "")}, {RESUME, RESUME, GRANTEX_E_API}},
    {"429", {.raw = ANSWER("429 Slow", "", "")}, {RESUME, RESUME, GRANTEX_E_API}},
    {"408", {.raw = ANSWER("408 Late", "", "")}, {RESUME, RESUME, GRANTEX_E_API}},
    {"stream.closing",
     {.events = "event: stream.closing\ndata:{\"reconnectAfterMs\":0}\n\n", .ending = HOLD},
     {RESUME, RESUME, GRANTEX_END}},
    {"a clean end", {.events = ": x\n"}, {GRANTEX_END, RESUME, GRANTEX_END}},
    {"204", {.raw = ANSWER("204 No Content", "", "")}, {GRANTEX_END, GRANTEX_END, GRANTEX_END}},
    {"400", {.raw = ANSWER("400 No", "", "")}, {GRANTEX_E_API, GRANTEX_E_API, GRANTEX_E_API}},
    {"401", {.raw = ANSWER("401 No", "", "")}, {GRANTEX_E_AUTH, GRANTEX_E_AUTH, GRANTEX_E_AUTH}},
    {"403", {.raw = ANSWER("403 No", "", "")}, {GRANTEX_E_API, GRANTEX_E_API, GRANTEX_E_API}},
    {"404", {.raw = ANSWER("404 No", "", "")}, {GRANTEX_E_API, GRANTEX_E_API, GRANTEX_E_API}},
    {"410", {.raw = ANSWER("410 No", "", "")}, {GRANTEX_E_API, GRANTEX_E_API, GRANTEX_E_API}},
    {"205", {.raw = ANSWER("205 ?", "", "")}, {GRANTEX_E_PROTOCOL, GRANTEX_E_PROTOCOL, GRANTEX_E_PROTOCOL}},
    {"a redirect to nowhere",
     {.raw = ANSWER("307 Go", "Location:\r\n", "")},
     {GRANTEX_E_PROTOCOL, GRANTEX_E_PROTOCOL, GRANTEX_E_PROTOCOL}},
    {"another content type",
     {.raw = ANSWER("200 OK", "Content-Type: text/x-bogus\r\n", "data: {}\n\n")},
     {GRANTEX_E_PROTOCOL, GRANTEX_E_PROTOCOL, GRANTEX_E_PROTOCOL}},
    {"no content type",
     {.raw = ANSWER("200 OK", "", "data: {}\n\n")},
     {GRANTEX_E_PROTOCOL, GRANTEX_E_PROTOCOL, GRANTEX_E_PROTOCOL}},
};

static void check(const struct row *row, grantex_reconnect reconnect)
{
    struct trial trial;
    print_message("  %s, reconnect %d\n", row->name, (int)reconnect);
    begin(&trial, row->answer, reconnect);
    int expected = row->expected[reconnect];
    if (expected == RESUME) {
        expect_event(trial.stream, "evt_9");
        assert_int_equal(trial.book.count[GRANTEX_NOTICE_END], 0);
    } else {
        expect_status(trial.stream, (grantex_status)expected);
        expect_status(trial.stream, (grantex_status)expected); /* it stays so */
        assert_int_equal(trial.book.count[GRANTEX_NOTICE_END], 1);
        assert_int_equal(trial.book.error[GRANTEX_NOTICE_END].status, expected);
        assert_int_equal(scripted_server_count(trial.server), 1);
    }
    end(&trial);
}

static void every_answer_means_what_the_contract_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (int reconnect = GRANTEX_RECONNECT_AUTO; reconnect <= GRANTEX_RECONNECT_NEVER; reconnect++)
            check(&rows[i], (grantex_reconnect)reconnect);
}

/* --- what comes with them ----------------------------------------------------------------------------------------- */

static void a_refusal_carries_the_words_of_the_server(void **state)
{
    (void)state;
    struct trial trial;
    begin(&trial,
          (act){.raw = ANSWER("400 Bad Request", "Content-Type: application/json\r\n",
                              "{\"message\":\"since: no offset\",\"code\":\"BAD_REQUEST\",\"requestId\":\"req-1\"}")},
          GRANTEX_RECONNECT_AUTO);
    const grantex_event *event;
    grantex_error error = {.status = GRANTEX_OK};
    assert_int_equal(grantex_stream_next(trial.stream, &event, PATIENCE_MS, &error), GRANTEX_E_API);
    assert_int_equal(error.http_status, 400);
    assert_string_equal(error.message, "since: no offset");
    assert_string_equal(error.code, "BAD_REQUEST");
    assert_string_equal(error.request_id, "req-1");
    end(&trial);
}

static void a_refusal_without_json_still_has_a_status_and_the_id_of_the_header(void **state)
{
    (void)state;
    struct trial trial;
    begin(&trial, (act){.raw = ANSWER("401 No", "X-Request-Id: req-2\r\n", "<html>go away</html>")},
          GRANTEX_RECONNECT_AUTO);
    const grantex_event *event;
    grantex_error error = {.status = GRANTEX_OK};
    assert_int_equal(grantex_stream_next(trial.stream, &event, PATIENCE_MS, &error), GRANTEX_E_AUTH);
    assert_int_equal(error.http_status, 401);
    assert_contains(error.message, "401");
    assert_string_equal(error.request_id, "req-2");
    assert_lacks(error.message, KEY);
    end(&trial);
}

static void retry_after_is_kept(void **state)
{
    (void)state;
    struct trial trial;
    begin(&trial, (act){.raw = ANSWER("503 Busy", "Retry-After: 1\r\n", "{\"code\":\"BUSY\",\"message\":\"later\"}")},
          GRANTEX_RECONNECT_AUTO);
    expect_event(trial.stream, "evt_9");
    assert_in_range(trial.book.last[GRANTEX_NOTICE_RETRYING].delay_ms, 1000, 1001);
    assert_string_equal(trial.book.error[GRANTEX_NOTICE_RETRYING].code, "BUSY");
    assert_int_equal(trial.book.last[GRANTEX_NOTICE_OPEN].attempt, 2);
    end(&trial);
}

static void the_retry_field_is_the_least_wait(void **state)
{
    (void)state;
    struct trial trial;
    begin(&trial, (act){.events = "retry: 300\n\n", .ending = CUT}, GRANTEX_RECONNECT_AUTO);
    grantex_stream_close(trial.stream);
    trial.stream = open_stream(
        trial.client, (grantex_stream_options){.max_backoff_ms = 400, .on_notice = note, .notice_user = &trial.book});
    expect_event(trial.stream, "evt_9");
    assert_in_range(trial.book.last[GRANTEX_NOTICE_RETRYING].delay_ms, 300, 700);
    end(&trial);
}

static void a_stream_gives_up_after_max_attempts(void **state)
{
    (void)state;
    static const act acts[] = {{.raw = ANSWER("503 Busy", "", "")}};
    scripted_server *server = SCRIPT(acts, true);
    grantex_client *client = open_client(server);
    grantex_stream *stream = open_stream(client, (grantex_stream_options){.max_attempts = 3});
    expect_status(stream, GRANTEX_E_API);
    assert_int_equal(scripted_server_count(server), 3);
    grantex_stream_close(stream);
    grantex_client_close(client);
    scripted_server_stop(server);
}

static void redirects_are_followed_and_not_for_ever(void **state)
{
    (void)state;
    struct trial trial;
    begin(&trial, (act){.raw = ANSWER("302 Go", "Location: /elsewhere\r\n", "not a stream")}, GRANTEX_RECONNECT_NEVER);
    expect_event(trial.stream, "evt_9");
    assert_contains(scripted_server_request(trial.server, 1), "GET /elsewhere HTTP/1.1\r\n");
    assert_contains(scripted_server_request(trial.server, 1), "Bearer " KEY);
    end(&trial);

    static const act round[] = {{.raw = ANSWER("301 Go", "Location: /v1/events/stream\r\n", "")}};
    scripted_server *server = SCRIPT(round, true);
    grantex_client *client = open_client(server);
    grantex_stream *stream = open_stream(client, (grantex_stream_options){0});
    expect_status(stream, GRANTEX_E_NETWORK);
    assert_int_equal(scripted_server_count(server), 11);
    grantex_stream_close(stream);
    grantex_client_close(client);
    scripted_server_stop(server);
}

static void the_key_is_not_sent_to_another_origin(void **state)
{
    (void)state;
    static const act there[] = {{.events = EVENT(1)}};
    scripted_server *other = SCRIPT(there, false);
    char answer[256];
    snprintf(answer, sizeof answer, ANSWER("302 Go", "Location: %s/x\r\n", ""), scripted_server_url(other));
    struct trial trial;
    begin(&trial, (act){.raw = answer}, GRANTEX_RECONNECT_NEVER);
    expect_event(trial.stream, "evt_1");
    assert_lacks(scripted_server_request(other, 0), "Authorization");
    assert_lacks(scripted_server_request(other, 0), KEY);
    end(&trial);
    scripted_server_stop(other);
}

static void content_types_are_compared_as_http_does(void **state)
{
    (void)state;
    static const char *const types[] = {"text/event-stream;charset=UTF-8", "text/event-stream;", "TEXT/Event-Stream",
                                        " text/event-stream ; x=y"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        char answer[256];
        snprintf(answer, sizeof answer, ANSWER("200 OK", "Content-Type: %s\r\n", EVENT(1)), types[i]);
        struct trial trial;
        begin(&trial, (act){.raw = answer}, GRANTEX_RECONNECT_NEVER);
        expect_event(trial.stream, "evt_1");
        end(&trial);
    }
}

/* --- before anything is sent -------------------------------------------------------------------------------------- */

static grantex_status open_with(grantex_client_options options)
{
    grantex_client *client = NULL;
    grantex_error error = {.status = GRANTEX_OK};
    grantex_status status = grantex_client_open(&options, &client, &error);
    assert_int_equal(error.status, status);
    if (status != GRANTEX_OK)
        assert_null(client);
    grantex_client_close(client);
    return status;
}

static void the_key_and_the_server_come_from_the_options_or_the_environment(void **state)
{
    (void)state;
    unsetenv("GRANTEX_API_KEY");
    unsetenv("GRANTEX_KEY");
    unsetenv("GRANTEX_BASE_URL");
    unsetenv("GRANTEX_URL");
    assert_int_equal(open_with((grantex_client_options){.max_retries = 0}), GRANTEX_E_NO_KEY);
    setenv("GRANTEX_API_KEY", "", 1);
    assert_int_equal(open_with((grantex_client_options){.max_retries = 0}), GRANTEX_E_NO_KEY);
    setenv("GRANTEX_KEY", KEY, 1);
    setenv("GRANTEX_URL", "http://second.example//", 1);
    grantex_client *client;
    assert_int_equal(grantex_client_open(NULL, &client, NULL), GRANTEX_OK);
    assert_string_equal(grantex_client_base_url(client), "http://second.example");
    grantex_client_close(client);
    setenv("GRANTEX_BASE_URL", "https://first.example/base", 1);
    assert_int_equal(grantex_client_open(NULL, &client, NULL), GRANTEX_OK);
    assert_string_equal(grantex_client_base_url(client), "https://first.example/base");
    grantex_client_close(client);
    unsetenv("GRANTEX_API_KEY");
    unsetenv("GRANTEX_KEY");
    unsetenv("GRANTEX_BASE_URL");
    unsetenv("GRANTEX_URL");
    assert_int_equal(grantex_client_open(&(grantex_client_options){.api_key = KEY}, &client, NULL), GRANTEX_OK);
    assert_string_equal(grantex_client_base_url(client), "https://api.grantex.dev");
    grantex_client_close(client);
}

static void what_cannot_be_sent_is_refused_at_once(void **state)
{
    (void)state;
    static const char *const urls[] = {"",           "api.grantex.dev", "ftp://x",    "http://",    "http://u:p@x",
                                       "http://x?y", "http://x#y",      "http://x y", "http://x\n", "http:///x"};
    for (size_t i = 1; i < sizeof urls / sizeof urls[0]; i++)
        assert_int_equal(open_with((grantex_client_options){.api_key = KEY, .base_url = urls[i]}), GRANTEX_E_INVALID);
    assert_int_equal(open_with((grantex_client_options){.api_key = "two words"}), GRANTEX_E_INVALID);
    assert_int_equal(open_with((grantex_client_options){.api_key = "a\r\nX: y"}), GRANTEX_E_INVALID);
    assert_int_equal(open_with((grantex_client_options){.api_key = KEY, .reserved = {KEY}}), GRANTEX_E_INVALID);

    grantex_client *client;
    assert_int_equal(grantex_client_open(&(grantex_client_options){.api_key = KEY}, &client, NULL), GRANTEX_OK);
    const grantex_stream_options wrong[] = {
        {.since = ""},
        {.cursor = "evt_1\r\nX: y"},
        {.cursor = ""},
        {.cursor = "since:"}, /* no time behind it: it would be the beginning without anybody noticing */
        {.cursor = "since:0123456789012345678901234567890123456789012345678901234567890123"},
        {.event_types = (const char *const[]){"a,b", NULL}},
        {.event_types = (const char *const[]){"", NULL}},
        {.reconnect = (grantex_reconnect)7},
        {.idle_timeout_ms = -1},
        {.max_attempts = -1},
        {.reserved = {KEY}},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        grantex_stream *stream = NULL;
        assert_int_equal(grantex_events_stream(client, &wrong[i], &stream, NULL), GRANTEX_E_INVALID);
        assert_null(stream);
    }
    grantex_client_close(client);
    assert_int_equal(grantex_events_stream(NULL, NULL, NULL, NULL), GRANTEX_E_INVALID);
    assert_int_equal(grantex_stream_next(NULL, NULL, 0, NULL), GRANTEX_E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_answer_means_what_the_contract_says),
        cmocka_unit_test(a_refusal_carries_the_words_of_the_server),
        cmocka_unit_test(a_refusal_without_json_still_has_a_status_and_the_id_of_the_header),
        cmocka_unit_test(retry_after_is_kept),
        cmocka_unit_test(the_retry_field_is_the_least_wait),
        cmocka_unit_test(a_stream_gives_up_after_max_attempts),
        cmocka_unit_test(redirects_are_followed_and_not_for_ever),
        cmocka_unit_test(the_key_is_not_sent_to_another_origin),
        cmocka_unit_test(content_types_are_compared_as_http_does),
        cmocka_unit_test(the_key_and_the_server_come_from_the_options_or_the_environment),
        cmocka_unit_test(what_cannot_be_sent_is_refused_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
