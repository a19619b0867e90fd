/* The small parts of the library, each by itself. */
#include <stdio.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "lib/answer_head.h"
#include "lib/backoff.h"
#include "lib/event.h"
#include "lib/fixture.h"
#include "lib/json_value.h"
#include "lib/recent.h"
#include "lib/url.h"

static gx_span span(const char *text)
{
    return (gx_span){text, strlen(text)};
}

/* --- JSON values -------------------------------------------------------------------------------------------------- */

static void strings_are_decoded(void **state)
{
    (void)state;
    static const struct {
        const char *json, *text; /* NULL: refused */
    } cases[] = {
        {"\"\"", ""},
        {"\"a\"", "a"},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
        {"\"\\u0041\\u00e9\\u20AC\"", "A\xC3\xA9\xE2\x82\xAC"},
        {"\"\\ud83d\\ude00\"", "\xF0\x9F\x98\x80"},
        {"\"\\ud83dx\"", "\xEF\xBF\xBDx"},
        {"\"\\ude00\"", "\xEF\xBF\xBD"},
        {"\"\\ud83d\\u0041\"", "\xEF\xBF\xBD"
                               "A"},
        {"\"\\uD8\"", NULL},
        {"\"\\u12G4\"", NULL},
        {"\"\\x\"", NULL},
        {"\"\\\"", NULL},
        {"\"", NULL},
        {"5", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[64];
        size_t length = 99;
        bool ok = gx_json_string_decode(span(cases[i].json), out, &length);
        assert_int_equal(ok, cases[i].text != NULL);
        if (ok) {
            assert_string_equal(out, cases[i].text);
            assert_int_equal(length, strlen(cases[i].text));
        }
    }
}

static void a_copy_is_cut_between_characters(void **state)
{
    (void)state;
    static const char *const cut[] = {"", "", "a", "a", "a", "a\xE2\x82\xAC", "a\xE2\x82\xAC\x62"};
    for (size_t size = 1; size < sizeof cut / sizeof cut[0]; size++) {
        char raw[8], escaped[8];
        gx_json_string_copy(span("\"a\xE2\x82\xAC\x62\""), raw, size);
        gx_json_string_copy(span("\"a\\u20acb\""), escaped, size);
        assert_string_equal(raw, cut[size]);
        assert_string_equal(escaped, cut[size]);
    }
    char kept[8] = "kept";
    gx_json_string_copy(span("5"), kept, sizeof kept);
    assert_string_equal(kept, "kept");
}

static void arrays_are_walked(void **state)
{
    (void)state;
    static const char *const elements[] = {"1", "\"a,]\\\"\"", "[2, [3]]", "{\"k\": \"]\"}", "null"};
    gx_json_array array;
    gx_span element;
    assert_true(gx_json_array_open(span("[1 , \"a,]\\\"\",[2, [3]],\n{\"k\": \"]\"},null ]"), &array));
    assert_int_equal(gx_json_array_count(array), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_true(gx_json_array_next(&array, &element));
        assert_true(gx_span_equal(element, span(elements[i])));
    }
    assert_false(gx_json_array_next(&array, &element));
    assert_true(gx_json_array_open(span("[ ]"), &array));
    assert_int_equal(gx_json_array_count(array), 0);
    assert_false(gx_json_array_open(span("{}"), &array));
}

static void numbers_are_whole_or_exact(void **state)
{
    (void)state;
    int64_t number = 7;
    assert_true(gx_json_integer(span("-12"), &number));
    assert_int_equal(number, -12);
    assert_true(gx_json_integer(span("\"50\""), &number));
    assert_int_equal(number, 50);
    assert_false(gx_json_integer(span("1.5"), &number));
    assert_false(gx_json_integer(span("99999999999999999999"), &number));
    assert_true(gx_json_amount(span("0.5"), &number));
    assert_int_equal(number, 5000);
    assert_true(gx_json_amount(span("\"200.0000\""), &number));
    assert_int_equal(number, 2000000);
    assert_false(gx_json_amount(span("true"), &number));
    assert_int_equal(number, 2000000);
}

/* --- recent ids --------------------------------------------------------------------------------------------------- */

static gx_span number_id(char out[32], unsigned n)
{
    return (gx_span){out, (size_t)snprintf(out, 32, "evt_%u", n)};
}

static void the_window_knows_the_last_ids_and_no_others(void **state)
{
    (void)state;
    static const unsigned sizes[] = {1, 2, 3, 64, 1000, 4096};
    char text[32];
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        unsigned window = sizes[i], last = 3 * window + 17;
        gx_recent *recent = gx_recent_new(window);
        for (unsigned n = 0; n < last; n++)
            assert_true(gx_recent_add(recent, number_id(text, n)));
        for (unsigned n = last - window; n < last; n++)
            assert_false(gx_recent_add(recent, number_id(text, n))); /* known: and so it is not moved either */
        assert_true(gx_recent_add(recent, number_id(text, last - window - 1)));
        gx_free(recent);
    }
}

