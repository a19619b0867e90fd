#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "feed/frame.h"
#include "support/failing_alloc.h"

#define ID "evt_01ARZ3NDEKTSV4RRFFQ69G5FAV"
#define JSON                                                                                                           \
    "{\"id\":\"" ID "\",\"type\":\"grant.created\",\"timestamp\":\"2026-11-23T18:00:00.123Z\","                        \
    "\"createdAt\":\"2026-11-23T18:00:00.123Z\",\"seq\":7,\"data\":{\"grantId\":\"g\"}}"
#define PLAIN "id: " ID "\ndata: " JSON "\n\n"
#define NAMED "id: " ID "\nevent: grant.created\ndata: " JSON "\n\n"

static gx_logged_event an_event(void)
{
    return (gx_logged_event){
        .developer_id = "dev_a",
        .seq = 7,
        .id = GX_SPAN(ID),
        .type = GX_EVENT_GRANT_CREATED,
        .type_name = GX_SPAN("grant.created"),
        .timestamp_ms = INT64_C(1795456800123),
        .data = GX_SPAN("{\"grantId\":\"g\"}"),
    };
}

static void assert_bytes(gx_span got, const char *want)
{
    assert_int_equal(got.len, strlen(want));
    assert_memory_equal(got.ptr, want, got.len);
}

static void every_framing_has_the_bytes_of_the_contract(void **state)
{
    (void)state;
    char chunk[1024], named_chunk[1024];
    snprintf(chunk, sizeof chunk, "%zx\r\n%s\r\n", strlen(PLAIN), PLAIN);
    snprintf(named_chunk, sizeof named_chunk, "%zx\r\n%s\r\n", strlen(NAMED), NAMED);
    gx_logged_event event = an_event();
    gx_frame *frame = gx_frame_new(&event);
    assert_bytes(gx_frame_bytes(frame, GX_FRAMING_PLAIN), PLAIN);
    assert_bytes(gx_frame_bytes(frame, GX_FRAMING_PLAIN_NAMED), NAMED);
    assert_bytes(gx_frame_bytes(frame, GX_FRAMING_CHUNKED), chunk);
    assert_bytes(gx_frame_bytes(frame, GX_FRAMING_CHUNKED_NAMED), named_chunk);
    gx_span text = gx_frame_bytes(frame, GX_FRAMING_WEBSOCKET);
    assert_int_equal(text.len, 4 + strlen(JSON));
    assert_memory_equal(text.ptr, "\x81\x7e\x00", 3);
    assert_int_equal((unsigned char)text.ptr[3], strlen(JSON));
    assert_memory_equal(text.ptr + 4, JSON, strlen(JSON));
    gx_frame_drop(frame);
}

static void a_frame_keeps_its_position_and_its_developer(void **state)
{
    (void)state;
    gx_logged_event event = an_event();
    gx_frame *frame = gx_frame_new(&event);
    assert_int_equal(gx_frame_position(frame)->seq, 7);
    assert_string_equal(gx_frame_position(frame)->id, ID);
    assert_int_equal(gx_frame_position(frame)->timestamp_ms, event.timestamp_ms);
    assert_int_equal(gx_frame_type(frame), GX_EVENT_GRANT_CREATED);
    assert_string_equal(gx_frame_developer(frame), "dev_a");
    gx_frame_drop(frame);
}

static void what_is_encoded_once_is_lent_again(void **state)
{
    (void)state;
    gx_logged_event event = an_event();
    gx_frame *frame = gx_frame_new(&event);
    for (int framing = 0; framing < GX_FRAMING_COUNT; framing++)
        gx_frame_bytes(frame, (gx_framing)framing);
    long before = gx_allocation_count();
    for (int framing = 0; framing < GX_FRAMING_COUNT; framing++)
        assert_true(gx_frame_bytes(frame, (gx_framing)framing).len > 0);
    assert_int_equal(gx_allocation_count(), before);
    gx_frame_drop(frame);
}

static void any_allocation_that_fails_gives_no_frame_or_no_bytes(void **state)
{
    (void)state;
    bool failed = true;
    for (long n = 1; failed; n++) {
        gx_logged_event event = an_event();
        gx_fail_allocation(n);
        gx_frame *frame = gx_frame_new(&event);
        gx_span named = frame ? gx_frame_bytes(frame, GX_FRAMING_PLAIN_NAMED) : (gx_span){NULL, 0};
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_int_equal(failed, named.len == 0);
        if (frame) {
            assert_bytes(gx_frame_bytes(frame, GX_FRAMING_PLAIN), PLAIN);
            assert_bytes(gx_frame_bytes(frame, GX_FRAMING_PLAIN_NAMED), NAMED); /* the next try has the memory */
            gx_frame_drop(frame);
        }
    }
}

