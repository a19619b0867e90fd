#include "cli/output.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "grantex/budgets.h"

#define REPLACEMENT "\xEF\xBF\xBD"
#define SHORT_HEAD  9 /* "grnt_01HX" */
#define SHORT_TAIL  3

/* --- text of others ----------------------------------------------------------------------------------------------- */

/* The length of the UTF-8 character at `at`, 0 when there is none. Writes its code point. */
static size_t read_character(const unsigned char *at, size_t left, unsigned *code)
{
    static const struct {
        unsigned char mask, lead;
        unsigned least;
    } forms[] = {{0x80, 0x00, 0}, {0xE0, 0xC0, 0x80}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}};
    for (size_t length = 1; length <= 4 && length <= left; length++) {
        if ((at[0] & forms[length - 1].mask) != forms[length - 1].lead)
            continue;
        unsigned sum = at[0] & (unsigned char)~forms[length - 1].mask;
        for (size_t i = 1; i < length; i++) {
            if ((at[i] & 0xC0) != 0x80)
                return 0;
            sum = sum << 6 | (at[i] & 0x3F);
        }
        *code = sum;
        return sum < forms[length - 1].least || sum > 0x10FFFF ? 0 : length;
    }
    return 0;
}

static bool is_harmless(unsigned code)
{
    bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
    bool turns = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0x200E ||
                 code == 0x200F || code == 0x061C || code == 0x2028 || code == 0x2029;
    return !control && !turns;
}

int cli_put_bytes(FILE *out, grantex_text text)
{
    const unsigned char *at = (const unsigned char *)text.text;
    size_t left = text.length;
    int columns = 0;
    while (left > 0) {
        unsigned code = 0;
        size_t length = read_character(at, left, &code);
        if (length > 0 && is_harmless(code))
            fwrite(at, 1, length, out);
        else
            fputs(REPLACEMENT, out);
        length = length > 0 ? length : 1;
        at += length;
        left -= length;
        columns++;
    }
    return columns;
}

int cli_put_text(FILE *out, const char *text)
{
    return cli_put_bytes(out, (grantex_text){text, strlen(text)});
}

void cli_put_cell(FILE *out, grantex_text text, int width)
{
    int columns = cli_put_bytes(out, text);
    fprintf(out, "%*s", columns < width ? width - columns + 2 : 2, "");
}

void cli_put_cut(FILE *out, const char *text, int columns)
{
    int width = 0;
    size_t fits = 0; /* bytes that do, with room for the ellipsis */
    for (size_t i = 0; text[i]; i++) {
        if (((unsigned char)text[i] & 0xC0) != 0x80 && ++width == columns)
            fits = i;
        if (width > columns) {
            fwrite(text, 1, fits, out);
            fputs("…", out);
            return;
        }
    }
    fputs(text, out);
}

int cli_put_short_id(FILE *out, grantex_text id)
{
    if (id.length <= SHORT_HEAD + SHORT_TAIL + 1)
        return cli_put_bytes(out, id);
    int columns = cli_put_bytes(out, (grantex_text){id.text, SHORT_HEAD});
    fputs("…", out);
    return columns + 1 + cli_put_bytes(out, (grantex_text){id.text + id.length - SHORT_TAIL, SHORT_TAIL});
}

void cli_put_texts(FILE *out, const grantex_text *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fputs(i > 0 ? " " : "", out);
        cli_put_bytes(out, texts[i]);
    }
}

void cli_tell_rest(const char *what, size_t shown, uint64_t total)
{
    if (total > shown)
        fprintf(stderr, "the newest %zu of %llu %s\n", shown, (unsigned long long)total, what);
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

void cli_put_json_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else if ((unsigned char)*text < 0x20)
            fprintf(out, "\\u%04x", (unsigned)*text);
        else
            fputc(*text, out);
    }
    fputc('"', out);
}

void cli_put_json_line(FILE *out, grantex_text json)
{
    for (size_t i = 0; i < json.length; i++)
        fputc(json.text[i] == '\n' || json.text[i] == '\r' ? ' ' : json.text[i], out);
    fputc('\n', out);
}

/* --- fields ------------------------------------------------------------------------------------------------------- */

void cli_put_field(FILE *out, const char *label, grantex_text text)
{
    if (text.length == 0)
        return;
    fprintf(out, "%-12s", label);
    cli_put_bytes(out, text);
    fputc('\n', out);
}

void cli_put_amount(FILE *out, const char *label, long long amount)
{
    char text[GRANTEX_MONEY_SIZE];
    if (amount >= 0)
        fprintf(out, "%-12s%s\n", label, grantex_money_format(amount, text));
}

/* --- who reads ---------------------------------------------------------------------------------------------------- */

bool cli_reader_gone(FILE *out)
{
    struct pollfd reader = {.fd = fileno(out)};
    return poll(&reader, 1, 0) == 1 && (reader.revents & POLLERR);
}

/* --- colour ------------------------------------------------------------------------------------------------------- */

bool cli_wants_color(FILE *out)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(fileno(out)) && !(no && no[0]) && term && strcmp(term, "dumb") != 0;
}

void cli_paint(FILE *out, bool on, cli_color color)
{
    static const char *const codes[] = {
        [CLI_PLAIN] = "0", [CLI_DIM] = "2",     [CLI_GREEN] = "32",
        [CLI_RED] = "31",  [CLI_YELLOW] = "33", [CLI_CYAN] = "36",
    };
    if (on)
        fprintf(out, "\033[%sm", codes[color]);
}
