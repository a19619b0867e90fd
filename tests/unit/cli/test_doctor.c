/* What doctor makes of what it measured: each fact by itself turned bad, and nothing else said to be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/cli.h"
#include "cli/doctor.h"
#include "cli/probe_frames.h"

/* A server behind a proxy that does everything right. */
static doctor_facts healthy(void)
{
    return (doctor_facts){
        .https = true,
        .status = 200,
        .http_version = 20,
        .tls = "TLSv1.3",
        .certificate_days = 80,
        .kept_alive = true,
        .skew_ms = 12,
        .skew_error_ms = 5,
        .stream_status = 200,
        .content_type = "text/event-stream; charset=utf-8",
        .cache_control = "no-cache, no-transform",
        .probed = true,
        .later_frames = true,
        .first_byte_ms = 41,
        .window_ms = 3000,
        .delay_ms = 3,
        .upstream_http = "1.1",
        .heartbeat_ms = 15000,
        .cursor_status = 400,
        .websocket_status = 101,
        .streams_wanted = 8,
        .streams_open = 8,
        .idle_wanted_ms = 20000,
        .idle_ms = 20000,
    };
}

/* Only `check` is other than good; its result, and a part of what is said. */
static void assert_only(const doctor_facts *facts, doctor_check check, doctor_result result, const char *part)
{
    doctor_finding findings[DOCTOR_CHECKS];
    doctor_judge(facts, findings);
    for (int i = 0; i < DOCTOR_CHECKS; i++) {
        assert_non_null(doctor_check_name((doctor_check)i));
        if (findings[i].result != (i == (int)check ? result : DOCTOR_GOOD))
            fail_msg("%s: %d %s", doctor_check_name((doctor_check)i), findings[i].result, findings[i].text);
    }
    if (!strstr(findings[check].text, part))
        fail_msg("\"%s\" is not in \"%s\"", part, findings[check].text);
    assert_int_equal(doctor_exit(facts, findings), result == DOCTOR_BAD ? CLI_FOUND : CLI_OK);
}

#define TURNED(change, check, result, part)                                                                            \
    do {                                                                                                               \
        doctor_facts f = healthy();                                                                                    \
        change;                                                                                                        \
        assert_only(&f, check, result, part);                                                                          \
    } while (0)

static void who_does_everything_right_is_told_so(void **state)
{
    (void)state;
    TURNED((void)0, DOCTOR_ANSWER, DOCTOR_GOOD, "answers");
}

static void each_fault_is_found_by_itself(void **state)
{
    (void)state;
    TURNED(f.https = false, DOCTOR_TLS, DOCTOR_BAD, "in the clear");
    TURNED(f.certificate_days = 13, DOCTOR_TLS, DOCTOR_ADVICE, "13 days");
    TURNED(f.http_version = 11, DOCTOR_HTTP, DOCTOR_ADVICE, "six streams");
    TURNED(f.http_version = 10, DOCTOR_HTTP, DOCTOR_BAD, "HTTP/1.0");
    TURNED(f.kept_alive = false, DOCTOR_KEEP_ALIVE, DOCTOR_ADVICE, "connection of its own");
    TURNED(f.skew_ms = -6000, DOCTOR_CLOCK, DOCTOR_BAD, "6.0 s behind");
    TURNED(f.skew_ms = 2000, DOCTOR_CLOCK, DOCTOR_ADVICE, "ahead of");
    TURNED(f.first_byte_ms = 1000, DOCTOR_FIRST_BYTE, DOCTOR_ADVICE, "1000 ms");
    TURNED(f.delay_ms = 500, DOCTOR_BUFFERING, DOCTOR_BAD, "in bursts");
    TURNED((f.delay_ms = 2800, f.later_frames = false), DOCTOR_BUFFERING, DOCTOR_BAD, "not at all");
    TURNED(strcpy(f.squeezed, "gzip"), DOCTOR_COMPRESSION, DOCTOR_BAD, "(gzip)");
    TURNED(strcpy(f.encoding, "br"), DOCTOR_COMPRESSION, DOCTOR_BAD, "(br)");
    TURNED(strcpy(f.cache_control, "max-age=60"), DOCTOR_NO_TRANSFORM, DOCTOR_BAD, "\"max-age=60\"");
    TURNED(strcpy(f.upstream_http, "1.0"), DOCTOR_UPSTREAM, DOCTOR_BAD, "HTTP/1.0");
    TURNED(strcpy(f.upstream_connection, "Close"), DOCTOR_UPSTREAM, DOCTOR_ADVICE, "Connection: close");
    TURNED(f.cursor_status = 200, DOCTOR_CURSOR, DOCTOR_BAD, "does not arrive");
    TURNED((f.streams_open = 3, f.refused_status = 503), DOCTOR_STREAMS, DOCTOR_BAD, "answered 503");
    TURNED(f.streams_open = 3, DOCTOR_STREAMS, DOCTOR_BAD, "wait for an answer");
    TURNED((f.streams_open = 3, f.refused_status = 429, strcpy(f.refused_code, "TOO_MANY_CONNECTIONS")), DOCTOR_STREAMS,
           DOCTOR_ADVICE, "--max-streams");
    TURNED(f.websocket_status = 400, DOCTOR_WEBSOCKET, DOCTOR_ADVICE, "(400)");
}

