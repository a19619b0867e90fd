#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/ulid.h"

#define NOW INT64_C(1795456800123)

static void a_new_ulid_is_valid_and_tells_its_time(void **state)
{
    (void)state;
    static const int64_t times[] = {0, 1, NOW, (INT64_C(1) << 48) - 1};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        char ulid[GX_ULID_LENGTH + 1], other[GX_ULID_LENGTH + 1];
        assert_true(gx_ulid_new(ulid, times[i]));
        assert_true(gx_ulid_new(other, times[i]));
        assert_true(gx_ulid_valid(gx_span_of(ulid)));
        assert_int_equal(gx_ulid_ms(ulid), times[i]);
        assert_string_not_equal(ulid, other);
    }
}

static void the_time_part_is_that_of_the_ulid_specification(void **state)
{
    (void)state;
    char ulid[GX_ULID_LENGTH + 1];
    assert_true(gx_ulid_new(ulid, INT64_C(1469918176385)));
    assert_memory_equal(ulid, "01ARYZ6S41", 10);
}

static void times_out_of_range_are_clamped(void **state)
{
    (void)state;
    char ulid[GX_ULID_LENGTH + 1];
    assert_true(gx_ulid_new(ulid, -1));
    assert_int_equal(gx_ulid_ms(ulid), 0);
    assert_true(gx_ulid_new(ulid, INT64_MAX));
    assert_int_equal(gx_ulid_ms(ulid), (INT64_C(1) << 48) - 1);
}

static void next_is_fresh_when_the_clock_moved_on(void **state)
{
    (void)state;
    char ulid[GX_ULID_LENGTH + 1];
    assert_true(gx_ulid_next(ulid, "", NOW));
    assert_int_equal(gx_ulid_ms(ulid), NOW);
    assert_true(gx_ulid_next(ulid, ulid, NOW + 5));
    assert_int_equal(gx_ulid_ms(ulid), NOW + 5);
}

static void next_is_one_more_when_the_clock_went_back(void **state)
{
    (void)state;
    static const struct {
        const char *previous, *next;
    } cases[] = {
        {"7000000000000000000000000A", "7000000000000000000000000B"},
        {"7000000000000000000000000H", "7000000000000000000000000J"}, /* no I in this alphabet */
        {"7000000000000000000000000Z", "70000000000000000000000010"},
        {"7000000000ZZZZZZZZZZZZZZZZ", "70000000010000000000000000"}, /* the random part is used up */
        {"6ZZZZZZZZZZZZZZZZZZZZZZZZZ", "70000000000000000000000000"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char ulid[GX_ULID_LENGTH + 1];
        assert_true(gx_ulid_next(ulid, cases[i].previous, NOW));
        assert_string_equal(ulid, cases[i].next);
    }
}

static void nothing_comes_after_the_last_ulid(void **state)
{
    (void)state;
    char ulid[GX_ULID_LENGTH + 1] = "untouched";
    assert_false(gx_ulid_next(ulid, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ", NOW));
    assert_string_equal(ulid, "untouched");
}

static void next_always_grows(void **state)
{
    (void)state;
    char previous[GX_ULID_LENGTH + 1] = "", next[GX_ULID_LENGTH + 1];
    for (int i = 0; i < 20000; i++) {
        int64_t ms = NOW + (i % 7) - (i % 100 == 0 ? 1000 : 0); /* a clock that jumps */
        assert_true(gx_ulid_next(next, previous, ms));
        assert_true(gx_ulid_valid(gx_span_of(next)));
        assert_true(strcmp(next, previous) > 0);
        memcpy(previous, next, sizeof next);
    }
}

static void malformed_ulids_are_seen(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "01ARYZ6S410000000000000000Z", /* too long */
        "01ARYZ6S41000000000000000",   /* too short */
        "81ARYZ6S410000000000000000",  /* beyond 128 bits */
        "01aryz6s410000000000000000",  /* lower case */
        "01ARYZ6S41000000000000000I",
        "01ARYZ6S41000000000000000L",
        "01ARYZ6S41000000000000000O",
        "01ARYZ6S41000000000000000U",
        "01ARYZ6S41-000000000000000",
        "\xc3\x84RYZ6S4100000000000000000",
    };
    assert_true(gx_ulid_valid(GX_SPAN("01ARYZ6S410000000000000000")));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (gx_ulid_valid(gx_span_of(bad[i])))
            fail_msg("\"%s\"", bad[i]);
    assert_false(gx_ulid_valid(GX_SPAN("01ARYZ6S41000000000000000\0")));
}

static void an_id_is_a_prefix_and_a_ulid(void **state)
{
    (void)state;
    char id[GX_ID_SIZE];
    assert_true(gx_id_new(id, "grnt_", NOW));
    assert_true(gx_span_starts_with(gx_span_of(id), GX_SPAN("grnt_")));
    assert_true(gx_ulid_valid(gx_span_of(id + 5)));
    assert_false(gx_id_new(id, "longer", NOW));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_ulid_is_valid_and_tells_its_time),
        cmocka_unit_test(the_time_part_is_that_of_the_ulid_specification),
        cmocka_unit_test(times_out_of_range_are_clamped),
        cmocka_unit_test(next_is_fresh_when_the_clock_moved_on),
        cmocka_unit_test(next_is_one_more_when_the_clock_went_back),
        cmocka_unit_test(nothing_comes_after_the_last_ulid),
        cmocka_unit_test(next_always_grows),
        cmocka_unit_test(malformed_ulids_are_seen),
        cmocka_unit_test(an_id_is_a_prefix_and_a_ulid),
    };
    return cmocka_run_group_tests_name("ulid", tests, NULL, NULL);
}
