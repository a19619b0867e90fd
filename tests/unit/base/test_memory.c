#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "support/failing_alloc.h"

static void a_buffer_takes_whatever_is_appended(void **state)
{
    (void)state;
    gx_buffer buffer = GX_BUFFER_INIT(0);
    gx_buffer_append_text(&buffer, "a");
    gx_buffer_append_char(&buffer, '\0');
    gx_buffer_append_int(&buffer, INT64_MIN);
    gx_buffer_append_int(&buffer, 0);
    gx_buffer_append_span(&buffer, (gx_span){0});
    gx_buffer_printf(&buffer, "<%s:%d>", "b", 7);
    assert_true(gx_span_equal(gx_buffer_span(&buffer), GX_SPAN("a\0-92233720368547758080<b:7>")));
    gx_buffer_consume(&buffer, 2);
    assert_string_equal(gx_buffer_text(&buffer), "-92233720368547758080<b:7>");
    gx_buffer_free(&buffer);
}

static void the_text_of_an_empty_buffer_is_empty(void **state)
{
    (void)state;
    gx_buffer buffer = GX_BUFFER_INIT(0);
    assert_string_equal(gx_buffer_text(&buffer), "");
    gx_buffer_free(&buffer);
}

static void a_buffer_can_be_filled_to_its_limit_and_not_beyond(void **state)
{
    (void)state;
    gx_buffer buffer = GX_BUFFER_INIT(5);
    gx_buffer_append_text(&buffer, "12345");
    assert_string_equal(gx_buffer_text(&buffer), "12345"); /* the NUL does not count */
    gx_buffer_append_char(&buffer, '6');
    assert_true(buffer.failed);
    assert_null(gx_buffer_text(&buffer));
    assert_int_equal(buffer.length, 5);
    gx_buffer_clear(&buffer);
    gx_buffer_printf(&buffer, "%s", "abcde");
    assert_string_equal(gx_buffer_text(&buffer), "abcde");
    gx_buffer_free(&buffer);
    assert_int_equal(buffer.limit, 5);
}

static void a_failed_append_stops_all_later_ones(void **state)
{
    (void)state;
    gx_buffer buffer = GX_BUFFER_INIT(0);
    gx_buffer_append_text(&buffer, "kept");
    assert_false(gx_buffer_reserve(&buffer, SIZE_MAX));
    gx_buffer_append_text(&buffer, "lost");
    gx_buffer_printf(&buffer, "%d", 1);
    assert_int_equal(buffer.length, 4);
    gx_buffer_free(&buffer);

    gx_fail_allocation(1);
    gx_buffer_append_text(&buffer, "lost");
    assert_true(gx_allocation_failed());
    assert_true(buffer.failed);
    gx_fail_allocation(0);
    gx_buffer_append_text(&buffer, "still lost");
    assert_int_equal(buffer.length, 0);
    gx_buffer_free(&buffer);
}

static void a_long_series_of_appends_grows_in_few_steps(void **state)
{
    (void)state;
    gx_buffer buffer = GX_BUFFER_INIT(1 << 20);
    long before = gx_allocation_count();
    for (int i = 0; i < 1 << 20; i++)
        gx_buffer_append_char(&buffer, 'x');
    assert_false(buffer.failed);
    assert_in_range(gx_allocation_count() - before, 1, 20);
    gx_buffer_free(&buffer);
}

static void an_arena_hands_out_zeroed_aligned_memory(void **state)
{
    (void)state;
    gx_arena arena = GX_ARENA_INIT(0);
    for (size_t size = 0; size < 10000; size = size * 2 + 1) {
        unsigned char *bytes = gx_arena_alloc(&arena, size);
        assert_non_null(bytes);
        assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(bytes[i], 0);
        memset(bytes, 0xff, size);
    }
    gx_arena_free(&arena);
}

static void an_arena_copies_texts(void **state)
{
    (void)state;
    gx_arena arena = GX_ARENA_INIT(0);
    assert_string_equal(gx_arena_copy(&arena, (gx_span){"abcdef", 3}), "abc");
    assert_string_equal(gx_arena_copy(&arena, (gx_span){0}), "");
    assert_string_equal(gx_arena_printf(&arena, "%s-%d", "x", 5), "x-5");
    assert_null(gx_arena_text(&arena, NULL));
    assert_false(arena.failed);
    gx_arena_free(&arena);
}

static void an_arena_keeps_its_limit(void **state)
{
    (void)state;
    gx_arena arena = GX_ARENA_INIT(1000);
    size_t given = 0;
    while (gx_arena_alloc(&arena, 16))
        given += 16;
    assert_in_range(given, 1000 - 16, 1000);
    assert_true(arena.failed);
    gx_arena_free(&arena);
    assert_false(arena.failed);
    assert_non_null(gx_arena_alloc(&arena, 16));
    assert_null(gx_arena_alloc(&arena, SIZE_MAX));
    gx_arena_free(&arena);
}

static void an_arena_without_memory_says_so(void **state)
{
    (void)state;
    gx_arena arena = GX_ARENA_INIT(0);
    gx_fail_allocation(1);
    assert_null(gx_arena_text(&arena, "text"));
    assert_true(gx_allocation_failed());
    gx_fail_allocation(0);
    assert_true(arena.failed);
    gx_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buffer_takes_whatever_is_appended),
        cmocka_unit_test(the_text_of_an_empty_buffer_is_empty),
        cmocka_unit_test(a_buffer_can_be_filled_to_its_limit_and_not_beyond),
        cmocka_unit_test(a_failed_append_stops_all_later_ones),
        cmocka_unit_test(a_long_series_of_appends_grows_in_few_steps),
        cmocka_unit_test(an_arena_hands_out_zeroed_aligned_memory),
        cmocka_unit_test(an_arena_copies_texts),
        cmocka_unit_test(an_arena_keeps_its_limit),
        cmocka_unit_test(an_arena_without_memory_says_so),
    };
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
