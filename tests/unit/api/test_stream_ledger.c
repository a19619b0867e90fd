/* How many streams a developer may have open. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "api/stream_ledger.h"
#include "support/failing_alloc.h"

static void the_limit_is_per_developer_and_a_place_given_back_is_free_again(void **state)
{
    (void)state;
    gx_stream_ledger *ledger = gx_stream_ledger_new(2, SIZE_MAX);
    assert_int_equal(gx_stream_ledger_admit(ledger, "dev_a"), GX_ADMITTED);
    assert_int_equal(gx_stream_ledger_admit(ledger, "dev_a"), GX_ADMITTED);
    assert_int_equal(gx_stream_ledger_admit(ledger, "dev_a"), GX_TOO_MANY_OF_DEVELOPER);
    assert_int_equal(gx_stream_ledger_admit(ledger, "dev_b"), GX_ADMITTED);
    gx_stream_ledger_leave(ledger, "dev_a");
    assert_int_equal(gx_stream_ledger_count(ledger, "dev_a"), 1);
    assert_int_equal(gx_stream_ledger_admit(ledger, "dev_a"), GX_ADMITTED);
    gx_stream_ledger_free(ledger);
}

static void many_developers_are_counted_apart(void **state)
{
    (void)state;
    gx_stream_ledger *ledger = gx_stream_ledger_new(1, SIZE_MAX);
    char id[32];
    for (int i = 0; i < 5000; i++) {
        snprintf(id, sizeof id, "dev_%d", i);
        assert_int_equal(gx_stream_ledger_admit(ledger, id), GX_ADMITTED);
        assert_int_equal(gx_stream_ledger_admit(ledger, id), GX_TOO_MANY_OF_DEVELOPER);
    }
    for (int i = 0; i < 5000; i += 2) {
        snprintf(id, sizeof id, "dev_%d", i);
        gx_stream_ledger_leave(ledger, id);
    }
    for (int i = 0; i < 5000; i++) {
        snprintf(id, sizeof id, "dev_%d", i);
        assert_int_equal(gx_stream_ledger_count(ledger, id), i % 2);
    }
    gx_stream_ledger_free(ledger);
}

static void the_limit_of_all_together_comes_after_the_developer_s_own(void **state)
{
    (void)state;
    gx_stream_ledger *ledger = gx_stream_ledger_new(2, 3);
    assert_int_equal(gx_stream_ledger_admit(ledger, "dev_a"), GX_ADMITTED);
    assert_int_equal(gx_stream_ledger_admit(ledger, "dev_a"), GX_ADMITTED);
    assert_int_equal(gx_stream_ledger_admit(ledger, "dev_b"), GX_ADMITTED);
    assert_int_equal(gx_stream_ledger_look(ledger, "dev_a"), GX_TOO_MANY_OF_DEVELOPER);
    assert_int_equal(gx_stream_ledger_look(ledger, "dev_b"), GX_TOO_MANY_IN_ALL);
    assert_int_equal(gx_stream_ledger_admit(ledger, "dev_c"), GX_TOO_MANY_IN_ALL);
    assert_int_equal(gx_stream_ledger_count(ledger, "dev_c"), 0);
    gx_stream_ledger_leave(ledger, "dev_a");
    assert_int_equal(gx_stream_ledger_look(ledger, "dev_c"), GX_ADMITTED);
    assert_int_equal(gx_stream_ledger_admit(ledger, "dev_c"), GX_ADMITTED);
    assert_int_equal(gx_stream_ledger_look(ledger, "dev_b"), GX_TOO_MANY_IN_ALL);
    gx_stream_ledger_free(ledger);
}

static void *come_and_go(void *ledger)
{
    for (int i = 0; i < 20000; i++) {
        if (gx_stream_ledger_admit(ledger, "dev_a") == GX_ADMITTED)
            gx_stream_ledger_leave(ledger, "dev_a");
    }
    return NULL;
}

static void threads_that_come_and_go_leave_nothing_behind(void **state)
{
    (void)state;
    gx_stream_ledger *ledger = gx_stream_ledger_new(2, SIZE_MAX);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, ledger), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(gx_stream_ledger_count(ledger, "dev_a"), 0);
    gx_stream_ledger_free(ledger);
}

static void without_memory_nobody_is_admitted_and_nothing_is_counted(void **state)
{
    (void)state;
    gx_stream_ledger *ledger = gx_stream_ledger_new(2, SIZE_MAX);
    gx_fail_allocation(1);
    assert_int_equal(gx_stream_ledger_admit(ledger, "dev_a"), GX_TOO_MANY_IN_ALL);
    assert_true(gx_allocation_failed());
    gx_fail_allocation(0);
    assert_int_equal(gx_stream_ledger_count(ledger, "dev_a"), 0);
    assert_int_equal(gx_stream_ledger_admit(ledger, "dev_a"), GX_ADMITTED);
    gx_stream_ledger_free(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_limit_is_per_developer_and_a_place_given_back_is_free_again),
        cmocka_unit_test(many_developers_are_counted_apart),
        cmocka_unit_test(the_limit_of_all_together_comes_after_the_developer_s_own),
        cmocka_unit_test(threads_that_come_and_go_leave_nothing_behind),
        cmocka_unit_test(without_memory_nobody_is_admitted_and_nothing_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
