/* The chunked coding, read back: whole, byte by byte, at every split. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/http_chunk.h"

/* Reads it in pieces of `first` and then `later` bytes; gives where it stands then. */
static gx_chunk_state run(gx_span coded, size_t first, size_t later, gx_buffer *body)
{
    gx_chunk_reader reader = {0};
    gx_buffer_clear(body);
    for (size_t n = first; coded.len > 0 && reader.state < GX_CHUNK_ENDED; n = later) {
        gx_span bytes = {coded.ptr, n < coded.len ? n : coded.len}, piece;
        coded = (gx_span){coded.ptr + bytes.len, coded.len - bytes.len};
        while ((piece = gx_chunk_read(&reader, &bytes)).len > 0)
            gx_buffer_append_span(body, piece);
        assert_true(bytes.len == 0 || reader.state >= GX_CHUNK_ENDED);
    }
    return reader.state;
}

static void check(gx_span coded, gx_chunk_state state, const char *expected)
{
    gx_buffer body = {0};
    for (size_t split = 1; split <= coded.len; split++) {
        assert_int_equal(run(coded, split, SIZE_MAX, &body), state);
        assert_string_equal(gx_buffer_text(&body), expected);
    }
    assert_int_equal(run(coded, 1, 1, &body), state);
    assert_string_equal(gx_buffer_text(&body), expected);
    gx_buffer_free(&body);
}

static void what_was_written_is_read(void **state)
{
    (void)state;
    gx_buffer coded = {0};
    gx_chunk_write(&coded, GX_SPAN("a chunk of 27 bytes of text"));
    gx_chunk_write(&coded, GX_SPAN("\r\n0\r\n\r\n"));
    check(gx_buffer_span(&coded), GX_CHUNK_SIZE, "a chunk of 27 bytes of text\r\n0\r\n\r\n");
    gx_buffer_append_text(&coded, GX_CHUNK_LAST);
    check(gx_buffer_span(&coded), GX_CHUNK_ENDED, "a chunk of 27 bytes of text\r\n0\r\n\r\n");
    gx_buffer_free(&coded);
}

static void extensions_trailers_and_lone_line_feeds_are_passed_over(void **state)
{
    (void)state;
    check(GX_SPAN("3;name=value\r\nabc\r\n0;x\r\nDate: now\r\nX: y\r\n\r\n"), GX_CHUNK_ENDED, "abc");
    check(GX_SPAN("0003\nabc\nA \r\n0123456789\r\n0\n\n"), GX_CHUNK_ENDED, "abc0123456789");
    check(GX_SPAN("1a\r\nabcdefghijklmnopqrstuvwxyz\r\n"), GX_CHUNK_SIZE, "abcdefghijklmnopqrstuvwxyz");
}

static void a_body_that_breaks_off_has_not_ended(void **state)
{
    (void)state;
    check(GX_SPAN("5\r\nab"), GX_CHUNK_DATA, "ab");
    check(GX_SPAN("2\r\nab"), GX_CHUNK_DATA_END, "ab");
    check(GX_SPAN("2\r\nab\r\n0\r\n"), GX_CHUNK_TRAILER, "ab");
}

static void what_stands_behind_the_end_is_not_read(void **state)
{
    (void)state;
    gx_chunk_reader reader = {0};
    gx_span bytes = GX_SPAN("0\r\n\r\nHTTP/1.1 200 OK\r\n");
    assert_int_equal(gx_chunk_read(&reader, &bytes).len, 0);
    assert_int_equal(reader.state, GX_CHUNK_ENDED);
    assert_memory_equal(bytes.ptr, "HTTP", 4);
}

static void what_is_no_chunk_is_told(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "\r\n",     "\n",        "x\r\n",        "3x\r\n", "-1\r\n", " 3\r\n", ";\r\n", "10000000000000000\r\n",
        "1\r\nabc", "1\r\na\rb", "1\r\na\r\r\n",
    };
    gx_buffer body = {0};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        assert_int_equal(run(gx_span_of(broken[i]), SIZE_MAX, SIZE_MAX, &body), GX_CHUNK_BROKEN);
        assert_int_equal(run(gx_span_of(broken[i]), 1, 1, &body), GX_CHUNK_BROKEN);
    }
    check(GX_SPAN("fffffffffffffff\r\nab"), GX_CHUNK_DATA, "ab"); /* large, but a number */
    gx_buffer_free(&body);
}

static void a_line_has_a_limit(void **state)
{
    (void)state;
    static const char *const starts[] = {"1;", "0\r\nX: ", "0000"};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        gx_chunk_reader reader = {0};
        gx_span bytes = gx_span_of(starts[i]);
        gx_chunk_read(&reader, &bytes);
        for (size_t n = 0; n < GX_CHUNK_MOST_LINE + 1; n++) {
            bytes = GX_SPAN("0");
            gx_chunk_read(&reader, &bytes);
        }
        assert_int_equal(reader.state, GX_CHUNK_BROKEN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(extensions_trailers_and_lone_line_feeds_are_passed_over),
        cmocka_unit_test(a_body_that_breaks_off_has_not_ended),
        cmocka_unit_test(what_stands_behind_the_end_is_not_read),
        cmocka_unit_test(what_is_no_chunk_is_told),
        cmocka_unit_test(a_line_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
