/* The small texts of HTTP: query strings, request targets, dates, reason phrases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "http/date.h"
#include "http/head.h"
#include "http/status.h"
#include "support/failing_alloc.h"

/* "a=b|c=|" and "!" behind what was bad. */
static void check_query(const char *query, const char *expected)
{
    gx_arena arena = GX_ARENA_INIT(4096);
    gx_buffer found = GX_BUFFER_INIT(0);
    gx_span rest = gx_span_of(query), name, value;
    bool bad;
    while (gx_http_query_next(&rest, &arena, &name, &value, &bad)) {
        gx_buffer_append_span(&found, name);
        gx_buffer_append_char(&found, '=');
        gx_buffer_append_span(&found, value);
        gx_buffer_append_char(&found, '|');
    }
    gx_buffer_append_text(&found, bad ? "!" : "");
    assert_string_equal(gx_buffer_text(&found), expected);
    gx_buffer_free(&found);
    gx_arena_free(&arena);
}

static void a_query_is_decoded_pair_by_pair(void **state)
{
    (void)state;
    check_query("", "");
    check_query("a=b", "a=b|");
    check_query("a=b&c=d", "a=b|c=d|");
    check_query("a", "a=|");
    check_query("a=", "a=|");
    check_query("=b", "=b|");
    check_query("a=b=c", "a=b=c|");
    check_query("&&a=b&&c=d&", "a=b|c=d|");
    check_query("types=grant.created%2Ctoken.issued&since=2026-03-01T12:00:00%2b01:00",
                "types=grant.created,token.issued|since=2026-03-01T12:00:00+01:00|");
    check_query("a+b=c+d%20e", "a b=c d e|");
    check_query("%C3%a4=1", "\xc3\xa4=1|");
}

static void a_bad_escape_ends_it(void **state)
{
    (void)state;
    check_query("a=b&c=%", "a=b|!");
    check_query("c=%4", "!");
    check_query("c=%4g", "!");
    check_query("%g4=c", "!");
    check_query("c=%%41", "!");
}

static void a_query_past_the_memory_is_bad(void **state)
{
    (void)state;
    gx_arena arena = GX_ARENA_INIT(8);
    gx_span rest = GX_SPAN("a=0123456789"), name = {NULL, 0}, value = {NULL, 0};
    bool bad = false;
    assert_false(gx_http_query_next(&rest, &arena, &name, &value, &bad));
    assert_true(bad);
    assert_null(name.ptr);
    gx_arena_free(&arena);

    arena = GX_ARENA_INIT(0);
    rest = GX_SPAN("a=b");
    gx_fail_allocation(1);
    assert_false(gx_http_query_next(&rest, &arena, &name, &value, &bad));
    gx_fail_allocation(0);
    assert_true(bad);
    gx_arena_free(&arena);
}

