#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <time.h>

#include "base/timestamp.h"

#define UNTOUCHED INT64_C(-77)

static const struct {
    const char *text;
    gx_timestamp_result result;
    const char *written; /* what the instant is in UTC */
} cases[] = {
    {"2026-11-23T18:00:00.123Z", GX_TIMESTAMP_OK, "2026-11-23T18:00:00.123Z"},
    {"2026-11-23t18:00:00z", GX_TIMESTAMP_OK, "2026-11-23T18:00:00.000Z"},
    {"2026-11-23 18:00:00Z", GX_TIMESTAMP_OK, "2026-11-23T18:00:00.000Z"},
    {"1970-01-01T00:00:00Z", GX_TIMESTAMP_OK, "1970-01-01T00:00:00.000Z"},
    {"1969-12-31T23:59:59.999Z", GX_TIMESTAMP_OK, "1969-12-31T23:59:59.999Z"},
    {"0001-01-01T00:00:00Z", GX_TIMESTAMP_OK, "0001-01-01T00:00:00.000Z"},
    {"9999-12-31T23:59:59.999Z", GX_TIMESTAMP_OK, "9999-12-31T23:59:59.999Z"},
    {"0000-02-29T00:00:00Z", GX_TIMESTAMP_OK, "0001-01-01T00:00:00.000Z"}, /* written clamped */
    {"9999-12-31T23:59:59.9991Z", GX_TIMESTAMP_OK, "9999-12-31T23:59:59.999Z"},
    /* leap years */
    {"2024-02-29T12:00:00Z", GX_TIMESTAMP_OK, "2024-02-29T12:00:00.000Z"},
    {"2000-02-29T12:00:00Z", GX_TIMESTAMP_OK, "2000-02-29T12:00:00.000Z"},
    {"2026-02-29T12:00:00Z", GX_TIMESTAMP_INVALID, ""},
    {"1900-02-29T12:00:00Z", GX_TIMESTAMP_INVALID, ""},
    {"2100-02-29T12:00:00Z", GX_TIMESTAMP_INVALID, ""},
    {"2024-02-30T12:00:00Z", GX_TIMESTAMP_INVALID, ""},
    {"2026-04-31T12:00:00Z", GX_TIMESTAMP_INVALID, ""},
    {"2026-12-31T12:00:00Z", GX_TIMESTAMP_OK, "2026-12-31T12:00:00.000Z"},
    /* offsets */
    {"2026-11-23T18:00:00+05:30", GX_TIMESTAMP_OK, "2026-11-23T12:30:00.000Z"},
    {"2026-11-23T18:00:00 05:30", GX_TIMESTAMP_OK, "2026-11-23T12:30:00.000Z"},
    {"2026-11-23T18:00:00-05:30", GX_TIMESTAMP_OK, "2026-11-23T23:30:00.000Z"},
    {"2026-01-01T00:00:00+00:01", GX_TIMESTAMP_OK, "2025-12-31T23:59:00.000Z"},
    {"2024-02-29T23:59:00-00:01", GX_TIMESTAMP_OK, "2024-03-01T00:00:00.000Z"},
    {"2026-11-23T18:00:00-00:00", GX_TIMESTAMP_OK, "2026-11-23T18:00:00.000Z"},
    {"2026-11-23T18:00:00+23:59", GX_TIMESTAMP_OK, "2026-11-22T18:01:00.000Z"},
    {"2026-11-23T18:00:00+24:00", GX_TIMESTAMP_INVALID, ""},
    {"2026-11-23T18:00:00+05:60", GX_TIMESTAMP_INVALID, ""},
    {"2026-11-23T18:00:00+0530", GX_TIMESTAMP_INVALID, ""},
    {"2026-11-23T18:00:00+05", GX_TIMESTAMP_INVALID, ""},
    {"2026-11-23T18:00:00+", GX_TIMESTAMP_INVALID, ""},
    {"2026-11-23T18:00:00*05:30", GX_TIMESTAMP_INVALID, ""},
    {"2026-11-23T18:00:00Z+05:30", GX_TIMESTAMP_INVALID, ""},
    /* fractions, rounded up */
    {"2026-11-23T18:00:00.1Z", GX_TIMESTAMP_OK, "2026-11-23T18:00:00.100Z"},
    {"2026-11-23T18:00:00.123000000Z", GX_TIMESTAMP_OK, "2026-11-23T18:00:00.123Z"},
    {"2026-11-23T18:00:00.123000001Z", GX_TIMESTAMP_OK, "2026-11-23T18:00:00.124Z"},
    {"2026-11-23T18:00:00.0001Z", GX_TIMESTAMP_OK, "2026-11-23T18:00:00.001Z"},
    {"2026-12-31T23:59:59.9999Z", GX_TIMESTAMP_OK, "2027-01-01T00:00:00.000Z"},
    {"1969-12-31T23:59:59.0001Z", GX_TIMESTAMP_OK, "1969-12-31T23:59:59.001Z"},
    {"2026-11-23T18:00:00.1234567890Z", GX_TIMESTAMP_INVALID, ""},
    {"2026-11-23T18:00:00.Z", GX_TIMESTAMP_INVALID, ""},
    {"2026-11-23T18:00:00,5Z", GX_TIMESTAMP_INVALID, ""},
    /* the leap second */
    {"2016-12-31T23:59:60Z", GX_TIMESTAMP_OK, "2017-01-01T00:00:00.000Z"},
    {"2016-12-31T23:59:60.5Z", GX_TIMESTAMP_OK, "2017-01-01T00:00:00.500Z"},
    {"2016-12-31T23:59:61Z", GX_TIMESTAMP_INVALID, ""},
    /* a local time */
    {"2026-11-23T18:00:00", GX_TIMESTAMP_NO_OFFSET, ""},
    {"2026-11-23T18:00:00.5", GX_TIMESTAMP_NO_OFFSET, ""},
    /* no date-time */
    {"", GX_TIMESTAMP_INVALID, ""},
    {"now", GX_TIMESTAMP_INVALID, ""},
    {"2026-11-23", GX_TIMESTAMP_INVALID, ""},
    {"2026-11-23T18:00Z", GX_TIMESTAMP_INVALID, ""},
    {"2026-11-23T24:00:00Z", GX_TIMESTAMP_INVALID, ""},
    {"2026-11-23T18:60:00Z", GX_TIMESTAMP_INVALID, ""},
    {"2026-13-01T00:00:00Z", GX_TIMESTAMP_INVALID, ""},
    {"2026-00-01T00:00:00Z", GX_TIMESTAMP_INVALID, ""},
    {"2026-01-00T00:00:00Z", GX_TIMESTAMP_INVALID, ""},
    {"2026-1-01T00:00:00Z", GX_TIMESTAMP_INVALID, ""},
    {"26-01-01T00:00:00Z", GX_TIMESTAMP_INVALID, ""},
    {"-2026-01-01T00:00:00Z", GX_TIMESTAMP_INVALID, ""},
    {"20260101T000000Z", GX_TIMESTAMP_INVALID, ""},
    {"2026-01-01T00:00:00Z ", GX_TIMESTAMP_INVALID, ""},
    {" 2026-01-01T00:00:00Z", GX_TIMESTAMP_INVALID, ""},
    {"1790000000", GX_TIMESTAMP_INVALID, ""},
};