static void a_silent_stream_must_outlive_two_and_a_half_heartbeats(void **state)
{
    (void)state;
    TURNED((f.idle_cut = true, f.idle_ms = 10000), DOCTOR_IDLE, DOCTOR_BAD, "cut after 10.0 s");
    TURNED((f.idle_cut = true, f.idle_ms = 37499), DOCTOR_IDLE, DOCTOR_BAD, "must live 37.5 s");
    TURNED((f.idle_cut = true, f.idle_ms = 60000), DOCTOR_IDLE, DOCTOR_ADVICE, "keep it open");
    TURNED((f.idle_wanted_ms = f.idle_ms = 3000), DOCTOR_IDLE, DOCTOR_UNKNOWN, "--idle 38");
    TURNED((f.idle_wanted_ms = f.idle_ms = -1), DOCTOR_IDLE, DOCTOR_UNKNOWN, "not measured");
    TURNED(f.idle_wanted_ms = 15001, DOCTOR_IDLE, DOCTOR_GOOD, "longer was not measured");
}

static void assert_exit(const doctor_facts *facts, int status, doctor_check check, const char *part)
{
    doctor_finding findings[DOCTOR_CHECKS];
    doctor_judge(facts, findings);
    assert_int_equal(doctor_exit(facts, findings), status);
    if (!strstr(findings[check].text, part))
        fail_msg("\"%s\" is not in \"%s\"", part, findings[check].text);
    assert_int_equal(findings[check].result, DOCTOR_BAD);
}

/* Without a stream there is nothing to be said of it. */
static doctor_facts refused(int status)
{
    return (doctor_facts){.status = status,
                          .first_byte_ms = -1,
                          .delay_ms = -1,
                          .cursor_status = -1,
                          .idle_wanted_ms = -1,
                          .skew_error_ms = INT32_MAX,
                          .certificate_days = -1,
                          .https = true,
                          .http_version = 11};
}

static void what_keeps_the_stream_from_opening_is_said_and_nothing_else(void **state)
{
    (void)state;
    doctor_facts f = refused(0);
    strcpy(f.error, "Connection refused");
    assert_exit(&f, CLI_NETWORK, DOCTOR_ANSWER, "Connection refused");
    f.certificate_refused = true;
    assert_exit(&f, CLI_NETWORK, DOCTOR_TLS, "not trusted");
    f = refused(301);
    strcpy(f.location, "https://elsewhere/");
    assert_exit(&f, CLI_FOUND, DOCTOR_ANSWER, "https://elsewhere/");
    f = refused(502);
    assert_exit(&f, CLI_FOUND, DOCTOR_ANSWER, "does not reach");
    f = refused(404);
    assert_exit(&f, CLI_FOUND, DOCTOR_ANSWER, "not Grantex's");
    f = refused(401);
    strcpy(f.code, "UNAUTHORIZED");
    assert_exit(&f, CLI_KEY, DOCTOR_KEY, "does not take this key");
    f.key_lost = true;
    assert_exit(&f, CLI_FOUND, DOCTOR_KEY, "does not arrive");
    f = refused(401);
    assert_exit(&f, CLI_KEY, DOCTOR_KEY, "asks for a password");
}

static void a_stream_that_is_held_back_whole_is_buffered(void **state)
{
    (void)state;
    doctor_facts f = refused(200);
    f.window_ms = 3000;
    assert_exit(&f, CLI_FOUND, DOCTOR_BUFFERING, "nothing of the stream arrived in 3.0 s");
    f.stream_status = 200;
    strcpy(f.content_type, "text/event-stream");
    assert_exit(&f, CLI_FOUND, DOCTOR_BUFFERING, "nothing of the stream arrived in 3.0 s");
    strcpy(f.content_type, "text/html");
    assert_exit(&f, CLI_FOUND, DOCTOR_STREAM, "text/html");
}

