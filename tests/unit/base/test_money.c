#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/money.h"

#define UNTOUCHED INT64_C(-77)

static const struct {
    const char *text;
    gx_money_result as_string, as_json;
    int64_t amount;
} reading[] = {
    {"0", GX_MONEY_OK, GX_MONEY_OK, 0},
    {"-0", GX_MONEY_OK, GX_MONEY_OK, 0},
    {"0.0001", GX_MONEY_OK, GX_MONEY_OK, 1},
    {"-0.0001", GX_MONEY_OK, GX_MONEY_OK, -1},
    {"750", GX_MONEY_OK, GX_MONEY_OK, 7500000},
    {"0750.5", GX_MONEY_OK, GX_MONEY_OK, 7505000},
    {"1.50000000", GX_MONEY_OK, GX_MONEY_OK, 15000},
    {"0.00000", GX_MONEY_OK, GX_MONEY_OK, 0},
    {"99999999999999.9999", GX_MONEY_OK, GX_MONEY_OK, GX_MONEY_MAX},
    {"-99999999999999.9999", GX_MONEY_OK, GX_MONEY_OK, -GX_MONEY_MAX},
    {"00000000000000000000000001", GX_MONEY_OK, GX_MONEY_OK, 10000},
    {"10.0100", GX_MONEY_OK, GX_MONEY_OK, 100100},
    {"0.00001", GX_MONEY_TOO_PRECISE, GX_MONEY_TOO_PRECISE, 0},
    {"1.00005", GX_MONEY_TOO_PRECISE, GX_MONEY_TOO_PRECISE, 0},
    {"0.00000000000000000000000000000001", GX_MONEY_TOO_PRECISE, GX_MONEY_TOO_PRECISE, 0},
    {"100000000000000", GX_MONEY_OUT_OF_RANGE, GX_MONEY_OUT_OF_RANGE, 0},
    {"-100000000000000", GX_MONEY_OUT_OF_RANGE, GX_MONEY_OUT_OF_RANGE, 0},
    {"9223372036854775807", GX_MONEY_OUT_OF_RANGE, GX_MONEY_OUT_OF_RANGE, 0},
    {"123456789012345678901234567890", GX_MONEY_OUT_OF_RANGE, GX_MONEY_OUT_OF_RANGE, 0},
    {"1e3", GX_MONEY_INVALID, GX_MONEY_OK, 10000000},
    {"1E+3", GX_MONEY_INVALID, GX_MONEY_OK, 10000000},
    {"1.5e-1", GX_MONEY_INVALID, GX_MONEY_OK, 1500},
    {"1000e-5", GX_MONEY_INVALID, GX_MONEY_OK, 100},
    {"1e-4", GX_MONEY_INVALID, GX_MONEY_OK, 1},
    {"1e-5", GX_MONEY_INVALID, GX_MONEY_TOO_PRECISE, 0},
    {"0.5e-4", GX_MONEY_INVALID, GX_MONEY_TOO_PRECISE, 0},
    {"999999999999999999e-4", GX_MONEY_INVALID, GX_MONEY_OK, GX_MONEY_MAX},
    {"0.00000000000000000001e20", GX_MONEY_INVALID, GX_MONEY_OK, 10000},
    {"1e13", GX_MONEY_INVALID, GX_MONEY_OK, INT64_C(100000000000000000)},
    {"1e14", GX_MONEY_INVALID, GX_MONEY_OUT_OF_RANGE, 0},
    {"1e400", GX_MONEY_INVALID, GX_MONEY_OUT_OF_RANGE, 0},
    {"1e99999999999999999999999999", GX_MONEY_INVALID, GX_MONEY_OUT_OF_RANGE, 0},
    {"1e-99999999999999999999999999", GX_MONEY_INVALID, GX_MONEY_TOO_PRECISE, 0},
    {"0e99999999999999999999999999", GX_MONEY_INVALID, GX_MONEY_OK, 0},
    {"", GX_MONEY_INVALID, GX_MONEY_INVALID, 0},
    {"-", GX_MONEY_INVALID, GX_MONEY_INVALID, 0},
    {"+1", GX_MONEY_INVALID, GX_MONEY_INVALID, 0},
    {"--1", GX_MONEY_INVALID, GX_MONEY_INVALID, 0},
    {" 1", GX_MONEY_INVALID, GX_MONEY_INVALID, 0},
    {"1 ", GX_MONEY_INVALID, GX_MONEY_INVALID, 0},
    {"1.", GX_MONEY_INVALID, GX_MONEY_INVALID, 0},
    {".5", GX_MONEY_INVALID, GX_MONEY_INVALID, 0},
    {"1.2.3", GX_MONEY_INVALID, GX_MONEY_INVALID, 0},
    {"1,5", GX_MONEY_INVALID, GX_MONEY_INVALID, 0},
    {"0x10", GX_MONEY_INVALID, GX_MONEY_INVALID, 0},
    {"1e", GX_MONEY_INVALID, GX_MONEY_INVALID, 0},
    {"1e+", GX_MONEY_INVALID, GX_MONEY_INVALID, 0},
    {"1e-+1", GX_MONEY_INVALID, GX_MONEY_INVALID, 0},
    {"1e1.5", GX_MONEY_INVALID, GX_MONEY_INVALID, 0},
    {"e5", GX_MONEY_INVALID, GX_MONEY_INVALID, 0},
    {"NaN", GX_MONEY_INVALID, GX_MONEY_INVALID, 0},
    {"Infinity", GX_MONEY_INVALID, GX_MONEY_INVALID, 0},
    {"\xd9\xa1", GX_MONEY_INVALID, GX_MONEY_INVALID, 0},
};

