/* The head above the events and the line below them, for a person at a terminal. */
#include <stdio.h>

#include "cli/event_line.h"
#include "cli/json_get.h"
#include "cli/output.h"
#include "cli/stream_session.h"

#define TEXT_SIZE 256

/* --- above -------------------------------------------------------------------------------------------------------- */

/* " · Acme (sandbox)"; nothing when the server does not say. */
static void put_developer(stream_session *session)
{
    json_t *me;
    grantex_error ignored;
    if (cli_json_get(session->client, "/v1/me", &me, &ignored) != GRANTEX_OK)
        return;
    const char *name = cli_json_text(me, "name"), *mode = cli_json_text(me, "mode");
    if (name[0] && mode[0]) {
        fputs(" · ", stderr);
        cli_put_text(stderr, name);
        fputs(" (", stderr);
        cli_put_text(stderr, mode);
        fputs(")", stderr);
    }
    json_decref(me);
}

static void put_range(const stream_session *session)
{
    const cli_log_range *range = &session->range;
    if (range->head_seq == 0) {
        fputs("the log is empty\n", stderr);
        return;
    }
    fprintf(stderr, "start behind seq %lld · head %lld · %lld to replay", (long long)range->start_seq,
            (long long)range->head_seq, (long long)range->behind);
    if (range->oldest_seq > 0)
        fprintf(stderr, " · oldest kept %lld", (long long)range->oldest_seq);
    fputs("\n", stderr);
}

void stream_put_head(stream_session *session)
{
    bool color = cli_wants_color(stderr);
    if (session->status.on) {
        cli_paint(stderr, color, CLI_DIM);
        fprintf(stderr, "grantex %s · %s", grantex_version(), grantex_client_base_url(session->client));
        put_developer(session);
        fputs("\n", stderr);
        if (session->range_known)
            put_range(session);
        cli_paint(stderr, color, CLI_PLAIN);
        fflush(stderr);
    }
    if (session->readable)
        cli_put_event_header(stdout, session->color);
    fflush(stdout);
}

static void put_rule(stream_session *session)
{
    int columns = cli_columns(stdout);
    cli_status_clear(&session->status);
    cli_paint(stdout, session->color, CLI_DIM);
    fputs("-- live ", stdout);
    for (int i = 8; i < columns && i < 100; i++)
        putchar('-');
    cli_paint(stdout, session->color, CLI_PLAIN);
    putchar('\n');
    fflush(stdout);
}

void stream_put_live_mark(stream_session *session)
{
    if (session->live)
        return;
    session->live = true;
    if (session->readable && session->range_known && session->range.behind > 0)
        put_rule(session);
}

/* --- below -------------------------------------------------------------------------------------------------------- */

/* "replay 45 %  120000 of 265000  88000/s  2 s left" */
static void write_progress(const stream_session *session, char *out, size_t size)
{
    const cli_log_range *range = &session->range;
    char left[CLI_SPAN_SIZE];
    int64_t done = session->last_seq > range->start_seq ? session->last_seq - range->start_seq : 0;
    int64_t ms = cli_uptime_ms() - session->began_ms, rate = ms > 0 ? done * 1000 / ms : 0;
    int length = snprintf(out, size, "replay %3lld %%  %lld of %lld", (long long)(done * 100 / range->behind),
                          (long long)done, (long long)range->behind);
    if (rate > 0 && length > 0 && (size_t)length < size)
        snprintf(out + length, size - (size_t)length, "  %lld/s  %s left", (long long)rate,
                 cli_span_write((range->behind - done) / rate, left));
}

static void write_live(const stream_session *session, char *out, size_t size)
{
    grantex_stream_stats stats = {0};
    char age[CLI_SPAN_SIZE] = "";
    grantex_stream_get_stats(session->stream, &stats, sizeof stats);
    int length = snprintf(out, size, "● live  %llu events", session->shown);
    if (session->last_event_ms > 0 && length > 0 && (size_t)length < size)
        length += snprintf(out + length, size - (size_t)length, "  seq %lld, %s ago", (long long)session->last_seq,
                           cli_span_write((cli_uptime_ms() - session->last_event_ms) / 1000, age));
    if (length > 0 && (size_t)length < size)
        snprintf(out + length, size - (size_t)length, "  gaps %llu  ^C ends", (unsigned long long)stats.gaps);
}

static void write_lost(const stream_session *session, char *out, size_t size)
{
    int64_t left = session->retry_at_ms - cli_uptime_ms();
    if (left > 0)
        snprintf(out, size, "○ no connection  next attempt in %.0f s  nothing is lost meanwhile", (double)left / 1000);
    else
        snprintf(out, size, "○ connecting");
}

void stream_draw_status(stream_session *session)
{
    char text[TEXT_SIZE];
    if (!cli_status_due(&session->status))
        return;
    if (session->retrying)
        write_lost(session, text, sizeof text);
    else if (!session->live && session->range_known && session->range.behind > 0)
        write_progress(session, text, sizeof text);
    else
        write_live(session, text, sizeof text);
    cli_status_draw(&session->status, text);
}
