#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/event.h"
#include "wire/event_type.h"

#define ID "evt_01ARYZ6S410000000000000000"

static bool is(gx_span span, const char *text)
{
    return gx_span_equal(span, gx_span_of(text));
}

static void an_envelope_is_written_as_the_contract_has_it(void **state)
{
    (void)state;
    gx_buffer out = GX_BUFFER_INIT(0);
    gx_event_write(&out, GX_SPAN(ID), GX_SPAN("grant.created"), INT64_C(1795456800123), 10482, GX_SPAN("{\"a\":1}"));
    assert_string_equal(gx_buffer_text(&out), "{\"id\":\"" ID "\",\"type\":\"grant.created\","
                                              "\"timestamp\":\"2026-11-23T18:00:00.123Z\","
                                              "\"createdAt\":\"2026-11-23T18:00:00.123Z\","
                                              "\"seq\":10482,\"data\":{\"a\":1}}");
    gx_event event;
    assert_true(gx_event_scan(gx_buffer_span(&out), &event));
    assert_true(is(event.id, ID) && is(event.type, "grant.created") && is(event.data, "{\"a\":1}"));
    assert_true(is(event.timestamp, "2026-11-23T18:00:00.123Z"));
    assert_int_equal(event.seq, 10482);
    gx_buffer_free(&out);
}

static const struct {
    const char *json, *timestamp, *data;
    int64_t seq;
} readable[] = {
    {"{\"id\":\"I\",\"type\":\"T\"}", "", "{}", 0},
    {" {\"data\" : [ 1 ] , \"x\":{\"id\":\"no\"}, \"type\":\"T\", \"id\":\"I\"} ", "", "[ 1 ]", 0},
    {"{\"id\":\"I\",\"type\":\"T\",\"createdAt\":\"c\"}", "c", "{}", 0}, /* the hosted service */
    {"{\"createdAt\":\"c\",\"timestamp\":\"t\",\"id\":\"I\",\"type\":\"T\"}", "t", "{}", 0},
    {"{\"timestamp\":null,\"createdAt\":\"c\",\"id\":\"I\",\"type\":\"T\"}", "c", "{}", 0},
    {"{\"timestamp\":5,\"id\":\"I\",\"type\":\"T\"}", "", "{}", 0},
    {"{\"id\":\"no\",\"type\":\"no\",\"seq\":1,\"id\":\"I\",\"type\":\"T\",\"seq\":2}", "", "{}", 2},
    {"{\"id\":\"I\",\"type\":\"T\",\"seq\":9223372036854775807,\"data\":null}", "", "null", INT64_MAX},
    {"{\"id\":\"I\",\"type\":\"T\",\"seq\":9223372036854775808}", "", "{}", 0},
    {"{\"id\":\"I\",\"type\":\"T\",\"seq\":-1}", "", "{}", 0},
    {"{\"id\":\"I\",\"type\":\"T\",\"seq\":1.5}", "", "{}", 0},
    {"{\"id\":\"I\",\"type\":\"T\",\"seq\":\"7\"}", "", "{}", 0},
    {"{\"data\":{},\"seq\":3,\"createdAt\":\"c\",\"timestamp\":\"t\",\"type\":\"T\",\"id\":\"I\"}", "t", "{}", 3},
};

static void envelopes_are_read_in_any_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof readable / sizeof *readable; i++) {
        gx_event event;
        if (!gx_event_scan(gx_span_of(readable[i].json), &event))
            fail_msg("refused: %s", readable[i].json);
        if (!is(event.id, "I") || !is(event.type, "T") || !is(event.timestamp, readable[i].timestamp) ||
            !is(event.data, readable[i].data) || event.seq != readable[i].seq)
            fail_msg("misread: %s", readable[i].json);
    }
}

static void what_is_no_envelope_is_refused_and_nothing_written(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "[]",
        "{}",
        "null",
        "{\"id\":\"I\"}",
        "{\"type\":\"T\"}",
        "{\"id\":1,\"type\":\"T\"}",
        "{\"id\":\"I\",\"type\":null}",
        "{\"id\":\"I\",\"type\":\"T\",\"id\":{}}", /* the last one counts */
        "{\"id\":\"I\",\"type\":\"T\"",
        "{\"id\":\"I\",\"type\":\"T\"} x",
        "{\"id\":\"I\",\"type\":\"T\",\"data\":{\"a\":}}",
        "{\"id\":\"I\",\"type\":\"T\",\"data\":}",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gx_event event = {.seq = -5};
        if (gx_event_scan(gx_span_of(cases[i]), &event))
            fail_msg("taken: %s", cases[i]);
        assert_int_equal(event.seq, -5);
        assert_null(event.id.ptr);
    }
}

