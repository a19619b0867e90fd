#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/failing_alloc.h"
#include "wire/ws_writer.h"

static void assert_bytes(gx_buffer *got, const char *want, size_t n)
{
    assert_false(got->failed);
    assert_int_equal(got->length, n);
    assert_memory_equal(got->data, want, n);
    gx_buffer_clear(got);
}

#define ASSERT_BYTES(got, literal) assert_bytes(got, literal, sizeof(literal) - 1)

static void frames_are_those_of_the_rfc(void **state) /* RFC 6455 section 5.7 */
{
    (void)state;
    gx_buffer out = GX_BUFFER_INIT(0);
    gx_ws_write(&out, GX_WS_OP_TEXT, GX_SPAN("Hello"));
    ASSERT_BYTES(&out, "\x81\x05Hello");
    gx_ws_write(&out, GX_WS_OP_PING, GX_SPAN("Hello"));
    ASSERT_BYTES(&out, "\x89\x05Hello");
    gx_ws_write(&out, GX_WS_OP_PONG, GX_SPAN(""));
    ASSERT_BYTES(&out, "\x8a\x00");
    gx_buffer_free(&out);
}

static void a_length_has_its_shortest_form(void **state)
{
    (void)state;
    static const struct {
        size_t length;
        const char *head;
        size_t head_size;
    } rows[] = {
        {125, "\x82\x7d", 2},
        {126, "\x82\x7e\x00\x7e", 4},
        {256, "\x82\x7e\x01\x00", 4},
        {65535, "\x82\x7e\xff\xff", 4},
        {65536, "\x82\x7f\0\0\0\0\0\1\0\0", 10},
    };
    static const char zeroes[65536];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gx_buffer out = GX_BUFFER_INIT(0);
        gx_ws_write(&out, GX_WS_OP_BINARY, (gx_span){zeroes, rows[i].length});
        assert_int_equal(out.length, rows[i].head_size + rows[i].length);
        assert_memory_equal(out.data, rows[i].head, rows[i].head_size);
        gx_buffer_free(&out);
    }
}

static void a_close_frame_has_a_code_and_as_much_of_the_reason_as_fits(void **state)
{
    (void)state;
    gx_buffer out = GX_BUFFER_INIT(0);
    gx_ws_write_close(&out, GX_WS_GOING_AWAY, GX_SPAN("bye"));
    ASSERT_BYTES(&out, "\x88\x05\x03\xe9"
                       "bye");
    gx_ws_write_close(&out, GX_WS_NO_CODE, GX_SPAN("not said"));
    ASSERT_BYTES(&out, "\x88\x00");

    char reason[124];
    memset(reason, 'r', sizeof reason);
    gx_ws_write_close(&out, GX_WS_POLICY, (gx_span){reason, 124});
    assert_int_equal(out.length, 2 + 125);
    gx_buffer_clear(&out);
    memcpy(reason + 122, "\xc3\xa9", 2); /* its second byte would be the 124th */
    gx_ws_write_close(&out, GX_WS_POLICY, (gx_span){reason, 124});
    assert_int_equal(out.length, 2 + 124);
    assert_int_equal(out.data[1], 124);
    gx_buffer_free(&out);
}

static void without_memory_the_buffer_says_so(void **state)
{
    (void)state;
    gx_buffer out = GX_BUFFER_INIT(0);
    gx_fail_allocation(1);
    gx_ws_write_close(&out, GX_WS_GOING_AWAY, GX_SPAN("bye"));
    gx_fail_allocation(0);
    assert_true(out.failed);
    gx_buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_those_of_the_rfc),
        cmocka_unit_test(a_length_has_its_shortest_form),
        cmocka_unit_test(a_close_frame_has_a_code_and_as_much_of_the_reason_as_fits),
        cmocka_unit_test(without_memory_the_buffer_says_so),
    };
    return cmocka_run_group_tests_name("ws_writer", tests, NULL, NULL);
}
