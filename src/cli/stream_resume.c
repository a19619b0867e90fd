/* How to go on: a line that can be pasted into a shell. */
#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "cli/stream_session.h"

static bool is_plain(const char *text)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.,/:@%+=";
    return text[0] && text[strspn(text, safe)] == '\0';
}

static void put_word(const char *text)
{
    if (is_plain(text)) {
        fputs(text, stderr);
        return;
    }
    fputc('\'', stderr);
    for (; *text; text++)
        *text == '\'' ? fputs("'\\''", stderr) : fputc(*text, stderr);
    fputc('\'', stderr);
}

static void put_option(const char *name, const char *value)
{
    if (!value)
        return;
    fprintf(stderr, " --%s", name);
    if (value[0]) {
        fputc(' ', stderr);
        put_word(value);
    }
}

static const char *value_of(const stream_session *session, size_t option)
{
    if (option == STREAM_SINCE)
        return session->since;
    return option == STREAM_UNTIL && session->end.wanted ? session->until : session->arguments->options[option];
}

/* Where it went on is not said again: the file knows, or --after does. The key is never shown. "1h" is told as
 * the time that it was: pasted later it would begin later, and events between would be missing. So is the end. */
void stream_put_resume(const stream_session *session)
{
    const cli_arguments *arguments = session->arguments;
    bool file_knows = arguments->options[STREAM_OUTPUT] || arguments->options[STREAM_CURSOR];
    if (!session->cursor[0] && !file_knows)
        return;
    fputs("resume: grantex events stream", stderr);
    if (!file_knows)
        put_option("after", session->cursor);
    for (size_t i = 0; i < STREAM_OPTION_COUNT; i++)
        if (i != STREAM_AFTER && (i != STREAM_SINCE || (file_knows && !session->cursor[0])))
            put_option(cli_events_stream.options[i].name, value_of(session, i));
    if (arguments->json)
        put_option("json", "");
    put_option("base-url", arguments->base_url);
    fputs("\n", stderr);
}