static void a_target_is_a_path_and_a_query(void **state)
{
    (void)state;
    static const struct {
        const char *target, *path, *query;
    } cases[] = {
        {"/", "/", ""},
        {"/a?", "/a", ""},
        {"/a?b?c", "/a", "b?c"},
        {"*", "*", ""},
        {"HTTP://x/y?z", "/y", "z"},
        {"http://x", "/", ""},
        {"//x/y", "//x/y", ""},
        {"", NULL, NULL},
        {"a", NULL, NULL},
        {"?a", NULL, NULL},
        {"http://x?y", NULL, NULL},
        {"http://", NULL, NULL},
        {"https://x/", NULL, NULL},
        {"x:443", NULL, NULL},
        {"/a b", NULL, NULL},
        {"/\x7f", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gx_span path, query;
        assert_int_equal(gx_http_head_target(gx_span_of(cases[i].target), &path, &query), cases[i].path != NULL);
        assert_true(!cases[i].path || gx_span_equal(path, gx_span_of(cases[i].path)));
        assert_true(!cases[i].path || gx_span_equal(query, gx_span_of(cases[i].query)));
    }
}

/* The grammars refuse most of these by themselves, but that depends on their version and how they were built. */
static void a_head_that_could_mean_two_things_is_refused(void **state)
{
    (void)state;
    const struct {
        gx_http_header one, two;
        int minor_version, status;
    } cases[] = {
        {{GX_SPAN("Content-Length"), GX_SPAN("1")}, {GX_SPAN("X"), GX_SPAN("")}, 1, 0},
        {{GX_SPAN("Content-Length"), GX_SPAN("1")}, {GX_SPAN("content-length"), GX_SPAN("1")}, 1, 400},
        {{GX_SPAN("Content-Length"), GX_SPAN("1")}, {GX_SPAN("Transfer-Encoding"), GX_SPAN("chunked")}, 1, 400},
        {{GX_SPAN("Transfer-Encoding"), GX_SPAN("chunked")}, {GX_SPAN("X"), GX_SPAN("")}, 1, 0},
        {{GX_SPAN("Transfer-Encoding"), GX_SPAN("chunked")}, {GX_SPAN("X"), GX_SPAN("")}, 0, 400},
        {{GX_SPAN("Transfer-Encoding"), GX_SPAN("a")}, {GX_SPAN("Transfer-Encoding"), GX_SPAN("chunked")}, 1, 400},
        {{GX_SPAN("Content-Length"), GX_SPAN("1x")}, {GX_SPAN("X"), GX_SPAN("")}, 1, 400},
        {{GX_SPAN("Content-Length"), GX_SPAN("")}, {GX_SPAN("X"), GX_SPAN("")}, 1, 400},
        {{GX_SPAN("Host"), GX_SPAN("x")}, {GX_SPAN("X"), GX_SPAN("")}, 1, 400},
        {{GX_SPAN("Content-Length "), GX_SPAN("1")}, {GX_SPAN("X"), GX_SPAN("")}, 1, 400},
        {{GX_SPAN("Expect"), GX_SPAN("100-continue")}, {GX_SPAN("Expect"), GX_SPAN("100-continue")}, 1, 417},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gx_http_request request = {.minor_version = cases[i].minor_version, .header_count = 3};
        request.headers[0] = (gx_http_header){GX_SPAN("Host"), GX_SPAN("x")};
        request.headers[1] = cases[i].one;
        request.headers[2] = cases[i].two;
        gx_http_framing framing;
        gx_http_refusal refusal = {0, NULL};
        assert_int_equal(gx_http_head_check(&request, &framing, &refusal), cases[i].status == 0);
        assert_int_equal(refusal.status, cases[i].status);
    }
}

static void a_date_is_written_as_http_has_it_and_anew_each_second(void **state)
{
    (void)state;
    gx_http_date date = {0};
    assert_string_equal(gx_http_date_text(&date, 784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_string_equal(gx_http_date_text(&date, 784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_string_equal(gx_http_date_text(&date, 784111778), "Sun, 06 Nov 1994 08:49:38 GMT");
    assert_string_equal(gx_http_date_text(&date, 951782400), "Tue, 29 Feb 2000 00:00:00 GMT");
}

static void every_status_has_a_phrase(void **state)
{
    (void)state;
    assert_string_equal(gx_http_status_phrase(404), "Not Found");
    assert_string_equal(gx_http_status_phrase(599), "Server Error");
    assert_string_equal(gx_http_status_phrase(99), "Unknown");
    assert_string_equal(gx_http_status_phrase(600), "Unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_is_decoded_pair_by_pair),
        cmocka_unit_test(a_bad_escape_ends_it),
        cmocka_unit_test(a_query_past_the_memory_is_bad),
        cmocka_unit_test(a_target_is_a_path_and_a_query),
        cmocka_unit_test(a_head_that_could_mean_two_things_is_refused),
        cmocka_unit_test(a_date_is_written_as_http_has_it_and_anew_each_second),
        cmocka_unit_test(every_status_has_a_phrase),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
