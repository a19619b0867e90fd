#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/failing_alloc.h"
#include "wire/ws_parser.h"

#define MOST 1000

/* --- what a client sends --- */

static void say_raw(gx_buffer *out, unsigned first, const char *length, size_t length_size, gx_span payload)
{
    static const char mask[] = "\x37\xfa\x21\x3d";
    gx_buffer_append_char(out, (char)first);
    gx_buffer_append(out, length, length_size);
    gx_buffer_append(out, mask, 4);
    for (size_t i = 0; i < payload.len; i++)
        gx_buffer_append_char(out, (char)(payload.ptr[i] ^ mask[i % 4]));
}

static void say(gx_buffer *out, unsigned first, gx_span payload)
{
    char small[] = {(char)(0x80 | payload.len)};
    char large[] = {(char)(0x80 | 126), (char)(payload.len >> 8), (char)(payload.len & 0xff)};
    if (payload.len < 126)
        say_raw(out, first, small, 1, payload);
    else
        say_raw(out, first, large, 3, payload);
}

/* --- what the parser makes of it --- */

static void append_message(gx_buffer *out, const gx_ws_message *message)
{
    static const char *const names[] = {"text", "binary", "ping", "pong", "close", "broken"};
    gx_buffer_append_text(out, names[message->found]);
    if (message->found >= GX_WS_CLOSE)
        gx_buffer_printf(out, " %u", message->code);
    gx_buffer_append_char(out, '|');
    gx_buffer_append_span(out, message->payload);
    gx_buffer_append_char(out, '\n');
}

/* From a block that ends with them, so that a sanitizer sees a read beyond. */
static void feed(gx_ws_parser *parser, gx_span bytes, gx_buffer *transcript)
{
    char *block = malloc(bytes.len + 1);
    assert_non_null(block);
    memcpy(block + 1, bytes.ptr, bytes.len);
    gx_span rest = {block + 1, bytes.len};
    gx_ws_message message;
    while (gx_ws_parser_next(parser, &rest, &message))
        append_message(transcript, &message);
    assert_int_equal(rest.len, 0);
    free(block);
}

/* In two pieces: 0 … cut, and the rest; or in pieces of one byte each. */
static void parse(gx_span bytes, size_t cut, bool singly, gx_buffer *transcript)
{
    gx_ws_parser parser;
    gx_ws_parser_init(&parser, MOST);
    for (size_t i = 0; singly && i < bytes.len; i++)
        feed(&parser, (gx_span){bytes.ptr + i, 1}, transcript);
    if (!singly) {
        feed(&parser, (gx_span){bytes.ptr, cut}, transcript);
        feed(&parser, (gx_span){bytes.ptr + cut, bytes.len - cut}, transcript);
    }
    gx_ws_parser_free(&parser);
}

static void assert_transcript(gx_buffer *transcript, const char *want)
{
    assert_string_equal(gx_buffer_text(transcript), want);
    gx_buffer_clear(transcript);
}

static void assert_parsed(gx_buffer *bytes, const char *want)
{
    gx_buffer transcript = GX_BUFFER_INIT(0);
    for (size_t cut = 0; cut <= bytes->length; cut++) {
        parse(gx_buffer_span(bytes), cut, false, &transcript);
        assert_transcript(&transcript, want);
    }
    parse(gx_buffer_span(bytes), 0, true, &transcript);
    assert_transcript(&transcript, want);
    gx_buffer_free(&transcript);
    gx_buffer_free(bytes);
}

/* --- the tests --- */

static void the_masked_frame_of_the_rfc_is_read(void **state) /* RFC 6455 section 5.7 */
{
    (void)state;
    gx_buffer bytes = GX_BUFFER_INIT(0);
    gx_buffer_append(&bytes, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11);
    assert_parsed(&bytes, "text|Hello\n");
}

