/* JSON from outside when memory runs out: read as it stands, or not at all. */
#include "json/load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "support/failing_alloc.h"

#define MOST_ALLOCATIONS 500

/* Texts longer than the lexer's first block, numbers and objects large enough to be laid out anew. */
#define TEXT                                                                                                           \
    "{\"a-name-of-31-characters-no-more\":\"a value of just as many letters\",\"amount\":12345678901234567,\"list\":"  \
    "[\"x\",1.25,true,null,{\"k\":[]}],\"b\":1,\"c\":2,\"d\":3,\"e\":4,\"f\":5,\"g\":6,\"h\":7,\"i\":\"\\u00e9\"}"

static json_t *load(const char *text, bool *no_memory)
{
    json_error_t error;
    return gx_json_load(gx_span_of(text), JSON_REJECT_DUPLICATES, &error, no_memory);
}

static void it_is_read_as_it_stands_or_not_at_all_whichever_allocation_fails(void **state)
{
    (void)state;
    bool no_memory, failed = true;
    long n = 1;
    json_t *whole = load(TEXT, &no_memory);
    assert_non_null(whole);
    for (; failed && n < MOST_ALLOCATIONS; n++) {
        gx_fail_allocation(n);
        json_t *value = load(TEXT, &no_memory);
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_int_equal(no_memory, failed);
        assert_int_equal(value == NULL, failed);
        assert_true(failed || json_equal(value, whole));
        json_decref(value);
    }
    assert_false(failed);
    assert_in_range(n, 40, MOST_ALLOCATIONS - 1);
    json_decref(whole);
}

static void a_fault_in_the_text_is_no_want_of_memory(void **state)
{
    (void)state;
    static const char *const BROKEN[] = {"",     "{",           "{\"a\":1,\"a\":2}",
                                         "[1,]", "\"\\ud800\"", "[\"an unended text, long enough"};
    for (size_t i = 0; i < sizeof BROKEN / sizeof *BROKEN; i++) {
        bool no_memory = true;
        assert_null(load(BROKEN[i], &no_memory));
        assert_false(no_memory);
    }
}

static void what_a_value_holds_outlives_the_value(void **state)
{
    (void)state;
    bool no_memory;
    json_t *outer = load("{\"a\":[1,2],\"b\":\"text\"}", &no_memory);
    json_t *inner = json_incref(json_object_get(outer, "a"));
    json_object_set_new(outer, "c", json_string("made by hand"));
    json_decref(outer);
    assert_int_equal(json_integer_value(json_array_get(inner, 1)), 2);
    json_decref(inner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_read_as_it_stands_or_not_at_all_whichever_allocation_fails),
        cmocka_unit_test(a_fault_in_the_text_is_no_want_of_memory),
        cmocka_unit_test(what_a_value_holds_outlives_the_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
