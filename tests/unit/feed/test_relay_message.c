/* Events between machines: what was written is read back, and nothing else is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "feed/relay_message.h"

#define DEVELOPER "dev_01ARZ3NDEKTSV4RRFFQ69G5FAV"
#define ID        "evt_01ARZ3NDEKTSV4RRFFQ69G5FA0"

static const gx_logged_event EVENTS[] = {
    {.developer_id = DEVELOPER,
     .seq = 1,
     .id = {ID, 30},
     .type = GX_EVENT_GRANT_CREATED,
     .type_name = {"grant.created", 13},
     .timestamp_ms = 1764000000123,
     .data = {"{\"a\":[1,{}]}", 12}},
    {.developer_id = DEVELOPER,
     .seq = 9007199254740993,
     .id = {ID, 30},
     .type = GX_EVENT_OTHER,
     .type_name = {"grant.renamed", 13},
     .timestamp_ms = 0,
     .data = {"{}", 2}},
};
enum { COUNT = sizeof EVENTS / sizeof *EVENTS };

static void assert_same(const gx_logged_event *found, const gx_logged_event *expected)
{
    assert_string_equal(found->developer_id, expected->developer_id);
    assert_true(found->seq == expected->seq && found->timestamp_ms == expected->timestamp_ms);
    assert_int_equal(found->type, expected->type);
    assert_true(gx_span_equal(found->id, expected->id) && gx_span_equal(found->data, expected->data));
    assert_true(gx_span_equal(found->type_name, expected->type_name));
}

static gx_buffer written(void)
{
    gx_buffer message = GX_BUFFER_INIT(GX_RELAY_MOST_BYTES);
    for (size_t i = 0; i < COUNT; i++)
        gx_relay_message_add(&message, &EVENTS[i]);
    assert_false(message.failed);
    return message;
}

static void what_was_written_is_read_back(void **state)
{
    (void)state;
    gx_buffer message = written();
    gx_span rest = gx_buffer_span(&message);
    gx_logged_event event;
    bool bad;
    for (size_t i = 0; i < COUNT; i++) {
        assert_true(gx_relay_message_next(&rest, DEVELOPER, &event, &bad));
        assert_same(&event, &EVENTS[i]);
    }
    assert_false(gx_relay_message_next(&rest, DEVELOPER, &event, &bad));
    assert_false(bad);
    gx_buffer_free(&message);
}

static void a_message_that_is_cut_anywhere_holds_the_events_before_the_cut_and_no_other(void **state)
{
    (void)state;
    gx_buffer message = written();
    for (size_t cut = 0; cut < message.length; cut++) {
        gx_span rest = {message.data, cut};
        gx_logged_event event;
        bool bad;
        size_t count = 0;
        while (gx_relay_message_next(&rest, DEVELOPER, &event, &bad))
            assert_same(&event, &EVENTS[count++]);
        const char *first_end = memchr(message.data, '\n', message.length);
        size_t whole = (size_t)(first_end - message.data);
        assert_int_equal(count, cut >= message.length - 1 ? 2 : cut >= whole ? 1 : 0);
    }
    gx_buffer_free(&message);
}

static void what_is_no_event_is_bad(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "x",
        "{}",
        "[]",
        "{\"id\":\"evt_x\",\"type\":\"a\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"seq\":1,\"data\":{}}",
        "{\"id\":\"" ID "\",\"type\":\"a\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"data\":{}}",
        "{\"id\":\"" ID "\",\"type\":\"a\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"seq\":0,\"data\":{}}",
        "{\"id\":\"" ID "\",\"type\":\"a\",\"timestamp\":\"yesterday\",\"seq\":1,\"data\":{}}",
        "{\"id\":\"" ID "\",\"type\":\"a\",\"seq\":1,\"data\":{}}",
        "{\"id\":\"" ID "\",\"type\":\"a\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"seq\":1,\"data\":[]}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        gx_span rest = gx_span_of(texts[i]);
        gx_logged_event event;
        bool bad = false;
        assert_false(gx_relay_message_next(&rest, DEVELOPER, &event, &bad));
        assert_true(bad);
    }
}

static void a_subject_names_a_developer_of_ours_or_nobody(void **state)
{
    (void)state;
    char subject[GX_RELAY_SUBJECT_SIZE], developer[GX_RELAY_DEVELOPER_SIZE];
    assert_true(gx_relay_subject_of(subject, DEVELOPER));
    assert_string_equal(subject, "grantex.events.v1." DEVELOPER);
    assert_true(gx_relay_subject_read(developer, subject));
    assert_string_equal(developer, DEVELOPER);
    static const char *const others[] = {"",
                                         "grantex.events.v1.",
                                         "grantex.events.v1.dev_",
                                         "grantex.events.v1.*",
                                         "grantex.events.v2." DEVELOPER,
                                         "grantex.events.v1." DEVELOPER "0",
                                         "grantex.events.v1.ag_01ARZ3NDEKTSV4RRFFQ69G5FAV"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(gx_relay_subject_read(developer, others[i]));
    assert_false(gx_relay_subject_of(subject, "dev_x y"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read_back),
        cmocka_unit_test(a_message_that_is_cut_anywhere_holds_the_events_before_the_cut_and_no_other),
        cmocka_unit_test(what_is_no_event_is_bad),
        cmocka_unit_test(a_subject_names_a_developer_of_ours_or_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
