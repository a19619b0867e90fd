/* Counters and histograms, from many threads. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/metrics.h"

enum { THREADS = 4, TIMES = 20000 };

static void a_value_on_a_bound_belongs_below_it(void **state)
{
    (void)state;
    gx_histogram histogram = {0};
    static const uint64_t VALUES[] = {0, 1, 2, 3, 4, 512, 513, 1000000};
    for (size_t i = 0; i < sizeof VALUES / sizeof *VALUES; i++)
        gx_histogram_add(&histogram, &gx_scale_jobs, VALUES[i]);
    static const uint64_t EXPECTED[] = {2, 1, 2, 0, 0, 0, 0, 0, 0, 1, 2};
    for (size_t i = 0; i < sizeof EXPECTED / sizeof *EXPECTED; i++)
        assert_int_equal(gx_counted(&histogram.buckets[i]), EXPECTED[i]);
    assert_int_equal(gx_histogram_count(&histogram), 8);
    assert_int_equal(gx_counted(&histogram.sum), 1001035);
}

static void bounds_ascend(void **state)
{
    (void)state;
    const gx_scale *const scales[] = {&gx_scale_us, &gx_scale_jobs};
    for (size_t s = 0; s < 2; s++) {
        assert_in_range(scales[s]->count, 2, GX_SCALE_MOST_BOUNDS);
        for (size_t i = 1; i < scales[s]->count; i++)
            assert_true(scales[s]->bounds[i] > scales[s]->bounds[i - 1]);
    }
}

static void *add(void *histogram)
{
    for (uint64_t i = 0; i < TIMES; i++)
        gx_histogram_add(histogram, &gx_scale_us, 1);
    return NULL;
}

static void what_threads_add_together_is_all_there(void **state)
{
    (void)state;
    gx_histogram histogram = {0};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add, &histogram), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(gx_histogram_count(&histogram), THREADS * TIMES);
    assert_int_equal(gx_counted(&histogram.sum), THREADS * TIMES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_on_a_bound_belongs_below_it),
        cmocka_unit_test(bounds_ascend),
        cmocka_unit_test(what_threads_add_together_is_all_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
