/* grantex events stream: the live events, for a person or as JSON lines. Signals come over a descriptor, beside the one
 * of the stream, so that there is no handler and no global. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/event_line.h"
#include "cli/output.h"
#include "cli/since.h"

#define MOST_TYPES 64

enum { TYPES, SINCE, AFTER, RECONNECT };

static const cli_option options[] = {
    [TYPES] = {"types", "A,B", "only these types; prefixes as 'grant.*'"},
    [SINCE] = {"since", "TIME", "replay from 2026-03-01T12:00:00Z, or from 15m, 2h, 7d ago"},
    [AFTER] = {"after", "ID", "go on after this event"},
    [RECONNECT] = {"reconnect", "MODE", "auto (resume after faults), always, never"},
    [RECONNECT + 1] = {NULL, NULL, NULL},
};

struct session {
    const cli_arguments *arguments;
    grantex_stream *stream;
    int signals;
    int caught; /* the signal that ended it; 0 */
    bool readable, color, lost;
    unsigned long long shown; /* events */
    char day[16];
    char cursor[512]; /* after what was printed */
};

/* --- options ------------------------------------------------------------------------------------------------------ */

static bool read_reconnect(const char *text, grantex_reconnect *mode)
{
    static const char *const names[] = {
        [GRANTEX_RECONNECT_AUTO] = "auto", [GRANTEX_RECONNECT_ALWAYS] = "always", [GRANTEX_RECONNECT_NEVER] = "never"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(text, names[i]) == 0) {
            *mode = (grantex_reconnect)i;
            return true;
        }
    return false;
}

/* --- notices ------------------------------------------------------------------------------------------------------ */

static void put_reason(const grantex_notice *notice)
{
    if (!notice->error)
        return;
    fputs(" (", stderr);
    cli_put_text(stderr, notice->error->message);
    fputs(")", stderr);
}

static void put_waiting(const grantex_notice *notice, const char *what)
{
    fprintf(stderr, "! %s", what);
    put_reason(notice);
    fprintf(stderr, ", attempt %d in %.1f s\n", notice->attempt, (double)notice->delay_ms / 1000);
}

static void put_gap(const grantex_notice *notice)
{
    if (notice->missed >= 0)
        fprintf(stderr, "! GAP: %lld events are missing for good", (long long)notice->missed);
    else
        fputs("! GAP: events are missing for good", stderr);
    fputs(notice->detail.length > 0 ? " " : "", stderr);
    cli_put_bytes(stderr, notice->detail);
    fputs("\n", stderr);
}

static void on_notice(const grantex_notice *notice, void *user)
{
    struct session *session = user;
    switch (notice->kind) {
    case GRANTEX_NOTICE_OPEN:
        if (session->lost)
            fputs("! resumed\n", stderr);
        session->lost = false;
        break;
    case GRANTEX_NOTICE_RETRYING:
        put_waiting(notice, session->lost ? "still no connection" : "connection lost");
        session->lost = true;
        break;
    case GRANTEX_NOTICE_CLOSING:
        put_waiting(notice, "the server is closing the stream");
        session->lost = true;
        break;
    case GRANTEX_NOTICE_GAP:
        put_gap(notice);
        break;
    case GRANTEX_NOTICE_DROPPED:
        fputs("! left out", stderr);
        put_reason(notice);
        fputs("\n", stderr);
        break;
    case GRANTEX_NOTICE_END: /* the caller of next says so */
        break;
    }
}

/* --- the loop ----------------------------------------------------------------------------------------------------- */

/* Waits until `fd` is ready; false when a signal came before, or the reader of our output has gone (`| head`): on a
 * quiet log nothing would be written that could find that out. */
static bool wait_ready(struct session *session, int fd, short events)
{
    struct pollfd all[] = {
        {.fd = session->signals, .events = POLLIN}, {.fd = fd, .events = events}, {.fd = STDOUT_FILENO}};
    while (poll(all, 3, -1) < 0)
        continue;
    if (all[2].revents & POLLERR)
        return false;
    struct signalfd_siginfo info;
    if (all[0].revents == 0 || read(session->signals, &info, sizeof info) != (ssize_t)sizeof info)
        return true;
    session->caught = (int)info.ssi_signo;
    return false;
}

static void keep_cursor(struct session *session)
{
    snprintf(session->cursor, sizeof session->cursor, "%s", grantex_stream_cursor(session->stream).text);
}

