#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/span.h"

static void equality_compares_bytes_and_lengths(void **state)
{
    (void)state;
    assert_true(gx_span_equal(GX_SPAN("a\0b"), GX_SPAN("a\0b")));
    assert_false(gx_span_equal(GX_SPAN("a\0b"), GX_SPAN("a\0c")));
    assert_false(gx_span_equal(GX_SPAN("ab"), GX_SPAN("abc")));
    assert_true(gx_span_equal((gx_span){0}, GX_SPAN("")));
    assert_true(gx_span_equal(gx_span_of(NULL), gx_span_of("")));
}

static void case_is_ignored_in_ascii_only(void **state)
{
    (void)state;
    assert_true(gx_span_equal_nocase(GX_SPAN("Content-TYPE"), GX_SPAN("content-type")));
    assert_false(gx_span_equal_nocase(GX_SPAN("content_type"), GX_SPAN("content-type")));
    assert_false(gx_span_equal_nocase(GX_SPAN("@"), GX_SPAN("`"))); /* neighbours of A and a */
    assert_false(gx_span_equal_nocase(GX_SPAN("["), GX_SPAN("{")));
    assert_false(gx_span_equal_nocase(GX_SPAN("\xc4"), GX_SPAN("\xe4")));
}

static void a_prefix_is_no_longer_than_the_text(void **state)
{
    (void)state;
    assert_true(gx_span_starts_with(GX_SPAN("grant.created"), GX_SPAN("grant.")));
    assert_true(gx_span_starts_with(GX_SPAN("x"), GX_SPAN("")));
    assert_false(gx_span_starts_with(GX_SPAN("gran"), GX_SPAN("grant.")));
}

static void trim_takes_spaces_and_tabs_at_the_ends(void **state)
{
    (void)state;
    assert_true(gx_span_equal(gx_span_trim(GX_SPAN(" \t a b\t ")), GX_SPAN("a b")));
    assert_int_equal(gx_span_trim(GX_SPAN(" \t ")).len, 0);
    assert_true(gx_span_equal(gx_span_trim(GX_SPAN("\na\r")), GX_SPAN("\na\r")));
}

static void split_gives_empty_pieces_between_separators(void **state)
{
    (void)state;
    static const struct {
        const char *text, *pieces; /* each piece in brackets */
    } cases[] = {{"a,,b", "[a][][b]"}, {"", ""}, {"a", "[a]"}, {"a,", "[a]"}, {",a", "[][a]"}, {",", "[]"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char pieces[32] = "";
        gx_span rest = gx_span_of(cases[i].text), piece;
        while (gx_span_split(&rest, ',', &piece))
            snprintf(pieces + strlen(pieces), sizeof pieces - strlen(pieces), "[%.*s]", (int)piece.len, piece.ptr);
        assert_string_equal(pieces, cases[i].pieces);
    }
}

static void numbers_are_digits_only_and_do_not_overflow(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
        unsigned long long value;
    } cases[] = {
        {"0", true, 0},
        {"007", true, 7},
        {"18446744073709551615", true, UINT64_MAX},
        {"000000000000000000000000000001", true, 1},
        {"18446744073709551616", false, 0},
        {"18446744073709551620", false, 0},
        {"99999999999999999999999", false, 0},
        {"", false, 0},
        {"-1", false, 0},
        {"+1", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"0x1", false, 0},
        {"\xd9\xa1", false, 0}, /* an Arabic digit */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned long long value = 42;
        if (gx_span_to_uint(gx_span_of(cases[i].text), &value) != cases[i].good)
            fail_msg("\"%s\"", cases[i].text);
        assert_true(value == (cases[i].good ? cases[i].value : 42));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equality_compares_bytes_and_lengths),
        cmocka_unit_test(case_is_ignored_in_ascii_only),
        cmocka_unit_test(a_prefix_is_no_longer_than_the_text),
        cmocka_unit_test(trim_takes_spaces_and_tabs_at_the_ends),
        cmocka_unit_test(split_gives_empty_pieces_between_separators),
        cmocka_unit_test(numbers_are_digits_only_and_do_not_overflow),
    };
    return cmocka_run_group_tests_name("span", tests, NULL, NULL);
}
