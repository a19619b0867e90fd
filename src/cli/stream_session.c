#include "cli/stream_session.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "cli/event_line.h"
#include "cli/json_get.h"
#include "cli/output.h"

#define SYNC_MS   1000
#define REDRAW_MS 1000

/* --- one event ---------------------------------------------------------------------------------------------------- */

/* Whether it is of the grant that was asked for. Most are not: those need no JSON tree. */
static bool is_wanted(stream_session *session, const grantex_event *event)
{
    bool no_memory;
    const char *grant = session->arguments->options[STREAM_GRANT];
    if (!grant)
        return true;
    if (!strstr(event->data.text, grant))
        return false;
    json_t *data = cli_json_read(event->data.text, event->data.length, &no_memory);
    if (no_memory)
        session->failed = cli_fail_words("out of memory");
    const char *id = json_string_value(json_object_get(data, "grantId"));
    bool wanted = id && strcmp(id, grant) == 0;
    json_decref(data);
    return wanted;
}

static bool is_printed(const stream_session *session)
{
    return session->readable || session->json;
}

/* A pipe whose reader stands still does not keep a signal waiting: nothing is written before there is room. */
static bool print_event(stream_session *session, const grantex_event *event)
{
    if (!is_printed(session))
        return true;
    if (cli_wait(&session->signals, STDOUT_FILENO, POLLOUT, -1, true) == CLI_WAIT_ENDED)
        return false;
    cli_status_clear(&session->status);
    if (session->readable)
        cli_put_event_line(stdout, session->color, cli_columns(stdout), event, session->day);
    else
        cli_put_json_line(stdout, event->json);
    return fflush(stdout) == 0;
}

static bool keep_in_file(stream_session *session, const grantex_event *event)
{
    if (!session->arguments->options[STREAM_OUTPUT])
        return true;
    if (cli_jsonl_append(&session->file, event->id.text, event->json.text, event->json.length))
        return true;
    session->failed = CLI_OTHER;
    return false;
}

static bool pass_on(stream_session *session, const grantex_event *event)
{
    if (!session->arguments->options[STREAM_FORWARD_TO])
        return true;
    switch (cli_forward_event(&session->forward, event, &session->signals, stream_tell, session)) {
    case CLI_FORWARD_TAKEN:
        return true;
    case CLI_FORWARD_REFUSED:
        session->failed = CLI_RECEIVER;
        return false;
    case CLI_FORWARD_ENDED:
        break;
    }
    return false;
}

/* Where it was to go first, then the eyes of who looks on. */
static bool deal_with(stream_session *session, const grantex_event *event)
{
    if (!is_wanted(session, event))
        return session->failed == 0;
    if (!keep_in_file(session, event) || !pass_on(session, event) || !print_event(session, event))
        return false;
    session->shown++;
    session->last_event_ms = cli_uptime_ms();
    return true;
}

static bool keep_cursor(stream_session *session)
{
    snprintf(session->cursor, sizeof session->cursor, "%s", grantex_stream_cursor(session->stream).text);
    if (!session->arguments->options[STREAM_CURSOR] || cli_cursor_file_save(&session->saved, session->cursor))
        return true;
    session->failed = CLI_OTHER;
    return false;
}

/* --- the loop ----------------------------------------------------------------------------------------------------- */

static void sync_now_and_then(stream_session *session, bool idle)
{
    int64_t now = cli_uptime_ms();
    if (!idle && now - session->synced_ms < SYNC_MS)
        return;
    cli_jsonl_sync(&session->file);
    session->synced_ms = now;
}

static void look_whether_live(stream_session *session)
{
    if (session->range_known && session->last_seq >= session->range.head_seq)
        stream_put_live_mark(session);
}

static int least_wait(int a, int b)
{
    return a < 0 ? b : b < 0 ? a : a < b ? a : b;
}

/* Nothing is there at the moment. GRANTEX_END: a signal, or the reader of the output has gone. */
static grantex_status rest(stream_session *session, grantex_error *error)
{
    sync_now_and_then(session, true);
    grantex_status status = stream_look_for_end(session, !session->retrying, error);
    if (status != GRANTEX_OK)
        return status;
    stream_draw_status(session);
    int most_ms = least_wait(session->status.on ? REDRAW_MS : -1, stream_end_wait_ms(session));
    cli_wait_end end =
        cli_wait(&session->signals, grantex_stream_fd(session->stream), POLLIN, most_ms, is_printed(session));
    return end == CLI_WAIT_ENDED ? GRANTEX_END : GRANTEX_OK;
}

static grantex_status take(stream_session *session, const grantex_event *event, grantex_error *error)
{
    if (stream_is_beyond_end(session, event) || !deal_with(session, event))
        return GRANTEX_END;
    session->last_seq = event->seq;
    if (!keep_cursor(session))
        return GRANTEX_END;
    sync_now_and_then(session, false);
    look_whether_live(session);
    if (!session->live || cli_status_due(&session->status))
        stream_draw_status(session);
    /* A busy log gives no rest to hear a signal in. */
    if (cli_wait(&session->signals, -1, 0, 0, false) == CLI_WAIT_ENDED)
        return GRANTEX_END;
    return stream_look_for_end(session, false, error);
}

static grantex_status follow(stream_session *session, grantex_error *error)
{
    for (;;) {
        const grantex_event *event;
        grantex_status status = grantex_stream_next(session->stream, &event, 0, error);
        if (session->gap_seen && session->gap_is_end) {
            session->failed = CLI_GAP;
            return GRANTEX_END;
        }
        if (status == GRANTEX_OK)
            status = take(session, event, error);
        else if (status == GRANTEX_TIMEOUT)
            status = keep_cursor(session) ? rest(session, error) : GRANTEX_END;
        if (status != GRANTEX_OK)
            return status;
    }
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

static void put_sum(const stream_session *session)
{
    grantex_stream_stats stats = {0};
    if (!session->status.on)
        return;
    grantex_stream_get_stats(session->stream, &stats, sizeof stats);
    fprintf(stderr, "%llu events · %llu gaps · %llu repeats left out\n", session->shown, (unsigned long long)stats.gaps,
            (unsigned long long)stats.duplicates);
}

static int finish(stream_session *session, grantex_status status, const grantex_error *error)
{
    cli_status_clear(&session->status);
    put_sum(session);
    bool broken = status != GRANTEX_END || (ferror(stdout) && !cli_reader_gone(stdout)) || session->failed;
    int code = CLI_OK;
    if (session->failed == CLI_GAP)
        fputs("grantex: events are missing for good, and --on-gap is fail\n", stderr);
    if (session->failed || session->signals.caught)
        code = session->failed ? session->failed : 128 + session->signals.caught;
    else if (status != GRANTEX_END)
        code = cli_fail(error);
    if (session->signals.caught || (broken && session->shown > 0) || session->failed)
        stream_put_resume(session);
    return code;
}

int stream_session_run(stream_session *session, const grantex_stream_options *options)
{
    grantex_error error = {.status = GRANTEX_OK};
    grantex_status status = grantex_events_stream(session->client, options, &session->stream, &error);
    if (status != GRANTEX_OK)
        return cli_fail(&error);
    stream_put_head(session);
    session->began_ms = cli_uptime_ms();
    session->live = !session->range_known || session->range.behind == 0;
    status = follow(session, &error);
    int code = finish(session, status, &error);
    grantex_stream_close(session->stream);
    return code;
}
