/* The schedule, timers: what needs neither a thread nor a socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hooks/schedule.h"
#include "hooks/timers.h"
#include "support/failing_alloc.h"

/* --- the schedule --- */

static void five_attempts_are_made_by_default(void **state)
{
    (void)state;
    static const int64_t DELAYS[] = {30000, 60000, 120000, 240000};
    gx_schedule schedule = gx_schedule_default();
    int64_t delay = -1;
    assert_int_equal(gx_schedule_attempts(&schedule), 5);
    for (int attempts = 1; attempts <= 4; attempts++) {
        assert_true(gx_schedule_after(&schedule, attempts, &delay));
        assert_int_equal(delay, DELAYS[attempts - 1]);
    }
    assert_false(gx_schedule_after(&schedule, 5, &delay));
    assert_int_equal(delay, 240000);
}

static void a_schedule_is_read_whole_or_not_at_all(void **state)
{
    (void)state;
    static const char *const BAD[] = {"",
                                      ",",
                                      "0",
                                      "x",
                                      "1,,2",
                                      "-1",
                                      "1 ",
                                      "1.5",
                                      "86400001",
                                      "1,2,3,x",
                                      "99999999999999999999",
                                      "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1"};
    gx_schedule schedule = {.count = 7};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        if (gx_schedule_read(gx_span_of(BAD[i]), &schedule))
            fail_msg("\"%s\" was taken", BAD[i]);
        assert_int_equal(schedule.count, 7);
    }
    assert_true(gx_schedule_read(GX_SPAN("20,86400000"), &schedule));
    assert_int_equal(schedule.count, 2);
    assert_int_equal(schedule.delay_ms[0], 20);
    assert_int_equal(schedule.delay_ms[1], 86400000);
}

/* --- timers --- */

enum { TIMERS = 200 };

static void timers_come_in_the_order_of_their_times(void **state)
{
    (void)state;
    gx_timers timers = {0};
    gx_timer all[TIMERS] = {0};
    assert_true(gx_timers_reserve(&timers, TIMERS));
    for (int i = 0; i < TIMERS; i++)
        gx_timer_set(&timers, &all[i], i * 7919 % 1009);
    for (int i = 0; i < TIMERS; i += 3)
        gx_timer_set(&timers, &all[i], i * 104729 % 1013); /* anew, earlier or later */
    for (int i = 0; i < TIMERS; i += 5)
        gx_timer_clear(&timers, &all[i]);

    assert_null(gx_timers_take(&timers, -1));
    int64_t last = -1;
    int taken = 0;
    for (gx_timer *timer; (timer = gx_timers_take(&timers, 2000)) != NULL; taken++) {
        assert_int_equal((timer - all) % 5 != 0, 1);
        assert_true(timer->at >= last);
        last = timer->at;
    }
    assert_int_equal(taken, TIMERS - TIMERS / 5);
    assert_true(gx_timers_next(&timers) == INT64_MAX);
    gx_timers_free(&timers);
}

static void room_for_timers_that_cannot_be_had_is_an_answer(void **state)
{
    (void)state;
    gx_timers timers = {0};
    gx_fail_allocation(1);
    assert_false(gx_timers_reserve(&timers, 1));
    gx_fail_allocation(0);
    assert_true(gx_timers_reserve(&timers, 1));
    gx_timers_free(&timers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_attempts_are_made_by_default),
        cmocka_unit_test(a_schedule_is_read_whole_or_not_at_all),
        cmocka_unit_test(timers_come_in_the_order_of_their_times),
        cmocka_unit_test(room_for_timers_that_cannot_be_had_is_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
