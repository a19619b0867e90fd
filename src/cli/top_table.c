#include "cli/top_table.h"

#include <stdlib.h>
#include <string.h>

#include "cli/moment.h"
#include "cli/output.h"

#define SOON_SECONDS 600
#define BAR          10
#define WIDE         107 /* from here on there is room for a bar */
#define LEAST_AGENT  8

typedef enum column { GRANT, AGENT, USED, USAGE, REMAINING, RATE, EMPTY_IN, STATE, COLUMN_COUNT } column;

static const struct {
    const char *title;
    int width;
    bool right;
} columns[COLUMN_COUNT] = {
    [GRANT] = {"GRANT", 13, false},      [AGENT] = {"AGENT", 16, false},        [USED] = {"USED", 5, true},
    [USAGE] = {"", BAR, false},          [REMAINING] = {"REMAINING", 17, true}, [RATE] = {"RATE/MIN", 10, true},
    [EMPTY_IN] = {"EMPTY IN", 10, true}, [STATE] = {"STATE", 12, false},
};

static const struct state {
    const char *name;
    cli_color color;
} states[] = {
    {"exhausted", CLI_RED},    {"▲ soon", CLI_RED}, {"over 80 %", CLI_YELLOW},
    {"over 50 %", CLI_YELLOW}, {"ok", CLI_PLAIN},
};

static const struct state *state_of(const grantex_burn *burn)
{
    if (burn->remaining == 0)
        return &states[0];
    if (burn->empty_in_seconds >= 0 && burn->empty_in_seconds <= SOON_SECONDS)
        return &states[1];
    return burn->used_percent >= 80 ? &states[2] : burn->used_percent >= 50 ? &states[3] : &states[4];
}

const char *cli_top_state(const grantex_burn *burn)
{
    return state_of(burn)->name;
}

/* --- cells -------------------------------------------------------------------------------------------------------- */

