/* Files of events and of cursors: cut off at every byte, rotated at every border, and found again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cursor_file.h"
#include "cli/jsonl_file.h"
#include "support/failing_alloc.h"

#define EVENTS 12

typedef struct place {
    char folder[64], path[96];
} place;

static int make_place(void **state)
{
    place *at = calloc(1, sizeof *at);
    assert_non_null(at);
    strcpy(at->folder, "/tmp/grantex-cli-XXXXXX");
    assert_non_null(mkdtemp(at->folder));
    snprintf(at->path, sizeof at->path, "%s/events.jsonl", at->folder);
    *state = at;
    return 0;
}

static void empty(const place *at)
{
    char command[128];
    snprintf(command, sizeof command, "rm -f %s/*", at->folder);
    assert_int_equal(system(command), 0);
}

static int remove_place(void **state)
{
    place *at = *state;
    empty(at);
    rmdir(at->folder);
    free(at);
    return 0;
}

/* --- what is written ---------------------------------------------------------------------------------------------- */

static void id_of(int number, char out[static 32])
{
    snprintf(out, 32, "evt_%04d", number);
}

static bool append(cli_jsonl_file *file, int number)
{
    char id[32], json[64];
    id_of(number, id);
    int length = snprintf(json, sizeof json, "{\"id\":\"%s\",\n\"n\":%d}", id, number);
    return cli_jsonl_append(file, id, json, (size_t)length);
}

/* Goes on behind the cursor up to the last one, as the command does. */
static void go_on(const place *at, cli_jsonl_limits limits, int last)
{
    cli_jsonl_file file;
    assert_true(cli_jsonl_open(&file, at->path, limits));
    for (int number = file.cursor[0] ? atoi(file.cursor + 4) + 1 : 1; number <= last; number++)
        assert_true(append(&file, number));
    cli_jsonl_close(&file);
}

static int read_file(const char *path, int next, cli_jsonl_limits limits)
{
    char line[256], wanted[64];
    struct stat found;
    int lines = 0;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        snprintf(wanted, sizeof wanted, "{\"id\":\"evt_%04d\", \"n\":%d}\n", next, next);
        assert_string_equal(line, wanted);
        next++;
        lines++;
    }
    fclose(file);
    assert_int_equal(stat(path, &found), 0);
    assert_true(limits.lines == 0 || lines <= limits.lines);
    assert_true(limits.bytes == 0 || found.st_size <= limits.bytes || lines == 1);
    return next;
}

/* All files together hold 1, 2, 3, … in their order, once. */
static void assert_whole(const place *at, cli_jsonl_limits limits, int last)
{
    int next = 1;
    for (int number = 1;; number++) {
        char path[128];
        snprintf(path, sizeof path, "%s.%06d", at->path, number);
        if (access(path, F_OK) != 0)
            break;
        next = read_file(path, next, limits);
    }
    assert_int_equal(read_file(at->path, next, limits), last + 1);
}

static const cli_jsonl_limits all_limits[] = {{0, 0}, {0, 1}, {0, 5}, {60, 0}, {75, 0}, {1, 0}, {100, 3}};

static void each_event_is_a_line_in_one_of_the_files(void **state)
{
    const place *at = *state;
    for (size_t i = 0; i < sizeof all_limits / sizeof all_limits[0]; i++)
        for (int first = 0; first <= EVENTS; first++) {
            empty(at);
            go_on(at, all_limits[i], first);
            go_on(at, all_limits[i], EVENTS);
            assert_whole(at, all_limits[i], EVENTS);
        }
}

static void a_file_cut_off_anywhere_is_made_whole(void **state)
{
    const place *at = *state;
    struct stat whole;
    empty(at);
    go_on(at, all_limits[0], 4);
    assert_int_equal(stat(at->path, &whole), 0);
    for (off_t length = 0; length <= whole.st_size; length++) {
        empty(at);
        go_on(at, all_limits[0], 4);
        assert_int_equal(truncate(at->path, length), 0);
        go_on(at, all_limits[0], EVENTS);
        assert_whole(at, all_limits[0], EVENTS);
    }
}