static void of_a_server_that_knows_no_probe_only_is_said_what_can_be_known(void **state)
{
    (void)state;
    doctor_facts f = healthy();
    doctor_finding findings[DOCTOR_CHECKS];
    f.probed = false;
    f.heartbeat_ms = 0;
    strcpy(f.cache_control, "no-cache");
    f.cursor_status = 200;
    doctor_judge(&f, findings);
    assert_int_equal(findings[DOCTOR_BUFFERING].result, DOCTOR_UNKNOWN);
    assert_int_equal(findings[DOCTOR_UPSTREAM].result, DOCTOR_UNKNOWN);
    assert_int_equal(findings[DOCTOR_NO_TRANSFORM].result, DOCTOR_ADVICE);
    assert_int_equal(findings[DOCTOR_CURSOR].result, DOCTOR_ADVICE);
    assert_int_equal(doctor_exit(&f, findings), CLI_OK);
}

static void a_proxy_is_known_by_what_it_calls_itself(void **state)
{
    (void)state;
    assert_int_equal(doctor_proxy_of("nginx/1.22.1"), DOCTOR_NGINX);
    assert_int_equal(doctor_proxy_of("Caddy"), DOCTOR_CADDY);
    assert_int_equal(doctor_proxy_of("HAProxy"), DOCTOR_HAPROXY);
    assert_int_equal(doctor_proxy_of(""), DOCTOR_PROXIES);
    assert_int_equal(doctor_proxy_of("Apache"), DOCTOR_PROXIES);
}

static void every_fix_ends_and_those_that_are_none_are_empty(void **state)
{
    (void)state;
    for (int check = 0; check < DOCTOR_CHECKS; check++)
        for (int proxy = 0; proxy < DOCTOR_PROXIES; proxy++) {
            size_t count = 0;
            while (doctor_fixes((doctor_check)check, (doctor_proxy)proxy)[count])
                count++;
            assert_true(count <= DOCTOR_MOST_FIXES);
        }
    assert_null(doctor_fixes(DOCTOR_IDLE, DOCTOR_PROXIES)[0]);
}

/* Frames get the time of the piece that made them whole, however the bytes were cut. */
static void frames_are_dated_by_the_piece_that_ends_them(void **state)
{
    (void)state;
    char body[] = "retry: 1\n: hi\n\nid: a\ndata: {\"n\":1}\n\nevent: stream.probe\ndata:[1]\n\n";
    size_t length = sizeof body - 1, first = (size_t)(strstr(body, "\n\nevent") - body) + 2;
    for (size_t cut = 1; cut < length; cut++) {
        cli_piece pieces[] = {{.at_us = 10, .end = cut}, {.at_us = 20, .end = length}};
        cli_transfer transfer = {.body = body, .body_length = length, .pieces = pieces, .piece_count = 2};
        cli_frames frames;
        assert_true(cli_frames_read(&transfer, &frames));
        assert_int_equal(frames.count, 2);
        assert_int_equal(frames.items[0].at_us, cut >= first ? 10 : 20);
        assert_int_equal(frames.items[1].at_us, 20);
        assert_string_equal(frames.items[0].type, "message");
        assert_string_equal(frames.items[0].id, "a");
        assert_int_equal(json_integer_value(json_object_get(frames.items[0].json, "n")), 1);
        assert_string_equal(frames.items[1].type, "stream.probe");
        assert_null(frames.items[1].json);
        cli_frames_free(&frames);
    }
}

static void a_header_is_found_whatever_its_case_and_the_last_of_several_counts(void **state)
{
    (void)state;
    char head[] = "HTTP/1.1 200 OK\r\nserver: a\r\nServer:  nginx/1 \r\nX-Server: b\r\n\r\n", out[8];
    cli_transfer transfer = {.head = head, .head_length = sizeof head - 1};
    assert_string_equal(cli_transfer_header(&transfer, "Server", out, sizeof out), "nginx/1");
    assert_string_equal(cli_transfer_header(&transfer, "Via", out, sizeof out), "");
    assert_string_equal(cli_transfer_header(&(cli_transfer){0}, "Via", out, sizeof out), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_does_everything_right_is_told_so),
        cmocka_unit_test(each_fault_is_found_by_itself),
        cmocka_unit_test(a_silent_stream_must_outlive_two_and_a_half_heartbeats),
        cmocka_unit_test(what_keeps_the_stream_from_opening_is_said_and_nothing_else),
        cmocka_unit_test(a_stream_that_is_held_back_whole_is_buffered),
        cmocka_unit_test(of_a_server_that_knows_no_probe_only_is_said_what_can_be_known),
        cmocka_unit_test(a_proxy_is_known_by_what_it_calls_itself),
        cmocka_unit_test(every_fix_ends_and_those_that_are_none_are_empty),
        cmocka_unit_test(frames_are_dated_by_the_piece_that_ends_them),
        cmocka_unit_test(a_header_is_found_whatever_its_case_and_the_last_of_several_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