static void *use_frame(void *context)
{
    gx_frame *frame = context;
    gx_span named = gx_frame_bytes(frame, GX_FRAMING_PLAIN_NAMED);
    bool right = named.len == strlen(NAMED) && memcmp(named.ptr, NAMED, named.len) == 0;
    gx_frame_drop(frame);
    return right ? context : NULL;
}

static void threads_that_ask_for_the_named_form_together_get_the_same(void **state)
{
    (void)state;
    enum { THREADS = 4, ROUNDS = 50 };
    for (int round = 0; round < ROUNDS; round++) {
        gx_logged_event event = an_event();
        gx_frame *frame = gx_frame_new(&event);
        pthread_t threads[THREADS];
        for (int i = 0; i < THREADS; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, use_frame, gx_frame_hold(frame)), 0);
        gx_frame_drop(frame);
        for (int i = 0; i < THREADS; i++) {
            void *result;
            pthread_join(threads[i], &result);
            assert_non_null(result);
        }
    }
}

static void closing_is_a_control_frame_and_the_clean_end(void **state)
{
    (void)state;
    gx_buffer plain = GX_BUFFER_INIT(0), chunked = GX_BUFFER_INIT(0), websocket = GX_BUFFER_INIT(0);
    gx_framing_closing(&plain, GX_FRAMING_PLAIN, "shutdown", 1000);
    assert_bytes(gx_buffer_span(&plain),
                 "event: stream.closing\ndata:{\"reason\":\"shutdown\",\"reconnectAfterMs\":1000}\n\n");
    gx_framing_closing(&chunked, GX_FRAMING_CHUNKED, "shutdown", 1000);
    char want[256];
    snprintf(want, sizeof want, "%zx\r\n%.*s\r\n0\r\n\r\n", plain.length, (int)plain.length, plain.data);
    assert_bytes(gx_buffer_span(&chunked), want);
    gx_framing_closing(&websocket, GX_FRAMING_WEBSOCKET, "shutdown", 1000);
    assert_bytes(gx_buffer_span(&websocket),
                 "\x81\x4e{\"type\":\"stream.closing\",\"data\":{\"reason\":\"shutdown\",\"reconnectAfterMs\":1000}}"
                 "\x88\x0a\x03\xe9shutdown");
    gx_buffer_free(&websocket);
    gx_buffer_free(&plain);
    gx_buffer_free(&chunked);
}

static void the_small_frames_are_as_the_contract_has_them(void **state)
{
    (void)state;
    gx_buffer out = GX_BUFFER_INIT(0);
    gx_framing_opening(&out, GX_FRAMING_PLAIN, 2000);
    gx_framing_heartbeat(&out, GX_FRAMING_CHUNKED);
    gx_framing_cursor(&out, GX_FRAMING_PLAIN_NAMED, GX_SPAN(ID));
    assert_bytes(gx_buffer_span(&out), "retry: 2000\n: connected\n\n6\r\n: hb\n\n\r\nid: " ID "\n\n");
    gx_buffer_clear(&out);
    gx_framing_opening(&out, GX_FRAMING_WEBSOCKET, 2000);
    gx_framing_cursor(&out, GX_FRAMING_WEBSOCKET, GX_SPAN(ID));
    gx_framing_heartbeat(&out, GX_FRAMING_WEBSOCKET);
    assert_int_equal(out.length, 2);
    assert_memory_equal(out.data, "\x89\x00", 2);
    gx_buffer_free(&out);
}

static void a_framing_that_finds_no_memory_says_so(void **state)
{
    (void)state;
    static const gx_framing framings[] = {GX_FRAMING_CHUNKED, GX_FRAMING_WEBSOCKET};
    for (size_t i = 0; i < sizeof framings / sizeof *framings; i++) {
        bool failed = true;
        for (long n = 1; failed; n++) {
            gx_buffer out = GX_BUFFER_INIT(0);
            gx_fail_allocation(n);
            gx_framing_closing(&out, framings[i], "shutdown", 1000);
            failed = gx_allocation_failed();
            gx_fail_allocation(0);
            assert_int_equal(out.failed, failed);
            gx_buffer_free(&out);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_framing_has_the_bytes_of_the_contract),
        cmocka_unit_test(a_frame_keeps_its_position_and_its_developer),
        cmocka_unit_test(what_is_encoded_once_is_lent_again),
        cmocka_unit_test(any_allocation_that_fails_gives_no_frame_or_no_bytes),
        cmocka_unit_test(threads_that_ask_for_the_named_form_together_get_the_same),
        cmocka_unit_test(closing_is_a_control_frame_and_the_clean_end),
        cmocka_unit_test(the_small_frames_are_as_the_contract_has_them),
        cmocka_unit_test(a_framing_that_finds_no_memory_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
