/* What the commands print. Texts that come from outside (agents name themselves) go through cli_put_text: no control
 * character of theirs reaches the terminal. */
#ifndef GX_CLI_OUTPUT_H
#define GX_CLI_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "grantex/sse.h"

/* Control characters (C0, DEL, C1) and the characters that turn the direction of writing become U+FFFD, as do bytes
 * that are not UTF-8. Returns the columns that it took, one for each character. */
int cli_put_text(FILE *out, const char *text);
int cli_put_bytes(FILE *out, grantex_text text);

/* The same in a column of `width`, with two blanks behind; longer texts push the line. */
void cli_put_cell(FILE *out, grantex_text text, int width);

/* At most `columns` characters of our own text (it may hold no escape sequences); "…" stands for the rest. */
void cli_put_cut(FILE *out, const char *text, int columns);

/* "grnt_01HX…8K2": enough of an id to tell it from its neighbours. Returns the columns. */
int cli_put_short_id(FILE *out, grantex_text id);

/* The text between quotes, escaped for JSON. */
void cli_put_json_string(FILE *out, const char *text);

/* JSON in one line: a line feed between tokens becomes a blank. */
void cli_put_json_line(FILE *out, grantex_text json);

/* "   label  text" of an object that is shown one field a line; nothing when the text is empty. */
void cli_put_field(FILE *out, const char *label, grantex_text text);
void cli_put_amount(FILE *out, const char *label, long long amount);

/* Texts joined by blanks. */
void cli_put_texts(FILE *out, const grantex_text *texts, size_t count);

/* Says on stderr when a list is not all there is. */
void cli_tell_rest(const char *what, size_t shown, uint64_t total);

/* Whether nobody can read any more what is written there, as behind `| head`. That is an end, not an error. */
bool cli_reader_gone(FILE *out);

typedef enum cli_color { CLI_PLAIN, CLI_DIM, CLI_GREEN, CLI_RED, CLI_YELLOW, CLI_CYAN } cli_color;

/* Whether colours are wanted on this stream: a terminal, no NO_COLOR, TERM not "dumb". */
bool cli_wants_color(FILE *out);

/* Starts a colour (CLI_PLAIN ends it) when `on`. */
void cli_paint(FILE *out, bool on, cli_color color);

#endif
