/* Times, spans, sizes and numbers of a command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/forward.h"
#include "cli/moment.h"

#define NOON INT64_C(1772366400000) /* 2026-03-01T12:00:00Z */

static void moments_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms; /* -1: refused */
    } cases[] = {
        {"now", NOON},
        {"0s", NOON},
        {"90s", NOON - 90000},
        {"15m", NOON - 900000},
        {"+15m", NOON + 900000},
        {"2h", NOON - 7200000},
        {"+1d", NOON + 86400000},
        {"2026-03-01T12:00:00Z", NOON},
        {"2026-03-01t12:00:00z", NOON},
        {"2026-03-01T14:00:00+02:00", NOON},
        {"2026-03-01T07:30:00-04:30", NOON},
        {"2026-03-01T12:00:00.5Z", NOON + 500},
        {"2026-03-01T12:00:00.123456789Z", NOON + 123},
        {"2026-03-01T12:00:00.01Z", NOON + 10},
        {"1970-01-01T00:00:00Z", 0},
        {"", -1},
        {"+", -1},
        {"+now", -1},
        {"15", -1},
        {"15mm", -1},
        {"-15m", -1},
        {"15w", -1},
        {"9999999999s", -1},
        {"2026-03-01", -1},
        {"2026-03-01T12:00:00", -1},
        {"2026-03-01T12:00Z", -1},
        {"2026-13-01T12:00:00Z", -1},
        {"2026-00-01T12:00:00Z", -1},
        {"2026-03-32T12:00:00Z", -1},
        {"2026-03-01T24:00:00Z", -1},
        {"2026-03-01T12:60:00Z", -1},
        {"2026-03-01T12:00:00+25:00", -1},
        {"2026-03-01T12:00:00+0200", -1},
        {"2026-03-01T12:00:00Zx", -1},
        {"26-03-01T12:00:00Z", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ms = -1;
        bool ok = cli_moment_read(cases[i].text, NOON, &ms);
        if (ok != (cases[i].ms >= 0) || ms != cases[i].ms)
            fail_msg("%s: %d %lld", cases[i].text, ok, (long long)ms);
    }
}

static void what_was_read_is_written_as_the_time_that_it_is(void **state)
{
    (void)state;
    static const struct {
        const char *text, *written;
    } cases[] = {
        {"now", "2026-03-01T12:00:00.000Z"},
        {"+1h", "2026-03-01T13:00:00.000Z"},
        {"90s", "2026-03-01T11:58:30.000Z"},
        {"2026-03-01T12:00:00.5+02:00", "2026-03-01T10:00:00.500Z"},
        {"1969-12-31T23:59:59.25Z", "1969-12-31T23:59:59.250Z"},
        {"0031-01-02T03:04:05Z", "0031-01-02T03:04:05.000Z"},
        {"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"},
        {"9999-12-31T23:59:59-01:00", NULL},
        {"0000-01-01T00:00:00+01:00", NULL},
        {"+999999999d", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ms, again;
        char text[CLI_SINCE_SIZE] = "";
        assert_true(cli_moment_read(cases[i].text, NOON, &ms));
        assert_int_equal(cli_moment_write(ms, text), cases[i].written != NULL);
        if (!cases[i].written)
            continue;
        assert_string_equal(text, cases[i].written);
        assert_true(cli_rfc3339_read(text, &again));
        assert_int_equal(again, ms);
    }
}

static void sizes_are_powers_of_1024(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t size; /* -1: refused */
    } cases[] = {
        {"1", 1},
        {"500", 500},
        {"64K", 65536},
        {"10M", 10485760},
        {"2G", INT64_C(2147483648)},
        {"1048576G", INT64_C(1) << 50},
        {"1048577G", -1},
        {"0", -1},
        {"0K", -1},
        {"", -1},
        {"K", -1},
        {"1k", -1},
        {"1KB", -1},
        {"1.5M", -1},
        {"-1", -1},
        {" 1", -1},
        {"99999999999999999999999", -1},
        {"1T", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t size = -1;
        bool ok = cli_size_read(cases[i].text, &size);
        if (ok != (cases[i].size >= 0) || size != cases[i].size)
            fail_msg("%s: %d %lld", cases[i].text, ok, (long long)size);
    }
}

static void numbers_keep_their_limits(void **state)
{
    (void)state;
    int64_t number = -1;
    assert_true(cli_number_read("1", 1, 5, &number) && number == 1);
    assert_true(cli_number_read("005", 1, 5, &number) && number == 5);
    static const char *const wrong[] = {"0", "6", "", "x", "1x", "+1", "-1", " 1", "1 ", "1.0", "9999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(cli_number_read(wrong[i], 1, 5, &number));
    assert_int_equal(number, 5);
}

static void spans_are_short(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        const char *text;
    } cases[] = {
        {0, "0 s"},
        {87, "87 s"},
        {99, "99 s"},
        {100, "1 m 40 s"},
        {599, "9 m 59 s"},
        {600, "10 min"},
        {3599, "59 min"},
        {3600, "1 h 00 m"},
        {9180, "2 h 33 m"},
        {172799, "47 h 59 m"},
        {172800, "2 days"},
        {315359999, "3649 days"},
        {315360000, "10 years"},
        {INT64_C(3153600000), "100 years"},
    };
    char out[CLI_SPAN_SIZE];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(cli_span_write(cases[i].seconds, out), cases[i].text);
}

static void delays_double_within_limits_and_obey_the_receiver(void **state)
{
    (void)state;
    assert_int_equal(cli_forward_delay_ms(1, 0, 0), 200);
    assert_int_equal(cli_forward_delay_ms(1, 0, UINT32_MAX), 1200);
    assert_int_equal(cli_forward_delay_ms(2, 0, UINT32_MAX), 2200);
    assert_int_equal(cli_forward_delay_ms(6, 0, UINT32_MAX), 32200);
    assert_int_equal(cli_forward_delay_ms(7, 0, UINT32_MAX), 60200);
    assert_int_equal(cli_forward_delay_ms(2000000000, 0, UINT32_MAX), 60200);
    assert_int_equal(cli_forward_delay_ms(1, 5, UINT32_MAX), 5000);
    assert_int_equal(cli_forward_delay_ms(1, 1, UINT32_MAX), 1200);
    assert_int_equal(cli_forward_delay_ms(1, 1000000, 0), 600000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_read),         cmocka_unit_test(what_was_read_is_written_as_the_time_that_it_is),
        cmocka_unit_test(sizes_are_powers_of_1024), cmocka_unit_test(numbers_keep_their_limits),
        cmocka_unit_test(spans_are_short),          cmocka_unit_test(delays_double_within_limits_and_obey_the_receiver),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