static void a_rotation_cut_off_anywhere_is_made_whole(void **state)
{
    const place *at = *state;
    const cli_jsonl_limits limits = {0, 3};
    char rotated[128];
    snprintf(rotated, sizeof rotated, "%s.000001", at->path);
    empty(at);
    go_on(at, limits, 3);
    assert_int_equal(rename(at->path, rotated), 0); /* killed before the new file was made */
    go_on(at, limits, EVENTS);
    assert_whole(at, limits, EVENTS);
    empty(at);
    go_on(at, limits, 3);
    assert_int_equal(rename(at->path, rotated), 0);
    close(open(at->path, O_CREAT | O_WRONLY, 0666)); /* killed behind it */
    go_on(at, limits, EVENTS);
    assert_whole(at, limits, EVENTS);
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void assert_holds(const char *path, const char *text)
{
    char there[256] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t length = fread(there, 1, sizeof there - 1, file);
    fclose(file);
    there[length] = '\0';
    assert_string_equal(there, text);
}

static void what_is_something_else_is_left_alone(void **state)
{
    const place *at = *state;
    static const char *const others[] = {"notes\n",
                                         "notes",
                                         "{\"id\":7}\n",
                                         "{\"name\":\"x\"}\n",
                                         "[]\n",
                                         "\n",
                                         "{",
                                         "{\"id\":\"evt_0001\"}\n{\"other",
                                         "{\"id\":\"evt_0001\"}\nx"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        cli_jsonl_file file;
        empty(at);
        put(at->path, others[i]);
        bool opened = cli_jsonl_open(&file, at->path, all_limits[0]);
        if (strcmp(others[i], "{") == 0) { /* as much as the first byte of an event */
            assert_true(opened);
            cli_jsonl_close(&file);
            continue;
        }
        assert_false(opened);
        assert_holds(at->path, others[i]);
    }
}

static void a_second_writer_is_refused(void **state)
{
    const place *at = *state;
    cli_jsonl_file first, second;
    empty(at);
    assert_true(cli_jsonl_open(&first, at->path, all_limits[0]));
    assert_false(cli_jsonl_open(&second, at->path, all_limits[0]));
    cli_jsonl_close(&first);
    assert_true(cli_jsonl_open(&second, at->path, all_limits[0]));
    cli_jsonl_close(&second);
}

static void no_file_is_written_over(void **state)
{
    const place *at = *state;
    cli_jsonl_file file;
    char rotated[128];
    empty(at);
    assert_true(cli_jsonl_open(&file, at->path, (cli_jsonl_limits){0, 1}));
    assert_true(append(&file, 1));
    snprintf(rotated, sizeof rotated, "%s.000001", at->path);
    put(rotated, "somebody's"); /* while it ran */
    assert_false(append(&file, 2));
    assert_holds(rotated, "somebody's");
    cli_jsonl_close(&file);
}

static void a_line_without_memory_is_no_line(void **state)
{
    const place *at = *state;
    cli_jsonl_file file;
    empty(at);
    assert_true(cli_jsonl_open(&file, at->path, all_limits[0]));
    gx_fail_allocation(1);
    assert_false(append(&file, 1));
    gx_fail_allocation(0);
    assert_true(append(&file, 1));
    cli_jsonl_close(&file);
    assert_whole(at, all_limits[0], 1);
}

/* --- cursors ------------------------------------------------------------------------------------------------------ */

static void a_cursor_is_found_again(void **state)
{
    const place *at = *state;
    cli_cursor_file file, second;
    empty(at);
    assert_true(cli_cursor_file_open(&file, at->path));
    assert_string_equal(file.cursor, "");
    assert_true(cli_cursor_file_save(&file, "a-longer-cursor-of-another-server"));
    assert_false(cli_cursor_file_open(&second, at->path));
    assert_true(cli_cursor_file_save(&file, "evt_2")); /* what is behind the line feed is of no interest */
    assert_true(cli_cursor_file_save(&file, ""));
    cli_cursor_file_close(&file);
    assert_true(cli_cursor_file_open(&file, at->path));
    assert_string_equal(file.cursor, "evt_2");
    cli_cursor_file_close(&file);
}

static void what_is_no_cursor_is_left_alone(void **state)
{
    const place *at = *state;
    static const char *const others[] = {"evt_1", "two words\n", "\n", "\x01\n", "\xC3\xA9\n"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        cli_cursor_file file;
        empty(at);
        put(at->path, others[i]);
        assert_false(cli_cursor_file_open(&file, at->path));
        assert_holds(at->path, others[i]);
    }
}

#define IN_A_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_PLACE(each_event_is_a_line_in_one_of_the_files),
        IN_A_PLACE(a_file_cut_off_anywhere_is_made_whole),
        IN_A_PLACE(a_rotation_cut_off_anywhere_is_made_whole),
        IN_A_PLACE(what_is_something_else_is_left_alone),
        IN_A_PLACE(a_second_writer_is_refused),
        IN_A_PLACE(no_file_is_written_over),
        IN_A_PLACE(a_line_without_memory_is_no_line),
        IN_A_PLACE(a_cursor_is_found_again),
        IN_A_PLACE(what_is_no_cursor_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
