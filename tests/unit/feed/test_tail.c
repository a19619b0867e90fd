#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "feed/tail_table.h"
#include "support/failing_alloc.h"

static void push(gx_tail *tail, int64_t seq)
{
    gx_logged_event event = {
        .developer_id = "dev_a",
        .seq = seq,
        .id = GX_SPAN("evt_01ARZ3NDEKTSV4RRFFQ69G5FAV"),
        .data = GX_SPAN("{}"),
    };
    gx_frame *frame = gx_frame_new(&event);
    assert_non_null(frame);
    gx_tail_push(tail, frame);
    gx_frame_drop(frame);
}

/* It keeps first … last, nothing else. */
static void assert_keeps(const gx_tail *tail, int64_t first, int64_t last)
{
    for (int64_t seq = 0; seq <= last + 20; seq++) {
        gx_frame *frame = gx_tail_find(tail, seq);
        assert_int_equal(frame != NULL, seq >= first && seq <= last);
        if (frame)
            assert_int_equal(gx_frame_position(frame)->seq, seq);
    }
    assert_int_equal(tail->newest, last);
}

static void a_new_tail_keeps_nothing(void **state)
{
    (void)state;
    gx_tail *tail = gx_tail_new("dev_a", 8, SIZE_MAX);
    assert_null(gx_tail_find(tail, 0));
    assert_null(gx_tail_find(tail, 1));
    assert_int_equal(tail->newest, 0);
    gx_tail_free(tail);
}

static void it_keeps_the_newest_and_never_more_than_its_limit(void **state)
{
    (void)state;
    for (size_t most = 1; most < 70; most += 7) {
        gx_tail *tail = gx_tail_new("dev_a", most, SIZE_MAX);
        for (int64_t seq = 5; seq < 200; seq++) {
            push(tail, seq);
            int64_t oldest = seq - (int64_t)most + 1;
            assert_keeps(tail, oldest > 5 ? oldest : 5, seq);
        }
        gx_tail_free(tail);
    }
}

static void it_keeps_to_its_limit_of_bytes_but_always_the_newest(void **state)
{
    (void)state;
    gx_tail *tail = gx_tail_new("dev_a", 1000, 4000);
    for (int64_t seq = 1; seq < 100; seq++) {
        push(tail, seq);
        assert_true(tail->bytes <= 4000);
    }
    assert_in_range(tail->count, 3, 30);
    gx_tail_free(tail);
    tail = gx_tail_new("dev_a", 1000, 1);
    push(tail, 1);
    push(tail, 2);
    assert_keeps(tail, 2, 2);
    gx_tail_free(tail);
}

static void a_hole_begins_it_anew(void **state)
{
    (void)state;
    gx_tail *tail = gx_tail_new("dev_a", 8, SIZE_MAX);
    push(tail, 1);
    push(tail, 2);
    push(tail, 4);
    assert_keeps(tail, 4, 4);
    gx_tail_free(tail);
}

static void a_frame_that_comes_again_or_late_changes_nothing(void **state)
{
    (void)state;
    gx_tail *tail = gx_tail_new("dev_a", 8, SIZE_MAX);
    push(tail, 3);
    push(tail, 4);
    push(tail, 4);
    push(tail, 2);
    assert_keeps(tail, 3, 4);
    gx_tail_free(tail);
}

static void a_reset_forgets_that_there_was_anything(void **state)
{
    (void)state;
    gx_tail *tail = gx_tail_new("dev_a", 8, SIZE_MAX);
    push(tail, 3);
    gx_tail_reset(tail);
    assert_keeps(tail, 1, 0);
    push(tail, 3);
    assert_keeps(tail, 3, 3);
    gx_tail_free(tail);
}

static void without_memory_to_grow_it_keeps_fewer(void **state)
{
    (void)state;
    gx_tail *tail = gx_tail_new("dev_a", 1024, SIZE_MAX);
    for (int64_t seq = 1; seq <= 16; seq++)
        push(tail, seq);
    gx_logged_event event = {
        .developer_id = "dev_a", .seq = 17, .id = GX_SPAN("evt_01ARZ3NDEKTSV4RRFFQ69G5FAV"), .data = GX_SPAN("{}")};
    gx_frame *frame = gx_frame_new(&event);
    gx_fail_allocation(1);
    gx_tail_push(tail, frame);
    assert_true(gx_allocation_failed());
    gx_frame_drop(frame);
    assert_keeps(tail, 2, 17);
    gx_tail_free(tail);
}

static void without_any_memory_it_still_says_that_there_is_more(void **state)
{
    (void)state;
    gx_tail *tail = gx_tail_new("dev_a", 1024, SIZE_MAX);
    gx_logged_event event = {
        .developer_id = "dev_a", .seq = 9, .id = GX_SPAN("evt_01ARZ3NDEKTSV4RRFFQ69G5FAV"), .data = GX_SPAN("{}")};
    gx_frame *frame = gx_frame_new(&event);
    gx_fail_allocation(1);
    gx_tail_push(tail, frame);
    gx_frame_drop(frame);
    assert_int_equal(tail->newest, 9);
    assert_null(gx_tail_find(tail, 9));
    push(tail, 10);
    assert_keeps(tail, 10, 10);
    gx_tail_free(tail);
}

static void name(char out[32], int i)
{
    snprintf(out, 32, "dev_%d", i);
}

static void a_table_finds_each_of_many_and_no_other(void **state)
{
    (void)state;
    enum { MANY = 500 };
    gx_tail *tails[MANY];
    gx_tail_table table;
    char id[32];
    assert_true(gx_tail_table_init(&table));
    for (int i = 0; i < MANY; i++) {
        name(id, i);
        tails[i] = gx_tail_new(id, 8, SIZE_MAX);
        if (i % 100 == 64)
            gx_fail_allocation(1); /* growing can wait */
        gx_tail_table_add(&table, tails[i]);
        gx_fail_allocation(0);
    }
    for (int i = 0; i < MANY; i += 2)
        gx_tail_table_remove(&table, tails[i]);
    for (int i = 0; i < MANY; i++) {
        name(id, i);
        assert_ptr_equal(gx_tail_table_find(&table, id), i % 2 ? tails[i] : NULL);
    }
    for (int i = 1; i < MANY; i += 2)
        gx_tail_table_remove(&table, tails[i]);
    assert_int_equal(table.count, 0);
    for (int i = 0; i < MANY; i++)
        gx_tail_free(tails[i]);
    gx_tail_table_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_tail_keeps_nothing),
        cmocka_unit_test(it_keeps_the_newest_and_never_more_than_its_limit),
        cmocka_unit_test(it_keeps_to_its_limit_of_bytes_but_always_the_newest),
        cmocka_unit_test(a_hole_begins_it_anew),
        cmocka_unit_test(a_frame_that_comes_again_or_late_changes_nothing),
        cmocka_unit_test(a_reset_forgets_that_there_was_anything),
        cmocka_unit_test(without_memory_to_grow_it_keeps_fewer),
        cmocka_unit_test(without_any_memory_it_still_says_that_there_is_more),
        cmocka_unit_test(a_table_finds_each_of_many_and_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