static void messages_come_in_fragments_with_control_frames_between_them(void **state)
{
    (void)state;
    gx_buffer bytes = GX_BUFFER_INIT(0);
    say(&bytes, 0x01, GX_SPAN("Hel"));
    say(&bytes, 0x89, GX_SPAN("are you there"));
    say(&bytes, 0x00, GX_SPAN(""));
    say(&bytes, 0x8a, GX_SPAN(""));
    say(&bytes, 0x80, GX_SPAN("lo"));
    say(&bytes, 0x82, GX_SPAN("\xff"));
    say(&bytes, 0x81, GX_SPAN(""));
    say(&bytes, 0x01, GX_SPAN("\xc3")); /* a character may be cut in two by fragments */
    say(&bytes, 0x80, GX_SPAN("\xa9"));
    assert_parsed(&bytes, "ping|are you there\npong|\ntext|Hello\nbinary|\xff\ntext|\ntext|\xc3\xa9\n");
}

static void a_close_frame_is_the_last_that_is_read(void **state)
{
    (void)state;
    gx_buffer bytes = GX_BUFFER_INIT(0);
    say(&bytes, 0x88,
        GX_SPAN("\x03\xe8"
                "done"));
    say(&bytes, 0x81, GX_SPAN("too late"));
    assert_parsed(&bytes, "close 1000|done\n");
    say(&bytes, 0x88, GX_SPAN(""));
    gx_buffer_append_text(&bytes, "noise");
    assert_parsed(&bytes, "close 1005|\n");
    say(&bytes, 0x88, GX_SPAN("\x0f\xa0"));
    assert_parsed(&bytes, "close 4000|\n");
}