/* Characters, not bytes: ours have one column each. */
static int width_of(const char *text)
{
    int width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

static void put_cell(FILE *out, column at, int width, const char *text, bool cut)
{
    int blanks = width - width_of(text);
    fputs(at == GRANT ? "" : "  ", out);
    if (columns[at].right && blanks > 0)
        fprintf(out, "%*s", blanks, "");
    if (cut)
        cli_put_cut(out, text, width);
    else
        fputs(text, out);
    if (!columns[at].right && blanks > 0 && at != STATE)
        fprintf(out, "%*s", blanks, "");
}

/* Text of others, harmless, in memory that the caller frees; NULL when there is none. */
static char *harmless(grantex_text text, bool shortened)
{
    char *copy = NULL;
    size_t length;
    FILE *memory = open_memstream(&copy, &length);
    if (!memory)
        return NULL;
    if (shortened)
        cli_put_short_id(memory, text);
    else
        cli_put_bytes(memory, text);
    return fclose(memory) == 0 ? copy : (free(copy), NULL);
}

static void put_others(FILE *out, column at, int width, grantex_text text, bool shortened, bool cut)
{
    char *copy = harmless(text, shortened);
    put_cell(out, at, width, copy ? copy : "", cut);
    free(copy);
}

static void write_bar(int64_t percent, char out[static 3 * BAR + 1])
{
    int full = (int)((percent * BAR + 50) / 100);
    for (int i = 0; i < BAR; i++)
        memcpy(out + 3 * (size_t)i, i < full ? "█" : "░", 4); /* three bytes and a NUL */
}

/* "90/1000", whole units where the amounts are large. */
static void write_remaining(const grantex_burn *burn, char *out, size_t size)
{
    char left[GRANTEX_MONEY_SIZE], whole[GRANTEX_MONEY_SIZE];
    snprintf(out, size, "%s/%s", grantex_money_format(burn->remaining, left),
             grantex_money_format(burn->initial, whole));
}

static void write_rate(int64_t rate, char out[static GRANTEX_MONEY_SIZE])
{
    int64_t rounded = rate >= 100 * GRANTEX_MONEY_UNIT ? rate - rate % GRANTEX_MONEY_UNIT : rate - rate % 100;
    grantex_money_format(rounded > 0 ? rounded : rate, out);
}

/* --- lines -------------------------------------------------------------------------------------------------------- */

/* What a narrow screen does without, in this order. How long a budget lasts is what the table is for: that, and which
 * one it is, stay to the last. */
static const column spare[] = {RATE, REMAINING, USED, AGENT, STATE, EMPTY_IN};

static int width_together(const int widths[static COLUMN_COUNT])
{
    int width = -2;
    for (int at = 0; at < COLUMN_COUNT; at++)
        width += widths[at] > 0 ? widths[at] + 2 : 0;
    return width;
}

/* The agent's name gives way before a column does, and takes the room that one leaves. */
static void fit_agent(int screen, int widths[static COLUMN_COUNT])
{
    widths[AGENT] = columns[AGENT].width;
    int over = width_together(widths) - screen;
    if (over > 0)
        widths[AGENT] -= over < widths[AGENT] - LEAST_AGENT ? over : widths[AGENT] - LEAST_AGENT;
}

/* 0: the column is left out. */
static void lay_out(const cli_top_shape *shape, int widths[static COLUMN_COUNT])
{
    for (int at = 0; at < COLUMN_COUNT; at++)
        widths[at] = columns[at].width;
    if (shape->columns < WIDE)
        widths[USAGE] = 0;
    for (size_t i = 0; shape->columns > 0 && i < sizeof spare / sizeof spare[0]; i++) {
        if (width_together(widths) <= shape->columns)
            return;
        widths[spare[i]] = 0;
        if (widths[AGENT] > 0)
            fit_agent(shape->columns, widths);
    }
}

void cli_top_put_header(FILE *out, const cli_top_shape *shape)
{
    int widths[COLUMN_COUNT];
    lay_out(shape, widths);
    for (int at = 0; at < COLUMN_COUNT; at++) {
        int more = shape->columns == 0 && at == GRANT ? 31 - columns[at].width : 0;
        if (widths[at] == 0)
            continue;
        put_cell(out, (column)at, widths[at], columns[at].title, false);
        fprintf(out, "%*s", more, "");
    }
    fputc('\n', out);
}

void cli_top_put_row(FILE *out, const cli_top_shape *shape, const grantex_burn *burn)
{
    const struct state *state = state_of(burn);
    const bool cut = shape->columns > 0;
    char used[16], bar[3 * BAR + 1], remaining[64], rate[GRANTEX_MONEY_SIZE] = "–", empty[CLI_SPAN_SIZE] = "–";
    snprintf(used, sizeof used, "%lld%%", (long long)burn->used_percent);
    write_bar(burn->used_percent, bar);
    write_remaining(burn, remaining, sizeof remaining);
    if (burn->spent_per_minute > 0)
        write_rate(burn->spent_per_minute, rate);
    if (burn->empty_in_seconds >= 0)
        cli_span_write(burn->empty_in_seconds, empty);
    const char *ours[COLUMN_COUNT] = {[USED] = used, [USAGE] = bar,      [REMAINING] = remaining,
                                      [RATE] = rate, [EMPTY_IN] = empty, [STATE] = state->name};
    int widths[COLUMN_COUNT];
    lay_out(shape, widths);
    for (int at = 0; at < COLUMN_COUNT; at++) {
        if (widths[at] == 0)
            continue;
        bool painted = shape->color && (at == STATE || at == USAGE) && state->color != CLI_PLAIN;
        cli_paint(out, painted, state->color);
        if (ours[at])
            put_cell(out, (column)at, widths[at], ours[at], cut);
        else if (at == GRANT)
            put_others(out, GRANT, widths[at], burn->grant_id, cut, false);
        else
            put_others(out, AGENT, widths[at], burn->agent_name, false, cut);
        cli_paint(out, painted, CLI_PLAIN);
    }
    fputc('\n', out);
}