static void check_reading(const char *text, bool json, gx_money_result expected, int64_t expected_amount)
{
    int64_t amount = UNTOUCHED;
    gx_money_result result = gx_money_read(gx_span_of(text), json, &amount);
    if (result != expected || amount != (expected == GX_MONEY_OK ? expected_amount : UNTOUCHED))
        fail_msg("\"%s\"%s: result %d, amount %lld", text, json ? " as JSON" : "", (int)result, (long long)amount);
}

static void amounts_are_read_exactly_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof reading / sizeof *reading; i++) {
        check_reading(reading[i].text, false, reading[i].as_string, reading[i].amount);
        check_reading(reading[i].text, true, reading[i].as_json, reading[i].amount);
    }
}

static void amounts_are_written_fixed_and_short(void **state)
{
    (void)state;
    static const struct {
        int64_t amount;
        const char *fixed, *brief;
    } cases[] = {
        {0, "0.0000", "0"},
        {1, "0.0001", "0.0001"},
        {-1, "-0.0001", "-0.0001"},
        {5000, "0.5000", "0.5"},
        {7500000, "750.0000", "750"},
        {1000000, "100.0000", "100"}, /* zeros before the point stay */
        {-100100, "-10.0100", "-10.01"},
        {GX_MONEY_MAX, "99999999999999.9999", "99999999999999.9999"},
        {INT64_MAX, "922337203685477.5807", "922337203685477.5807"},
        {INT64_MIN, "-922337203685477.5808", "-922337203685477.5808"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[GX_MONEY_SIZE];
        gx_money_write_fixed(text, cases[i].amount);
        assert_string_equal(text, cases[i].fixed);
        gx_money_write_short(text, cases[i].amount);
        assert_string_equal(text, cases[i].brief);
    }
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < 10000; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        int64_t amount = (int64_t)(seed >> (i % 60)) % GX_MONEY_MAX;
        char text[GX_MONEY_SIZE];
        gx_money_write_short(text, amount);
        check_reading(text, false, GX_MONEY_OK, amount);
        gx_money_write_fixed(text, amount);
        check_reading(text, true, GX_MONEY_OK, amount);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_are_read_exactly_or_refused),
        cmocka_unit_test(amounts_are_written_fixed_and_short),
        cmocka_unit_test(what_is_written_is_read_back),
    };
    return cmocka_run_group_tests_name("money", tests, NULL, NULL);
}
