/* The parts of the command that decide something: arguments, times, what reaches a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/cli.h"
#include "cli/event_line.h"
#include "cli/moment.h"
#include "cli/output.h"

/* What `put` prints. */
#define PRINTED(out, put)                                                                                              \
    do {                                                                                                               \
        FILE *memory = fmemopen(out, sizeof out, "w");                                                                 \
        assert_non_null(memory);                                                                                       \
        put;                                                                                                           \
        fclose(memory);                                                                                                \
    } while (0)

static void nothing_of_others_steers_the_terminal(void **state)
{
    (void)state;
    static const struct {
        const char *text, *shown;
    } cases[] = {
        {"plain é €😀", "plain é €😀"},      {"\033[2J\033]0;x\007", "�[2J�]0;x�"},
        {"a\r\nb\t\x7f", "a��b��"},        {"\xC2\x9B[2J", "�[2J"}, /* CSI as C1 */
        {"\xE2\x80\xAE\x65vil", "�evil"},                           /* right-to-left override */
        {"\xC0\xAF\xFF\xE2\x82", "�����"},                          /* not UTF-8 */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[256] = "";
        PRINTED(out, cli_put_text(memory, cases[i].text));
        assert_string_equal(out, cases[i].shown);
    }
}

static void ids_are_shortened_and_cells_filled(void **state)
{
    (void)state;
    char out[256] = "";
    grantex_text id = {"grnt_01HXYZ0123456789ABCDEF8K2", 30};
    PRINTED(out, assert_int_equal(cli_put_short_id(memory, id), 13));
    assert_string_equal(out, "grnt_01HX…8K2");
    PRINTED(out, cli_put_short_id(memory, (grantex_text){"grnt_1", 6}));
    assert_string_equal(out, "grnt_1");
    PRINTED(out, cli_put_cell(memory, (grantex_text){"é", 2}, 3));
    assert_string_equal(out, "é    ");
    PRINTED(out, cli_put_cell(memory, (grantex_text){"long", 4}, 2));
    assert_string_equal(out, "long  ");
}

static void json_stays_json(void **state)
{
    (void)state;
    char out[256] = "";
    PRINTED(out, cli_put_json_string(memory, "a\"\\\n\001"));
    assert_string_equal(out, "\"a\\\"\\\\\\u000a\\u0001\"");
    PRINTED(out, cli_put_json_line(memory, (grantex_text){"{\n\"a\":1\r\n}", 10}));
    assert_string_equal(out, "{ \"a\":1  }\n");
}