static void the_window_is_the_same_when_most_ids_are_only_appended(void **state)
{
    (void)state;
    enum { WINDOW = 50, LAST = 1000 };
    char text[32];
    gx_recent *recent = gx_recent_new(WINDOW);
    for (unsigned n = 0; n < LAST; n++) {
        gx_recent_append(recent, number_id(text, n));
        for (unsigned back = 0; n % 7 == 0 && back < WINDOW && back <= n; back++)
            assert_false(gx_recent_add(recent, number_id(text, n - back)));
    }
    assert_true(gx_recent_add(recent, number_id(text, LAST - WINDOW - 1)));
    assert_true(gx_recent_add(recent, number_id(text, LAST - WINDOW))); /* the one that made room */
    assert_false(gx_recent_add(recent, number_id(text, LAST - 1)));
    gx_free(recent);
}

static void ids_that_are_none_or_too_long_are_never_repeats(void **state)
{
    (void)state;
    static const char longer[GX_RECENT_WIDTH + 1] = "x";
    gx_recent *recent = gx_recent_new(4);
    for (int i = 0; i < 2; i++) {
        assert_true(gx_recent_add(recent, (gx_span){longer, sizeof longer}));
        assert_true(gx_recent_add(recent, (gx_span){"", 0}));
    }
    assert_true(gx_recent_add(recent, (gx_span){longer, GX_RECENT_WIDTH}));
    assert_false(gx_recent_add(recent, (gx_span){longer, GX_RECENT_WIDTH}));
    gx_free(recent);
}

/* --- backoff, URL, header ----------------------------------------------------------------------------------------- */

static void backoff_grows_to_its_cap_and_keeps_the_floor(void **state)
{
    (void)state;
    static const int64_t ceilings[] = {500, 1000, 2000, 4000, 5000, 5000};
    for (int failures = 0; failures < 6; failures++) {
        int64_t most = 0;
        for (int i = 0; i < 200; i++) {
            int64_t ms = gx_backoff_ms(failures, 300, 500, 5000);
            assert_in_range(ms, 300, 300 + ceilings[failures]);
            most = ms > most ? ms : most;
        }
        assert_true(most > 300 + ceilings[failures] / 2); /* chance 2^-200 of a false alarm */
    }
    assert_in_range(gx_backoff_ms(1000000, 0, 500, 30000), 0, 30000);
}

static void urls_are_escaped(void **state)
{
    (void)state;
    gx_buffer url = {0};
    gx_buffer_append_text(&url, "http://x/p");
    gx_url_query(&url, "a", NULL);
    gx_url_query(&url, "b", "x y&z=\xC3\xA9");
    gx_url_query(&url, "c", "-._~09azAZ");
    assert_string_equal(gx_buffer_text(&url), "http://x/p?b=x%20y%26z%3D%C3%A9&c=-._~09azAZ");
    gx_buffer_free(&url);
}

/* --- payloads ----------------------------------------------------------------------------------------------------- */

/* An event as the stream makes it. */
static grantex_event *make_event(const char *type, const char *data)
{
    gx_event_record record = {.event.seq = 0};
    gx_event scanned = {.id = span("evt_1"), .type = span(type), .timestamp = span("T"), .data = span(data)};
    assert_true(gx_event_record_set(&record, &scanned, (grantex_text){"{}", 2}));
    grantex_event *copy = grantex_event_dup(&record.event);
    gx_event_record_free(&record);
    assert_non_null(copy);
    return copy;
}

static void payloads_of_the_five_types_are_read(void **state)
{
    (void)state;
    grantex_event *event = make_event(
        "grant.created", "{\"grantId\":\"g\",\"agentId\":\"a\",\"principalId\":\"p\\u0041\",\"scopes\":[\"s\",\"t\"]}");
    grantex_grant_created created;
    grantex_grant_revoked revoked;
    assert_int_equal(grantex_event_grant_created(event, &created), GRANTEX_OK);
    assert_string_equal(created.principal_id.text, "pA");
    assert_int_equal(created.scope_count, 2);
    assert_string_equal(created.scopes[1].text, "t");
    assert_string_equal(created.expires_at.text, "");
    assert_int_equal(grantex_event_grant_revoked(event, &revoked), GRANTEX_E_INVALID);
    grantex_event_free(event);

    event = make_event("grant.revoked", "{\"grantId\":\"g\",\"revokedBy\":\"principal\"}");
    assert_int_equal(grantex_event_grant_revoked(event, &revoked), GRANTEX_OK);
    assert_string_equal(revoked.revoked_by.text, "principal");
    grantex_event_free(event);

    grantex_token_issued issued;
    event = make_event("token.issued", "{\"grantId\":\"g\",\"tokenId\":\"tok_1\",\"method\":\"refresh\"}");
    assert_int_equal(grantex_event_token_issued(event, &issued), GRANTEX_OK);
    assert_string_equal(issued.method.text, "refresh");
    grantex_event_free(event);

    grantex_budget_threshold threshold;
    event = make_event("budget.threshold", "{\"grantId\":\"g\",\"percentage\":80,\"remaining\":0.5,\"initial\":1000}");
    assert_int_equal(grantex_event_budget_threshold(event, &threshold), GRANTEX_OK);
    assert_int_equal(threshold.percentage, 80);
    assert_int_equal(threshold.remaining, 5000);
    assert_int_equal(threshold.initial, GRANTEX_MONEY(1000));
    grantex_event_free(event);

    grantex_budget_exhausted exhausted;
    event = make_event("budget.exhausted", "{\"grantId\":\"g\",\"remaining\":\"0\"}"); /* the hosted service */
    assert_int_equal(grantex_event_budget_exhausted(event, &exhausted), GRANTEX_OK);
    assert_int_equal(exhausted.initial, -1);
    grantex_event_free(event);
}

