/* What people see: cut texts, rows of top, what shells are offered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "cli/completion.h"
#include "cli/output.h"
#include "cli/top_table.h"

#define PRINTED(out, put)                                                                                              \
    do {                                                                                                               \
        FILE *memory = fmemopen(out, sizeof out, "w");                                                                 \
        assert_non_null(memory);                                                                                       \
        put;                                                                                                           \
        fclose(memory);                                                                                                \
    } while (0)

static void texts_are_cut_between_characters(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int columns;
        const char *shown;
    } cases[] = {
        {"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"äöüß", 4, "äöüß"}, {"äöüß", 3, "äö…"}, {"€€", 1, "…"}, {"", 1, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[64] = "";
        PRINTED(out, cli_put_cut(memory, cases[i].text, cases[i].columns));
        assert_string_equal(out, cases[i].shown);
    }
}

static grantex_burn burn_of(int64_t initial, int64_t remaining, int64_t rate, int64_t empty)
{
    return (grantex_burn){.grant_id = {"grnt_01HXYZ0123456789ABCDEF8K2", 30},
                          .agent_name = {"an agent with a long name", 25},
                          .initial = initial,
                          .remaining = remaining,
                          .used_percent = (int64_t)((__int128)(initial - remaining) * 100 / initial),
                          .spent_per_minute = rate,
                          .empty_in_seconds = empty};
}

static void states_tell_the_worst_first(void **state)
{
    (void)state;
    static const struct {
        int64_t remaining, empty;
        const char *name;
    } cases[] = {
        {0, 0, "exhausted"},   {0, -1, "exhausted"},   {90, 87, "▲ soon"}, {90, 600, "▲ soon"},
        {20, -1, "over 80 %"}, {50, 601, "over 50 %"}, {51, -1, "ok"},     {100, 5000, "ok"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        grantex_burn burn = burn_of(100, cases[i].remaining, 0, cases[i].empty);
        assert_string_equal(cli_top_state(&burn), cases[i].name);
    }
}

static int columns_of(const char *line)
{
    int columns = 0;
    for (; *line && *line != '\n'; line++)
        columns += ((unsigned char)*line & 0xC0) != 0x80;
    return columns;
}

static void rows_fit_every_width(void **state)
{
    (void)state;
    grantex_burn burn = burn_of(INT64_MAX / 10, 1, INT64_MAX / 10, 3153600000);
    for (int columns = 21; columns < 200; columns++) {
        char head[512] = "", row[512] = "";
        const cli_top_shape shape = {.columns = columns};
        PRINTED(head, cli_top_put_header(memory, &shape));
        PRINTED(row, cli_top_put_row(memory, &shape, &burn));
        assert_true(columns_of(head) <= columns && columns_of(row) <= columns);
    }
}

static void a_narrow_screen_keeps_the_time_to_the_end_longest(void **state)
{
    (void)state;
    char row[512] = "";
    grantex_burn burn = burn_of(GRANTEX_MONEY(1000), GRANTEX_MONEY(90), GRANTEX_MONEY(62), 87);
    PRINTED(row, cli_top_put_row(memory, &(cli_top_shape){.columns = 80}, &burn));
    assert_string_equal(row, "grnt_01HX…8K2  an agent wit…    91%            90/1000        87 s  ▲ soon\n");
    for (int columns = 25; columns < 200; columns++) {
        char head[512] = "";
        PRINTED(head, cli_top_put_header(memory, &(cli_top_shape){.columns = columns}));
        assert_non_null(strstr(head, "EMPTY IN"));
        assert_true((strstr(head, "STATE") != NULL) == (columns >= 39));
        assert_true((strstr(head, "RATE/MIN") != NULL) == (columns >= 95));
    }
}

static void a_row_says_what_there_is(void **state)
{
    (void)state;
    char row[512] = "";
    grantex_burn burn = burn_of(GRANTEX_MONEY(1000), GRANTEX_MONEY(90), GRANTEX_MONEY(62), 87);
    PRINTED(row, cli_top_put_row(memory, &(cli_top_shape){.columns = 120}, &burn));
    assert_string_equal(row, "grnt_01HX…8K2  an agent with a…    91%  █████████░            90/1000          62"
                             "        87 s  ▲ soon\n");
    memset(row, 0, sizeof row);
    burn = burn_of(GRANTEX_MONEY(1000), GRANTEX_MONEY(960), 0, -1);
    PRINTED(row, cli_top_put_row(memory, &(cli_top_shape){.columns = 0}, &burn));
    assert_non_null(strstr(row, "grnt_01HXYZ0123456789ABCDEF8K2"));
    assert_non_null(strstr(row, "–           –  ok"));
}

static void shells_offer_what_the_table_names(void **state)
{
    (void)state;
    char words[512] = "";
    assert_int_equal(cli_offer_for(NULL, words, sizeof words), CLI_OFFER_NOTHING);
    assert_int_equal(cli_offer_for("ID", words, sizeof words), CLI_OFFER_NOTHING);
    assert_int_equal(cli_offer_for("FILE", words, sizeof words), CLI_OFFER_FILES);
    assert_int_equal(cli_offer_for("a|b|c", words, sizeof words), CLI_OFFER_WORDS);
    assert_string_equal(words, "a b c");
    assert_int_equal(cli_offer_for("TYPES", words, sizeof words), CLI_OFFER_WORDS);
    assert_non_null(strstr(words, "budget.threshold"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_cut_between_characters),
        cmocka_unit_test(states_tell_the_worst_first),
        cmocka_unit_test(rows_fit_every_width),
        cmocka_unit_test(a_narrow_screen_keeps_the_time_to_the_end_longest),
        cmocka_unit_test(a_row_says_what_there_is),
        cmocka_unit_test(shells_offer_what_the_table_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