static void how_long_ago_is_counted_back(void **state)
{
    (void)state;
    static const struct {
        const char *text, *time; /* NULL: refused */
    } cases[] = {
        {"0s", "2026-03-01T12:00:00Z"},
        {"90s", "2026-03-01T11:58:30Z"},
        {"15m", "2026-03-01T11:45:00Z"},
        {"13h", "2026-02-28T23:00:00Z"},
        {"1d", "2026-02-28T12:00:00Z"},
        {"2026-03-01T12:00:00+02:00", "2026-03-01T12:00:00+02:00"},
        {"now", "2026-03-01T12:00:00Z"},
        {"yesterday", NULL},
        {"15", NULL},
        {"15mm", NULL},
        {"+15m", NULL},
        {"2026-03-01", NULL},
        {"2026-03-01T12:00:00", NULL},
        {"99999999999m", NULL},
        {"999999999d", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[CLI_SINCE_SIZE] = "";
        bool ok = cli_since_read(cases[i].text, 1772366400, out);
        assert_int_equal(ok, cases[i].time != NULL);
        if (ok)
            assert_string_equal(out, cases[i].time);
    }
}

static void lists_are_cut_at_their_commas(void **state)
{
    (void)state;
    char room[8];
    const char *words[3];
    assert_true(cli_list_read("a, b,,", room, sizeof room, words, 2));
    assert_string_equal(words[0], "a");
    assert_string_equal(words[1], "b");
    assert_null(words[2]);
    assert_true(cli_list_read(",", room, sizeof room, words, 2));
    assert_null(words[0]);
    assert_false(cli_list_read("a,b,c", room, sizeof room, words, 2));
    assert_false(cli_list_read("12345678", room, sizeof room, words, 2));
}

/* --- arguments ---------------------------------------------------------------------------------------------------- */

static void arguments_are_read_in_any_order(void **state)
{
    (void)state;
    char *words[] = {"--currency=EUR", "grnt_1", "--api-key", "k", "--json", "--", "--5", NULL};
    cli_arguments arguments = {.json = false};
    assert_true(cli_arguments_read(&arguments, &cli_budgets_allocate, words));
    assert_string_equal(arguments.options[0], "EUR");
    assert_string_equal(arguments.positionals[0], "grnt_1");
    assert_string_equal(arguments.positionals[1], "--5");
    assert_string_equal(arguments.api_key, "k");
    assert_null(arguments.base_url);
    assert_true(arguments.json);
    assert_false(arguments.help);
}

static void help_needs_nothing_else(void **state)
{
    (void)state;
    char *words[] = {"--help", "--nonsense", NULL};
    cli_arguments arguments = {.json = false};
    assert_true(cli_arguments_read(&arguments, &cli_grants_get, words));
    assert_true(arguments.help);
}

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    char *wrong[][4] = {
        {NULL},                    /* GRANT_ID is missing */
        {"g", "h", NULL},          /* one too many */
        {"g", "--nonsense", NULL}, /* no such option */
        {"g", "--jso", NULL},      /* no abbreviations */
        {"g", "--json=1", NULL},   /* takes no value */
        {"g", "--api-key", NULL},  /* needs one */
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        cli_arguments arguments = {.json = false};
        assert_false(cli_arguments_read(&arguments, &cli_grants_get, wrong[i]));
    }
}

static void every_command_can_be_told_from_the_others(void **state)
{
    (void)state;
    for (const cli_command *const *a = cli_commands; *a; a++) {
        assert_non_null((*a)->summary);
        assert_non_null((*a)->run);
        for (const cli_command *const *b = a + 1; *b; b++)
            assert_false(strcmp((*a)->noun, (*b)->noun) == 0 &&
                         (!(*a)->verb || !(*b)->verb || strcmp((*a)->verb, (*b)->verb) == 0));
        size_t count = 0;
        while ((*a)->options && (*a)->options[count].name)
            count++;
        assert_true(count <= CLI_MOST_OPTIONS);
    }
}

static void failures_have_their_exit_statuses(void **state)
{
    (void)state;
    static const struct {
        grantex_status status;
        int exit;
    } cases[] = {
        {GRANTEX_E_API, 1},     {GRANTEX_E_INVALID, 2},  {GRANTEX_E_NO_KEY, 3},    {GRANTEX_E_AUTH, 3},
        {GRANTEX_E_NETWORK, 4}, {GRANTEX_E_PROTOCOL, 5}, {GRANTEX_E_NO_MEMORY, 5}, {GRANTEX_E_SYSTEM, 5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        grantex_error error = {.status = cases[i].status};
        assert_int_equal(cli_fail(&error), cases[i].exit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_of_others_steers_the_terminal),
        cmocka_unit_test(ids_are_shortened_and_cells_filled),
        cmocka_unit_test(json_stays_json),
        cmocka_unit_test(how_long_ago_is_counted_back),
        cmocka_unit_test(lists_are_cut_at_their_commas),
        cmocka_unit_test(arguments_are_read_in_any_order),
        cmocka_unit_test(help_needs_nothing_else),
        cmocka_unit_test(wrong_arguments_are_refused),
        cmocka_unit_test(every_command_can_be_told_from_the_others),
        cmocka_unit_test(failures_have_their_exit_statuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