static void what_breaks_the_protocol_is_said_with_its_code(void **state)
{
    (void)state;
    static const struct {
        unsigned first;
        const char *length; /* as sent */
        size_t length_size;
        const char *payload;
        size_t payload_length;
        const char *want;
    } rows[] = {
        {0xc1, "\x80", 1, "", 0, "broken 1002|a reserved bit is set\n"},
        {0x91, "\x80", 1, "", 0, "broken 1002|a reserved bit is set\n"},
        {0x83, "\x80", 1, "", 0, "broken 1002|unknown opcode\n"},
        {0x8b, "\x80", 1, "", 0, "broken 1002|unknown opcode\n"},
        {0x81, "\x00", 1, "", 0, "broken 1002|a client's frame must be masked\n"},
        {0x81, "\x05", 1, "", 0, "broken 1002|a client's frame must be masked\n"},
        {0x09, "\x80", 1, "", 0, "broken 1002|a control frame must not be fragmented\n"},
        {0x89, "\xfe\x00\x7e", 3, "", 0, "broken 1002|a control frame has at most 125 bytes\n"},
        {0x80, "\x80", 1, "", 0, "broken 1002|there is no message to continue\n"},
        {0x81, "\xfe\x00\x7d", 3, "", 0, "broken 1002|the length is not in its shortest form\n"},
        {0x81, "\xff\0\0\0\0\0\0\xff\xff", 9, "", 0, "broken 1002|the length is not in its shortest form\n"},
        {0x81, "\xff\x80\0\0\0\0\1\0\0", 9, "", 0, "broken 1002|the length is not in its shortest form\n"},
        {0x81, "\xff\0\0\0\0\0\1\0\0", 9, "", 0, "broken 1009|the message is too big\n"},
        {0x81, "\xff\x7f\xff\xff\xff\xff\xff\xff\xff", 9, "", 0, "broken 1009|the message is too big\n"},
        {0x81, "\xfe\x03\xe9", 3, "", 0, "broken 1009|the message is too big\n"},
        {0x81, "\x81", 1, "\xff", 1, "broken 1007|the text is not UTF-8\n"},
        {0x88, "\x81", 1, "\x03", 1, "broken 1002|the close code is not valid\n"},
        {0x88, "\x82", 1, "\x03\xe7", 2, "broken 1002|the close code is not valid\n"}, /* 999 */
        {0x88, "\x82", 1, "\x03\xed", 2, "broken 1002|the close code is not valid\n"}, /* 1005 */
        {0x88, "\x82", 1, "\x13\x88", 2, "broken 1002|the close code is not valid\n"}, /* 5000 */
        {0x88, "\x83", 1, "\x03\xe8\xff", 3, "broken 1007|the reason is not UTF-8\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gx_buffer bytes = GX_BUFFER_INIT(0);
        say_raw(&bytes, rows[i].first, rows[i].length, rows[i].length_size,
                (gx_span){rows[i].payload, rows[i].payload_length});
        say(&bytes, 0x81, GX_SPAN("never read"));
        assert_parsed(&bytes, rows[i].want);
    }
}

static void a_message_begins_when_the_one_before_has_ended(void **state)
{
    (void)state;
    gx_buffer bytes = GX_BUFFER_INIT(0);
    say(&bytes, 0x01, GX_SPAN("a"));
    say(&bytes, 0x81, GX_SPAN("b"));
    assert_parsed(&bytes, "broken 1002|the message before is not finished\n");
}

static void fragments_count_together_for_the_limit(void **state)
{
    (void)state;
    char half[500];
    memset(half, 'h', sizeof half);
    gx_buffer bytes = GX_BUFFER_INIT(0), want = GX_BUFFER_INIT(0);
    say(&bytes, 0x01, (gx_span){half, sizeof half});
    say(&bytes, 0x80, (gx_span){half, sizeof half}); /* exactly as much as there may be */
    say(&bytes, 0x01, (gx_span){half, sizeof half});
    say(&bytes, 0x00, (gx_span){half, sizeof half});
    say(&bytes, 0x80, GX_SPAN("x"));
    gx_buffer_append_text(&want, "text|");
    gx_buffer_append(&want, half, sizeof half);
    gx_buffer_append(&want, half, sizeof half);
    gx_buffer_append_text(&want, "\nbroken 1009|the message is too big\n");
    assert_parsed(&bytes, gx_buffer_text(&want));
    gx_buffer_free(&want);
}

static void any_allocation_may_fail_and_is_told(void **state)
{
    (void)state;
    gx_buffer bytes = GX_BUFFER_INIT(0), transcript = GX_BUFFER_INIT(0);
    say(&bytes, 0x01, GX_SPAN("one"));
    say(&bytes, 0x89, GX_SPAN("ping"));
    say(&bytes, 0x80, GX_SPAN("two"));
    gx_buffer_reserve(&transcript, 1000);
    bool failed = true;
    for (long n = 1; failed; n++) {
        gx_ws_parser parser;
        gx_ws_parser_init(&parser, MOST);
        gx_span rest = gx_buffer_span(&bytes);
        gx_ws_message message;
        gx_fail_allocation(n);
        while (gx_ws_parser_next(&parser, &rest, &message))
            append_message(&transcript, &message);
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        gx_ws_parser_free(&parser);
        if (failed)
            assert_non_null(strstr(gx_buffer_text(&transcript), "broken 1011|out of memory\n"));
        else
            assert_string_equal(gx_buffer_text(&transcript), "ping|ping\ntext|onetwo\n");
        gx_buffer_clear(&transcript);
    }
    gx_buffer_free(&bytes);
    gx_buffer_free(&transcript);
}

static void between_messages_nothing_is_kept(void **state)
{
    (void)state;
    gx_buffer bytes = GX_BUFFER_INIT(0), transcript = GX_BUFFER_INIT(0);
    gx_ws_parser parser;
    gx_ws_parser_init(&parser, MOST);
    say(&bytes, 0x81, GX_SPAN("text"));
    say(&bytes, 0x89, GX_SPAN("ping"));
    feed(&parser, gx_buffer_span(&bytes), &transcript);
    assert_null(parser.message.data);
    assert_null(parser.control.data);
    gx_buffer_free(&bytes);
    gx_buffer_free(&transcript);
    gx_ws_parser_free(&parser);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_masked_frame_of_the_rfc_is_read),
        cmocka_unit_test(messages_come_in_fragments_with_control_frames_between_them),
        cmocka_unit_test(a_close_frame_is_the_last_that_is_read),
        cmocka_unit_test(what_breaks_the_protocol_is_said_with_its_code),
        cmocka_unit_test(a_message_begins_when_the_one_before_has_ended),
        cmocka_unit_test(fragments_count_together_for_the_limit),
        cmocka_unit_test(any_allocation_may_fail_and_is_told),
        cmocka_unit_test(between_messages_nothing_is_kept),
    };
    return cmocka_run_group_tests_name("ws_parser", tests, NULL, NULL);
}