static void our_ids_are_told_from_others(void **state)
{
    (void)state;
    assert_true(gx_event_id_valid(GX_SPAN(ID)));
    assert_int_equal(strlen(ID) + 1, GX_EVENT_ID_SIZE);
    static const char *const bad[] = {"",
                                      "evt_",
                                      "01ARYZ6S410000000000000000",
                                      "EVT_01ARYZ6S410000000000000000",
                                      ID "0",
                                      "evt_01ARYZ6S41000000000000000U"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(gx_event_id_valid(gx_span_of(bad[i])));
}

static void every_type_has_a_name_that_finds_it(void **state)
{
    (void)state;
    for (unsigned i = 0; i < GX_EVENT_TYPE_COUNT; i++) {
        gx_event_type type = GX_EVENT_TYPE_COUNT;
        assert_true(gx_event_type_find(gx_span_of(gx_event_type_name((gx_event_type)i)), &type));
        assert_int_equal(type, i);
    }
    gx_event_type type = GX_EVENT_TOKEN_ISSUED;
    assert_false(gx_event_type_find(GX_SPAN("grant.create"), &type));
    assert_false(gx_event_type_find(GX_SPAN("grant.created "), &type));
    assert_false(gx_event_type_find(GX_SPAN(""), &type));
    assert_int_equal(type, GX_EVENT_TOKEN_ISSUED);
}

#define BIT(type) (1u << GX_EVENT_##type)
#define UNKNOWN   UINT32_MAX

static void filters_take_names_prefixes_and_all(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        gx_event_filter filter;
        const char *unknown;
    } cases[] = {
        {"", 0, ""},
        {" , ,\t", 0, ""},
        {"grant.created", BIT(GRANT_CREATED), ""},
        {" grant.revoked ,, token.issued,grant.revoked ", BIT(GRANT_REVOKED) | BIT(TOKEN_ISSUED), ""},
        {"grant.*", BIT(GRANT_CREATED) | BIT(GRANT_REVOKED), ""},
        {"budget.*,token.*", BIT(BUDGET_THRESHOLD) | BIT(BUDGET_EXHAUSTED) | BIT(TOKEN_ISSUED), ""},
        {"*", GX_EVENT_FILTER_ALL, ""},
        {"grant.created, grant.deleted ,nonsense", UNKNOWN, "grant.deleted"},
        {"Grant.created", UNKNOWN, "Grant.created"},
        {"grant*", UNKNOWN, "grant*"},
        {"grant", UNKNOWN, "grant"},
        {"agent.*", UNKNOWN, "agent.*"},
        {".*", UNKNOWN, ".*"},
        {"grant.c*", UNKNOWN, "grant.c*"},
        {"**", UNKNOWN, "**"},
        {"*.created", UNKNOWN, "*.created"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gx_event_filter filter = 0;
        gx_span unknown = {0};
        bool good = gx_event_filter_add(&filter, gx_span_of(cases[i].list), &unknown);
        if (good != (cases[i].filter != UNKNOWN) || filter != (good ? cases[i].filter : 0) ||
            !is(unknown, cases[i].unknown))
            fail_msg("\"%s\": %x, unknown \"%.*s\"", cases[i].list, filter, (int)unknown.len, unknown.ptr);
    }
}

static void lists_add_up(void **state)
{
    (void)state;
    gx_event_filter filter = BIT(TOKEN_ISSUED);
    gx_span unknown;
    assert_true(gx_event_filter_add(&filter, GX_SPAN("grant.created"), &unknown));
    assert_false(gx_event_filter_add(&filter, GX_SPAN("grant.revoked,x"), &unknown));
    assert_int_equal(filter, BIT(TOKEN_ISSUED) | BIT(GRANT_CREATED));
    assert_true(gx_event_filter_has(filter, GX_EVENT_TOKEN_ISSUED));
    assert_false(gx_event_filter_has(filter, GX_EVENT_GRANT_REVOKED));
}

static void the_known_types_are_listed_for_a_refusal(void **state)
{
    (void)state;
    gx_buffer out = GX_BUFFER_INIT(0);
    gx_event_type_list(&out);
    assert_string_equal(gx_buffer_text(&out),
                        "grant.created, grant.revoked, token.issued, budget.threshold, budget.exhausted");
    gx_buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_envelope_is_written_as_the_contract_has_it),
        cmocka_unit_test(envelopes_are_read_in_any_order),
        cmocka_unit_test(what_is_no_envelope_is_refused_and_nothing_written),
        cmocka_unit_test(our_ids_are_told_from_others),
        cmocka_unit_test(every_type_has_a_name_that_finds_it),
        cmocka_unit_test(filters_take_names_prefixes_and_all),
        cmocka_unit_test(lists_add_up),
        cmocka_unit_test(the_known_types_are_listed_for_a_refusal),
    };
    return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
