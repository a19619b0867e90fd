/* How often: the minute, the table that is full, threads, the presets, and who a client is. The clock is the test's. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/rate_limiter.h"
#include "support/failing_alloc.h"

enum { MINUTE = 60 * 1000, MANY = 1000000, THREADS = 4, CALLS = 20000 };

#define NOW ((int64_t)29000000 * MINUTE) /* the beginning of a minute of 2025 */

static void calls_up_to_the_limit_pass_and_the_next_minute_begins_anew(void **state)
{
    (void)state;
    gx_rate_table *table = gx_rate_table_new();
    for (uint32_t i = 1; i <= 3; i++) {
        gx_rate_verdict passed = gx_rate_table_count(table, 7, 3, NOW + 500);
        assert_false(passed.refused);
        assert_int_equal(passed.limit, 3);
        assert_int_equal(passed.remaining, 3 - i);
        assert_int_equal(passed.reset_s, 60);
    }
    gx_rate_verdict refused = gx_rate_table_count(table, 7, 3, NOW + MINUTE - 1);
    assert_true(refused.refused);
    assert_int_equal(refused.remaining, 0);
    assert_int_equal(refused.reset_s, 1);
    assert_false(gx_rate_table_count(table, 8, 3, NOW + MINUTE - 1).refused);
    gx_rate_verdict anew = gx_rate_table_count(table, 7, 3, NOW + MINUTE);
    assert_false(anew.refused);
    assert_int_equal(anew.remaining, 2);
    gx_rate_table_free(table);
}

static void a_clock_that_goes_back_refuses_nobody_for_it(void **state)
{
    (void)state;
    gx_rate_table *table = gx_rate_table_new();
    gx_rate_table_count(table, 7, 1, NOW + MINUTE);
    assert_true(gx_rate_table_count(table, 7, 1, NOW + MINUTE).refused);
    assert_false(gx_rate_table_count(table, 7, 1, NOW).refused);
    gx_rate_table_free(table);
}

/* A million callers, each a stranger to the table: nobody is refused, and who is at the limit stays known. */
static void a_full_table_refuses_nobody_and_forgets_the_least_first(void **state)
{
    (void)state;
    gx_rate_table *table = gx_rate_table_new();
    for (int i = 0; i < 3; i++)
        gx_rate_table_count(table, 7, 2, NOW);
    for (uint64_t caller = 100; caller < 100 + MANY; caller++)
        assert_false(gx_rate_table_count(table, caller, 2, NOW).refused);
    assert_true(gx_rate_table_count(table, 7, 2, NOW).refused);
    gx_rate_table_free(table);
}

/* Of 8 places in a set one is of the last minute, with more calls than all others: it goes first all the same. */
static void an_old_minute_goes_before_a_new_one(void **state)
{
    (void)state;
    gx_rate_table *table = gx_rate_table_new();
    const uint64_t same_set = 8192;
    for (int i = 0; i < 100; i++)
        gx_rate_table_count(table, 0, 1000, NOW - MINUTE);
    for (uint64_t i = 1; i < 8; i++)
        gx_rate_table_count(table, i * same_set, 1000, NOW);
    gx_rate_table_count(table, 8 * same_set, 1000, NOW);
    for (uint64_t i = 1; i <= 8; i++)
        assert_int_equal(gx_rate_table_count(table, i * same_set, 1000, NOW).remaining, 998);
    gx_rate_table_free(table);
}

static void *call_often(void *table)
{
    for (int i = 0; i < CALLS; i++)
        gx_rate_table_count(table, 7, UINT32_MAX, NOW);
    return NULL;
}

static void threads_count_together(void **state)
{
    (void)state;
    gx_rate_table *table = gx_rate_table_new();
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, call_often, table), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(gx_rate_table_count(table, 7, UINT32_MAX, NOW).remaining, UINT32_MAX - THREADS * CALLS - 1);
    gx_rate_table_free(table);
}

/* --- the presets --- */

static void the_preset_off_has_no_number_at_all(void **state)
{
    (void)state;
    const gx_rate_limits none = {0}, off = gx_rate_limits_of(GX_RATES_OFF, GX_PLAN_FREE);
    assert_memory_equal(&off, &none, sizeof off);
}