static void payloads_that_do_not_fit_leave_the_struct_alone(void **state)
{
    (void)state;
    static const char *const wrong[] = {"{}", "[]", "{\"grantId\":1}", "{\"grantId\":\"g\",\"initial\":[]}", "{"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        grantex_event *event = make_event("budget.exhausted", wrong[i]);
        grantex_budget_exhausted exhausted = {.initial = 42};
        assert_int_equal(grantex_event_budget_exhausted(event, &exhausted), GRANTEX_E_PROTOCOL);
        assert_int_equal(exhausted.initial, 42);
        assert_int_equal(grantex_event_budget_exhausted(event, NULL), GRANTEX_E_INVALID);
        grantex_event_free(event);
    }
}

static void the_header_and_the_library_are_of_one_version(void **state)
{
    (void)state;
    assert_string_equal(grantex_version(), GRANTEX_VERSION);
    assert_string_equal(grantex_status_name(GRANTEX_E_FORKED), "GRANTEX_E_FORKED");
    assert_string_equal(grantex_status_name((grantex_status)99), "GRANTEX_UNKNOWN");
}

/* --- the head of an answer ---------------------------------------------------------------------------------------- */

static void a_head_is_read_line_by_line_and_a_status_line_begins_it_anew(void **state)
{
    (void)state;
    gx_answer_head head = {0};
    gx_response response = gx_response_none();
    static const char *const lines[] = {"HTTP/1.1 302 Found", "LOCATION: /x",      "Content-Length: 3",
                                        "Date: then",         "X-Request-Id: one", "content-encoding:gzip"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        gx_answer_head_line(&head, &response, span(lines[i]));
    assert_true(head.moved && head.framed && !head.chunked);
    assert_string_equal(head.date, "then");
    assert_string_equal(response.request_id, "one");
    assert_string_equal(response.content_encoding, "gzip");
    gx_answer_head_line(&head, &response, span("HTTP/1.1 200 OK"));
    gx_answer_head_line(&head, &response, span("Transfer-Encoding: Chunked"));
    assert_true(head.chunked && !head.framed && !head.moved && head.date[0] == '\0');
    assert_string_equal(response.request_id, "");
    gx_answer_head_line(&head, &response, span("Transfer-Encoding: chunked")); /* twice is another coding */
    assert_true(head.framed && !head.chunked);
}

static void a_value_longer_than_its_room_is_cut(void **state)
{
    (void)state;
    gx_answer_head head = {0};
    gx_response response = gx_response_none();
    char line[300];
    memset(line, 'a', sizeof line);
    memcpy(line, "x-request-id: ", 14);
    gx_answer_head_line(&head, &response, (gx_span){line, sizeof line});
    assert_int_equal(strlen(response.request_id), sizeof response.request_id - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_are_decoded),
        cmocka_unit_test(a_copy_is_cut_between_characters),
        cmocka_unit_test(arrays_are_walked),
        cmocka_unit_test(numbers_are_whole_or_exact),
        cmocka_unit_test(the_window_knows_the_last_ids_and_no_others),
        cmocka_unit_test(the_window_is_the_same_when_most_ids_are_only_appended),
        cmocka_unit_test(ids_that_are_none_or_too_long_are_never_repeats),
        cmocka_unit_test(backoff_grows_to_its_cap_and_keeps_the_floor),
        cmocka_unit_test(urls_are_escaped),
        cmocka_unit_test(payloads_of_the_five_types_are_read),
        cmocka_unit_test(payloads_that_do_not_fit_leave_the_struct_alone),
        cmocka_unit_test(the_header_and_the_library_are_of_one_version),
        cmocka_unit_test(a_head_is_read_line_by_line_and_a_status_line_begins_it_anew),
        cmocka_unit_test(a_value_longer_than_its_room_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
