#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/list.h"
#include "base/log.h"
#include "base/random.h"
#include "base/timestamp.h"

/* What gx_log writes for a message, after the time. */
static char *logged(const char *message)
{
    static char line[8192];
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    gx_log(&(gx_logger){ends[1], GX_LEVEL_INFO}, GX_LEVEL_WARN, "%s", message);
    close(ends[1]);
    ssize_t length = read(ends[0], line, sizeof line - 1);
    close(ends[0]);
    assert_true(length > GX_TIMESTAMP_SIZE);
    line[length] = '\0';
    int64_t ms;
    assert_int_equal(gx_timestamp_read((gx_span){line, GX_TIMESTAMP_SIZE - 1}, &ms), GX_TIMESTAMP_OK);
    return line + GX_TIMESTAMP_SIZE;
}

static void a_record_is_one_line(void **state)
{
    (void)state;
    assert_string_equal(logged("ready"), "level=warn message=\"ready\"\n");
}

static void a_message_cannot_forge_a_line(void **state)
{
    (void)state;
    assert_string_equal(logged("a\nb\r\"c\\\x1b[31m\x7f"),
                        "level=warn message=\"a\\nb\\x0d\\\"c\\\\\\x1b[31m\\x7f\"\n");
}

static void a_long_message_is_cut_and_still_one_line(void **state)
{
    (void)state;
    char message[5000];
    memset(message, '\x01', sizeof message - 1);
    message[sizeof message - 1] = '\0';
    const char *line = logged(message);
    assert_string_equal(line + strlen(line) - 6, "\\x01\"\n");
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

static void records_below_the_least_level_and_without_a_logger_are_dropped(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    gx_log(&(gx_logger){ends[1], GX_LEVEL_WARN}, GX_LEVEL_INFO, "dropped");
    gx_log(NULL, GX_LEVEL_ERROR, "dropped");
    close(ends[1]);
    char byte;
    assert_int_equal(read(ends[0], &byte, 1), 0);
    close(ends[0]);
}

static void logging_leaves_errno_alone(void **state)
{
    (void)state;
    errno = ENOENT;
    gx_log(&(gx_logger){-1, GX_LEVEL_DEBUG}, GX_LEVEL_ERROR, "to nowhere");
    assert_int_equal(errno, ENOENT);
}

static void an_error_is_a_sentence_cut_to_its_size(void **state)
{
    (void)state;
    gx_error error;
    assert_int_equal(gx_error_set(&error, "cannot open %s", "x"), -1);
    assert_string_equal(error.message, "cannot open x");
    gx_error_set(&error, "%*s", 2000, "");
    assert_int_equal(strlen(error.message), GX_ERROR_SIZE - 1);
    assert_int_equal(gx_error_set(NULL, "nobody listens"), -1);
}

static void the_clocks_run_in_their_units(void **state)
{
    (void)state;
    assert_true(gx_clock_wall_ms() > INT64_C(1600000000000) && gx_clock_wall_ms() < INT64_C(16000000000000));
    int64_t before = gx_clock_monotonic_us(), between = gx_clock_monotonic_ms(), after = gx_clock_monotonic_us();
    assert_true(before / 1000 <= between && between <= after / 1000);
}

static void random_bytes_fill_the_whole_block(void **state)
{
    (void)state;
    unsigned char seen[600] = {0}, bytes[600];
    for (int round = 0; round < 8; round++) {
        assert_true(gx_random_bytes(bytes, sizeof bytes));
        for (size_t i = 0; i < sizeof bytes; i++)
            seen[i] |= bytes[i];
    }
    for (size_t i = 0; i < sizeof seen; i++)
        assert_int_not_equal(seen[i], 0); /* 2^-64 each by chance */
}

static void a_node_can_leave_its_list_twice(void **state)
{
    (void)state;
    struct item {
        int number;
        gx_list node;
    } items[3] = {{.number = 1}, {.number = 2}, {.number = 3}};
    gx_list list;
    gx_list_init(&list);
    for (int i = 0; i < 3; i++)
        gx_list_push_back(&list, &items[i].node);
    gx_list_remove(&items[1].node);
    gx_list_remove(&items[1].node);
    assert_int_equal(GX_LIST_ENTRY(list.next, struct item, node)->number, 1);
    assert_int_equal(GX_LIST_ENTRY(list.previous, struct item, node)->number, 3);
    gx_list_remove(&items[0].node);
    assert_false(gx_list_empty(&list));
    gx_list_remove(&items[2].node);
    assert_true(gx_list_empty(&list));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_one_line),
        cmocka_unit_test(a_message_cannot_forge_a_line),
        cmocka_unit_test(a_long_message_is_cut_and_still_one_line),
        cmocka_unit_test(records_below_the_least_level_and_without_a_logger_are_dropped),
        cmocka_unit_test(logging_leaves_errno_alone),
        cmocka_unit_test(an_error_is_a_sentence_cut_to_its_size),
        cmocka_unit_test(the_clocks_run_in_their_units),
        cmocka_unit_test(random_bytes_fill_the_whole_block),
        cmocka_unit_test(a_node_can_leave_its_list_twice),
    };
    return cmocka_run_group_tests_name("system", tests, NULL, NULL);
}