static void the_reference_has_the_hosted_services_numbers(void **state)
{
    (void)state;
    static const struct {
        gx_rate rate;
        uint32_t per_minute;
    } OWN[] = {
        {GX_RATE_ORDINARY, 5000},        {GX_RATE_SIGN_UP, 30},      {GX_RATE_TOKEN, 20},   {GX_RATE_TOKEN_REFRESH, 20},
        {GX_RATE_BUDGET_ALLOCATE, 30},   {GX_RATE_WEBHOOK, 30},      {GX_RATE_METRICS, 10}, {GX_RATE_AUDIT_LOG, 30},
        {GX_RATE_PRINCIPAL_SESSION, 10}, {GX_RATE_BUDGET_DEBIT, 30},
    };
    gx_rate_limits limits = gx_rate_limits_of(GX_RATES_REFERENCE, GX_PLAN_PRO);
    for (size_t i = 0; i < sizeof OWN / sizeof *OWN; i++)
        assert_int_equal(limits.client[OWN[i].rate], OWN[i].per_minute);
    assert_true(gx_rate_is_shared(&limits, GX_RATE_AUTHORIZE));
    assert_int_equal(limits.key[GX_RATE_AUTHORIZE], 10);
    assert_int_equal(limits.any_key, 500);
    assert_int_equal(gx_rate_limits_of(GX_RATES_REFERENCE, GX_PLAN_FREE).any_key, 100);
    assert_int_equal(gx_rate_limits_of(GX_RATES_REFERENCE, GX_PLAN_ENTERPRISE).any_key, 2000);
}

static void presets_are_found_by_name_only(void **state)
{
    (void)state;
    gx_rate_preset preset = GX_RATES_OFF;
    assert_true(gx_rate_preset_find("reference", &preset));
    assert_int_equal(preset, GX_RATES_REFERENCE);
    assert_true(gx_rate_preset_find("default", &preset));
    assert_false(gx_rate_preset_find("Default", &preset));
    assert_false(gx_rate_preset_find("", &preset));
    assert_int_equal(preset, GX_RATES_DEFAULT);
}

/* --- the limiter --- */

static void kinds_without_a_number_share_one_and_the_others_have_their_own(void **state)
{
    (void)state;
    gx_rate_limits limits = gx_rate_limits_of(GX_RATES_REFERENCE, GX_PLAN_FREE);
    gx_rate_limits_set_client(&limits, 2);
    gx_rate_limiter *limiter = gx_rate_limiter_new(&limits);
    const gx_client_address here = {{4, 127, 0, 0, 1}}, there = {{4, 127, 0, 0, 2}};
    assert_false(gx_rate_count_client(limiter, GX_RATE_ORDINARY, &here, NOW).refused);
    assert_false(gx_rate_count_client(limiter, GX_RATE_AUTHORIZE, &here, NOW).refused);
    assert_true(gx_rate_count_client(limiter, GX_RATE_ORDINARY, &here, NOW).refused);
    assert_false(gx_rate_count_client(limiter, GX_RATE_ORDINARY, &there, NOW).refused);
    assert_int_equal(gx_rate_count_client(limiter, GX_RATE_TOKEN, &here, NOW).remaining, 19);
    assert_int_equal(gx_rate_count_client(limiter, GX_RATE_TOKEN_REFRESH, &here, NOW).remaining, 19);
    gx_rate_limiter_free(limiter);
}

static void a_key_has_a_measure_for_all_and_one_for_a_kind(void **state)
{
    (void)state;
    gx_rate_limits limits = gx_rate_limits_of(GX_RATES_REFERENCE, GX_PLAN_FREE);
    gx_rate_limiter *limiter = gx_rate_limiter_new(&limits);
    assert_int_equal(gx_rate_count_key(limiter, GX_SPAN("key one"), NOW).remaining, 99);
    assert_int_equal(gx_rate_count_key(limiter, GX_SPAN("key one"), NOW).remaining, 98);
    assert_int_equal(gx_rate_count_key(limiter, GX_SPAN("key two"), NOW).remaining, 99);
    assert_int_equal(gx_rate_count_key_for(limiter, GX_RATE_AUTHORIZE, GX_SPAN("key one"), NOW).remaining, 9);
    assert_int_equal(gx_rate_count_key_for(limiter, GX_RATE_TOKEN, GX_SPAN("key one"), NOW).limit, 0);
    gx_rate_limiter_free(limiter);
}

static void without_memory_there_is_no_limiter(void **state)
{
    (void)state;
    const gx_rate_limits limits = gx_rate_limits_of(GX_RATES_DEFAULT, GX_PLAN_FREE);
    for (int nth = 1; nth <= 2; nth++) {
        gx_fail_allocation(nth);
        assert_null(gx_rate_limiter_new(&limits));
        assert_true(gx_allocation_failed());
    }
    gx_fail_allocation(0);
}