static bool put_event(struct session *session, const grantex_event *event)
{
    if (session->readable)
        cli_put_event_line(stdout, session->color, event, session->day);
    else
        cli_put_json_line(stdout, event->json);
    if (fflush(stdout) != 0)
        return false;
    session->shown++;
    return true;
}

/* Until the end of the stream, a signal, or output that cannot be written. A pipe whose reader stands still does not
 * keep a signal waiting: nothing is written before there is room. */
static grantex_status follow(struct session *session, grantex_error *error)
{
    const grantex_event *event;
    for (;;) {
        grantex_status status = grantex_stream_next(session->stream, &event, 0, error);
        if (status < 0)
            return status;
        if (status == GRANTEX_OK && (!wait_ready(session, STDOUT_FILENO, POLLOUT) || !put_event(session, event)))
            return GRANTEX_END;
        keep_cursor(session);
        if (status == GRANTEX_TIMEOUT && !wait_ready(session, grantex_stream_fd(session->stream), POLLIN))
            return GRANTEX_END;
    }
}

static void put_resume_hint(const struct session *session)
{
    const char *types = session->arguments->options[TYPES], *base_url = session->arguments->base_url;
    if (!session->cursor[0])
        return;
    fputs("resume: grantex events stream --after ", stderr);
    cli_put_text(stderr, session->cursor);
    if (types)
        fprintf(stderr, " --types '%s'", types);
    if (base_url)
        fprintf(stderr, " --base-url %s", base_url);
    fputs("\n", stderr);
}

static int finish(const struct session *session, grantex_status status, const grantex_error *error)
{
    bool broken = status != GRANTEX_END || (ferror(stdout) && !cli_reader_gone(stdout));
    if (session->caught || (broken && session->shown > 0))
        put_resume_hint(session);
    if (session->caught)
        return 128 + session->caught;
    return status == GRANTEX_END ? CLI_OK : cli_fail(error);
}

static int open_signals(void)
{
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    sigprocmask(SIG_BLOCK, &ending, NULL);
    return signalfd(-1, &ending, SFD_CLOEXEC);
}

static int stream_with(struct session *session, grantex_client *client, const grantex_stream_options *stream_options)
{
    grantex_error error = {.status = GRANTEX_OK};
    grantex_status status = grantex_events_stream(client, stream_options, &session->stream, &error);
    if (status != GRANTEX_OK)
        return cli_fail(&error);
    if (session->readable)
        cli_put_event_header(stdout, session->color);
    fflush(stdout);
    status = follow(session, &error);
    int code = finish(session, status, &error);
    grantex_stream_close(session->stream);
    return code;
}

static int run(const cli_arguments *arguments, grantex_client *client)
{
    struct session session = {.arguments = arguments, .readable = !arguments->json && isatty(STDOUT_FILENO)};
    session.color = cli_wants_color(stdout);
    const char *types[MOST_TYPES + 1] = {NULL};
    char since[CLI_SINCE_SIZE], list[4096];
    grantex_stream_options wanted = {
        .on_notice = on_notice, .notice_user = &session, .cursor = arguments->options[AFTER]};

    if (arguments->options[TYPES]) {
        if (!cli_list_read(arguments->options[TYPES], list, sizeof list, types, MOST_TYPES) || !types[0])
            return cli_fail_usage(&cli_events_stream, "--types needs 1 to %d names", MOST_TYPES);
        wanted.event_types = types;
    }
    if (arguments->options[SINCE]) {
        if (!cli_since_read(arguments->options[SINCE], time(NULL), since))
            return cli_fail_usage(&cli_events_stream, "--since is neither a time nor as long ago as 15m");
        wanted.since = since;
    }
    if (arguments->options[RECONNECT] && !read_reconnect(arguments->options[RECONNECT], &wanted.reconnect))
        return cli_fail_usage(&cli_events_stream, "--reconnect is auto, always or never");
    session.signals = open_signals();
    int code = stream_with(&session, client, &wanted);
    close(session.signals);
    return code;
}

const cli_command cli_events_stream = {
    .noun = "events",
    .verb = "stream",
    .options = options,
    .summary = "show events as they happen, and those since a time or an event",
    .details =
        "On a terminal: one readable line for each event (NO_COLOR is honoured). Otherwise, and with --json: the\n"
        "event's JSON, one a line. Faults of the network heal by themselves and are told on stderr. Ctrl-C prints\n"
        "how to go on after the last event.\n",
    .run = run,
};
