/* Prometheus' text, and what is kept of each endpoint's calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "api/call_times.h"
#include "api/metrics_text.h"
#include "api/routes.h"
#include "support/failing_alloc.h"

static void samples_look_as_the_format_says(void **state)
{
    (void)state;
    gx_buffer out = GX_BUFFER_INIT(0);
    gx_metrics_head(&out, "a_total", "counter", "What a is.");
    gx_metrics_sample(&out, "a_total", "", 7);
    gx_metrics_sample(&out, "a_total", "b=\"c\"", UINT64_MAX);
    assert_string_equal(gx_buffer_text(&out), "# HELP a_total What a is.\n# TYPE a_total counter\n"
                                              "a_total 7\na_total{b=\"c\"} 18446744073709551615\n");
    gx_buffer_free(&out);
}

static void a_histogram_is_cumulative_and_in_its_unit(void **state)
{
    (void)state;
    static const gx_scale SCALE = {2, {2500, 10000000}};
    gx_histogram histogram = {0};
    gx_histogram_add(&histogram, &SCALE, 2500);
    gx_histogram_add(&histogram, &SCALE, 2501);
    gx_histogram_add(&histogram, &SCALE, 10000001);
    gx_buffer out = GX_BUFFER_INIT(0);
    gx_metrics_histogram(&out, "h", "a=\"b\"", &histogram, &SCALE, 1000000);
    assert_string_equal(gx_buffer_text(&out), "h_bucket{a=\"b\",le=\"0.0025\"} 1\n"
                                              "h_bucket{a=\"b\",le=\"10\"} 2\n"
                                              "h_bucket{a=\"b\",le=\"+Inf\"} 3\n"
                                              "h_sum{a=\"b\"} 10.005002\n"
                                              "h_count{a=\"b\"} 3\n");
    gx_buffer_clear(&out);
    gx_metrics_histogram(&out, "h", "", &histogram, &SCALE, 1);
    assert_non_null(strstr(gx_buffer_text(&out), "h_bucket{le=\"2500\"} 1\n"));
    assert_non_null(strstr(gx_buffer_text(&out), "h_sum 10005002\nh_count 3\n"));
    gx_buffer_free(&out);
}

static void every_endpoint_has_a_number_of_its_own(void **state)
{
    (void)state;
    assert_true(gx_route_count() > 20);
    for (size_t i = 0; i < gx_route_count(); i++)
        assert_int_equal(gx_route_number(gx_route_at(i)), i);
}

static void calls_are_counted_by_endpoint_and_status(void **state)
{
    (void)state;
    const gx_endpoint *debit;
    gx_span ignored;
    assert_int_equal(gx_route_find(GX_SPAN("POST"), GX_SPAN("/v1/budget/debit"), &debit, &ignored), GX_ROUTE_FOUND);
    gx_call_times *times = gx_call_times_new();
    static const int STATUSES[] = {200, 200, 402, 418, 429, 599};
    for (size_t i = 0; i < sizeof STATUSES / sizeof *STATUSES; i++)
        gx_call_times_add(times, debit, STATUSES[i], 100);
    assert_int_equal(gx_call_times_count(times, "POST", "/v1/budget/debit", 200, 399), 2);
    assert_int_equal(gx_call_times_count(times, "POST", "/v1/budget/debit", 400, 599), 4);
    assert_int_equal(gx_call_times_count(times, "GET", "/v1/budget/debit", 0, 999), 0);
    assert_int_equal(gx_call_times_count(times, "POST", "/v1/token", 0, 999), 0);
    gx_call_times_free(times);
}

static void without_memory_there_are_no_times(void **state)
{
    (void)state;
    gx_fail_allocation(1);
    assert_null(gx_call_times_new());
    assert_true(gx_allocation_failed());
    gx_fail_allocation(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_look_as_the_format_says),
        cmocka_unit_test(a_histogram_is_cumulative_and_in_its_unit),
        cmocka_unit_test(every_endpoint_has_a_number_of_its_own),
        cmocka_unit_test(calls_are_counted_by_endpoint_and_status),
        cmocka_unit_test(without_memory_there_are_no_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
