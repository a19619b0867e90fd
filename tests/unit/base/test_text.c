#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/encoding.h"
#include "base/utf8.h"

static void base64url_follows_the_vectors_of_rfc_4648(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *text;
    } cases[] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xbf", "-_-_"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[16];
        uint8_t bytes[16];
        size_t n = strlen(cases[i].bytes), decoded = sizeof bytes;
        gx_base64url_write(text, (const uint8_t *)cases[i].bytes, n);
        assert_string_equal(text, cases[i].text);
        assert_int_equal(strlen(text), GX_BASE64URL_LENGTH(n));
        assert_true(gx_base64url_read(gx_span_of(text), bytes, &decoded));
        assert_int_equal(decoded, n);
        assert_memory_equal(bytes, cases[i].bytes, n);
    }
}

static void base64url_refuses_what_no_writer_wrote(void **state)
{
    (void)state;
    static const char *const cases[] = {"Z", "Zm9vY", "Zg==", "Zm+v", "Zm/v", "Zm 9", "Zh", "Zm9", "Z\xc3\xa9g"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t bytes[16];
        size_t n = sizeof bytes;
        if (gx_base64url_read(gx_span_of(cases[i]), bytes, &n))
            fail_msg("\"%s\"", cases[i]);
    }
}

static void base64url_keeps_within_the_capacity(void **state)
{
    (void)state;
    uint8_t bytes[4] = {0, 0, 0, 0xaa};
    size_t n = 2;
    assert_false(gx_base64url_read(GX_SPAN("Zm9v"), bytes, &n));
    n = 3;
    assert_true(gx_base64url_read(GX_SPAN("Zm9v"), bytes, &n));
    assert_int_equal(bytes[3], 0xaa);
}

static void percent_escapes_are_decoded_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool plus_is_space;
        const char *want; /* NULL: refused */
    } cases[] = {
        {"", false, ""},
        {"abc", false, "abc"},
        {"a%20b", false, "a b"},
        {"a+b", false, "a+b"},
        {"a+b", true, "a b"},
        {"%2B", true, "+"},
        {"%e2%82%AC", false, "\xe2\x82\xac"},
        {"%", false, NULL},
        {"%4", false, NULL},
        {"a%4", false, NULL},
        {"%4g", false, NULL},
        {"%g4", false, NULL},
        {"%-1", false, NULL},
        {"%%41", false, NULL},
        {"%41%", false, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[32];
        size_t n = 0;
        bool ok = gx_percent_read(gx_span_of(cases[i].text), cases[i].plus_is_space, out, &n);
        if (ok != (cases[i].want != NULL))
            fail_msg("%s", cases[i].text);
        if (ok)
            assert_true(gx_span_equal((gx_span){out, n}, gx_span_of(cases[i].want)));
    }
}

static void hex_is_lower_case(void **state)
{
    (void)state;
    char text[7];
    gx_hex_write(text, (const uint8_t[]){0x00, 0x9a, 0xff}, 3);
    assert_string_equal(text, "009aff");
}

/* What the text is after repair; the same text where it was valid. */
static const struct {
    const char *text, *repaired;
} utf8_cases[] = {
    {"", ""},
    {"plain ASCII of more than eight bytes", "plain ASCII of more than eight bytes"},
    {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
    {"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf", "\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"},
    {"\xe2\x82", "?"},   /* broken off: one */
    {"\xe2\x82x", "?x"}, /* the byte behind it survives */
    {"\xc0\xaf", "??"},  /* overlong: each byte */
    {"\xe0\x80\xaf", "???"},
    {"\xf0\x80\x80\xaf", "????"},
    {"\xed\xa0\x80", "???"},      /* a surrogate */
    {"\xf4\x90\x80\x80", "????"}, /* beyond U+10FFFF */
    {"\xf5\x80", "??"},
    {"\x80\xbf", "??"}, /* continuations alone */
    {"\xf0\x9f\x98", "?"},
    {"\xf0\x9f\x98\xf0\x9f\x98\x80", "?\xf0\x9f\x98\x80"},
    {"\xf1\x80\x80\xe1\x80\xc2\x41", "???A"}, /* the example of Unicode, table 3-8 */
    {"12345678\xff", "12345678?"},
};

/* The table writes '?' for U+FFFD. */
static void expand(gx_buffer *out, const char *text)
{
    for (; *text; text++)
        gx_buffer_append_text(out, *text == '?' ? GX_UTF8_REPLACEMENT : (char[]){*text, '\0'});
}

static void utf8_is_valid_or_repaired_by_maximal_subparts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof utf8_cases / sizeof *utf8_cases; i++) {
        gx_span text = gx_span_of(utf8_cases[i].text);
        gx_buffer repaired = GX_BUFFER_INIT(0), expected = GX_BUFFER_INIT(0);
        expand(&expected, utf8_cases[i].repaired);
        gx_utf8_append_repaired(&repaired, text);
        if (!gx_span_equal(gx_buffer_span(&repaired), gx_buffer_span(&expected)))
            fail_msg("case %zu gives \"%s\"", i, gx_buffer_text(&repaired));
        assert_int_equal(gx_utf8_repaired_length(text), expected.length);
        assert_true(gx_utf8_valid(gx_buffer_span(&repaired)));
        assert_int_equal(gx_utf8_valid(text), gx_span_equal(text, gx_buffer_span(&repaired)));
        gx_buffer_free(&repaired);
        gx_buffer_free(&expected);
    }
}

static void plain_text_is_copied_up_to_the_first_byte_that_is_not(void **state)
{
    static const char stops[] = {'\0', '\n', '\r', '\t', 0x1f, (char)0x80, (char)0xc3, (char)0xff};
    (void)state;
    for (size_t length = 0; length < 40; length++)
        for (size_t at = 0; at <= length; at++)
            for (size_t i = 0; i < sizeof stops; i++) {
                char *text = malloc(length + 1), *out = malloc(length + 1); /* ASan sees a byte too far */
                memset(text, i % 2 ? '~' : ' ', length);
                if (at < length)
                    text[at] = stops[i];
                out[length] = 'x';
                assert_int_equal(gx_utf8_copy_plain(out, (gx_span){text, length}), at);
                assert_memory_equal(out, text, at);
                assert_int_equal(out[length], 'x');
                free(text);
                free(out);
            }
}

static void utf8_length_counts_code_points(void **state)
{
    (void)state;
    assert_int_equal(gx_utf8_length(GX_SPAN("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80")), 4);
    assert_int_equal(gx_utf8_length(GX_SPAN("")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64url_follows_the_vectors_of_rfc_4648),
        cmocka_unit_test(base64url_refuses_what_no_writer_wrote),
        cmocka_unit_test(base64url_keeps_within_the_capacity),
        cmocka_unit_test(percent_escapes_are_decoded_or_refused),
        cmocka_unit_test(hex_is_lower_case),
        cmocka_unit_test(utf8_is_valid_or_repaired_by_maximal_subparts),
        cmocka_unit_test(plain_text_is_copied_up_to_the_first_byte_that_is_not),
        cmocka_unit_test(utf8_length_counts_code_points),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