static void date_times_are_read_by_rfc_3339(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t ms = UNTOUCHED;
        char written[GX_TIMESTAMP_SIZE] = "";
        gx_timestamp_result result = gx_timestamp_read(gx_span_of(cases[i].text), &ms);
        if (result == GX_TIMESTAMP_OK)
            gx_timestamp_write(written, ms);
        else
            assert_int_equal(ms, UNTOUCHED);
        if (result != cases[i].result || strcmp(written, cases[i].written) != 0)
            fail_msg("\"%s\": result %d, %s", cases[i].text, (int)result, written);
    }
}

static void a_nul_is_no_separator(void **state)
{
    (void)state;
    int64_t ms;
    assert_int_equal(gx_timestamp_read(GX_SPAN("2026-01-01\00000:00:00Z"), &ms), GX_TIMESTAMP_INVALID);
    assert_int_equal(gx_timestamp_read(GX_SPAN("2026-01-01T00:00:00Z\0"), &ms), GX_TIMESTAMP_INVALID);
}

static void every_shorter_beginning_is_refused(void **state)
{
    (void)state;
    const char text[] = "2026-11-23T18:00:00.123+05:30";
    for (size_t length = 0; length < sizeof text - 1; length++) {
        int64_t ms = UNTOUCHED;
        assert_int_not_equal(gx_timestamp_read((gx_span){text, length}, &ms), GX_TIMESTAMP_OK);
        assert_int_equal(ms, UNTOUCHED);
    }
}

static void writing_is_clamped_to_four_digit_years(void **state)
{
    (void)state;
    char text[GX_TIMESTAMP_SIZE];
    gx_timestamp_write(text, INT64_MIN);
    assert_string_equal(text, "0001-01-01T00:00:00.000Z");
    gx_timestamp_write(text, INT64_MAX);
    assert_string_equal(text, "9999-12-31T23:59:59.999Z");
}

/* Every 11 days and a bit over all years: the C library knows the calendar too. */
static void dates_agree_with_the_c_library(void **state)
{
    (void)state;
    for (int64_t ms = INT64_C(-62135596800000); ms < INT64_C(253402300799999); ms += INT64_C(976543211)) {
        time_t seconds = (time_t)((ms - ((ms % 1000) + 1000) % 1000) / 1000);
        struct tm utc;
        gmtime_r(&seconds, &utc);
        char expected[64], text[GX_TIMESTAMP_SIZE];
        snprintf(expected, sizeof expected, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900, utc.tm_mon + 1,
                 utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, (int)(ms - (int64_t)seconds * 1000));
        gx_timestamp_write(text, ms);
        assert_string_equal(text, expected);
        int64_t back;
        assert_int_equal(gx_timestamp_read(gx_span_of(text), &back), GX_TIMESTAMP_OK);
        assert_int_equal(back, ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(date_times_are_read_by_rfc_3339),    cmocka_unit_test(a_nul_is_no_separator),
        cmocka_unit_test(every_shorter_beginning_is_refused), cmocka_unit_test(writing_is_clamped_to_four_digit_years),
        cmocka_unit_test(dates_agree_with_the_c_library),
    };
    return cmocka_run_group_tests_name("timestamp", tests, NULL, NULL);
}