/* --- who a client is --- */

typedef struct address_case {
    const char *peer, *forwarded; /* NULL: no such header */
    bool behind_proxy;
    uint8_t bytes[9];
} address_case;

static const address_case ADDRESSES[] = {
    {"192.0.2.1", NULL, false, {4, 192, 0, 2, 1}},
    {"192.0.2.1", "198.51.100.9", false, {4, 192, 0, 2, 1}}, /* anybody can write that header */
    {"::ffff:192.0.2.1", NULL, false, {4, 192, 0, 2, 1}},
    {"2001:db8:1:2:3:4:5:6", NULL, false, {6, 0x20, 1, 0x0d, 0xb8, 0, 1, 0, 2}},
    {"2001:db8:1:2:ffff::1", NULL, false, {6, 0x20, 1, 0x0d, 0xb8, 0, 1, 0, 2}},
    {"127.0.0.1", "198.51.100.9", true, {4, 198, 51, 100, 9}},
    {"127.0.0.1", "10.0.0.1, 10.0.0.2 ,\t198.51.100.9 ", true, {4, 198, 51, 100, 9}},
    {"127.0.0.1", "198.51.100.9:4711", true, {4, 198, 51, 100, 9}},
    {"127.0.0.1", "[2001:db8:1:2::1]:4711", true, {6, 0x20, 1, 0x0d, 0xb8, 0, 1, 0, 2}},
    {"127.0.0.1", "[2001:db8:1:2::1]", true, {6, 0x20, 1, 0x0d, 0xb8, 0, 1, 0, 2}},
    {"127.0.0.1", "2001:db8:1:2::1", true, {6, 0x20, 1, 0x0d, 0xb8, 0, 1, 0, 2}},
    {"127.0.0.1", NULL, true, {4, 127, 0, 0, 1}},
    {"127.0.0.1", "", true, {4, 127, 0, 0, 1}},
    {"127.0.0.1", "198.51.100.9, unknown", true, {4, 127, 0, 0, 1}},
    {"127.0.0.1", "[", true, {4, 127, 0, 0, 1}},
    {"127.0.0.1", "a name that is much longer than any address could ever be", true, {4, 127, 0, 0, 1}},
};

static void a_client_is_the_socket_or_what_the_proxy_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ADDRESSES / sizeof *ADDRESSES; i++) {
        const address_case *given = &ADDRESSES[i];
        gx_http_request request = {.peer = gx_span_of(given->peer)};
        if (given->forwarded != NULL)
            request.headers[request.header_count++] =
                (gx_http_header){GX_SPAN("X-Forwarded-For"), gx_span_of(given->forwarded)};
        gx_client_address address = gx_client_address_of(&request, given->behind_proxy);
        if (memcmp(address.bytes, given->bytes, sizeof address.bytes) != 0)
            fail_msg("case %zu: %s, %s", i, given->peer, given->forwarded);
    }
}

static void of_several_headers_the_last_one_is_the_proxys(void **state)
{
    (void)state;
    gx_http_request request = {.peer = GX_SPAN("127.0.0.1"), .header_count = 2};
    request.headers[0] = (gx_http_header){GX_SPAN("x-forwarded-for"), GX_SPAN("192.0.2.1")};
    request.headers[1] = (gx_http_header){GX_SPAN("X-Forwarded-For"), GX_SPAN("192.0.2.2")};
    gx_client_address address = gx_client_address_of(&request, true);
    assert_memory_equal(address.bytes, ((uint8_t[9]){4, 192, 0, 2, 2}), 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_up_to_the_limit_pass_and_the_next_minute_begins_anew),
        cmocka_unit_test(a_clock_that_goes_back_refuses_nobody_for_it),
        cmocka_unit_test(a_full_table_refuses_nobody_and_forgets_the_least_first),
        cmocka_unit_test(an_old_minute_goes_before_a_new_one),
        cmocka_unit_test(threads_count_together),
        cmocka_unit_test(the_preset_off_has_no_number_at_all),
        cmocka_unit_test(the_reference_has_the_hosted_services_numbers),
        cmocka_unit_test(presets_are_found_by_name_only),
        cmocka_unit_test(kinds_without_a_number_share_one_and_the_others_have_their_own),
        cmocka_unit_test(a_key_has_a_measure_for_all_and_one_for_a_kind),
        cmocka_unit_test(without_memory_there_is_no_limiter),
        cmocka_unit_test(a_client_is_the_socket_or_what_the_proxy_says),
        cmocka_unit_test(of_several_headers_the_last_one_is_the_proxys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
