/* grantex events stream: what its options mean. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/stream_session.h"

#define MOST_TYPES 64
#define LEAST_FILE 1024 /* below, each event would have a file of its own */

static const cli_option options[] = {
    [STREAM_TYPES] = {"types", "TYPES", "only these types, A,B; prefixes as 'grant.*'"},
    [STREAM_GRANT] = {"grant", "ID", "only events of this grant"},
    [STREAM_SINCE] = {"since", "TIME", "replay from 2026-03-01T12:00:00Z, or from 15m, 2h, 7d ago"},
    [STREAM_AFTER] = {"after", "ID", "go on after this event; beats --since"},
    [STREAM_UNTIL] = {"until", "TIME", "end there: now, a time, 15m (ago), +15m (from now)"},
    [STREAM_OUTPUT] = {"output", "FILE", "append to a file, one JSON a line; goes on after its last line"},
    [STREAM_ROTATE_SIZE] = {"rotate-size", "SIZE", "with --output: begin FILE anew before it is larger (64K, 10M, 1G)"},
    [STREAM_ROTATE_EVENTS] = {"rotate-events", "N", "with --output: begin FILE anew after so many events"},
    [STREAM_FORWARD_TO] = {"forward-to", "URL", "post each event there, signed as a webhook"},
    [STREAM_SECRET_FILE] = {"secret-file", "FILE", "with --forward-to: the secret is its first line"},
    [STREAM_MAX_ATTEMPTS] = {"max-attempts", "N", "with --forward-to: end after so many for one event"},
    [STREAM_CURSOR] = {"cursor", "FILE", "keep the cursor there; goes on after what it says"},
    [STREAM_ON_GAP] = {"on-gap", "tell|fail", "what missing events are: a line on stderr, or the end"},
    [STREAM_RECONNECT] = {"reconnect", "auto|always|never", "resume after faults, after the end too, or never"},
    [STREAM_OPTION_COUNT] = {NULL, NULL, NULL},
};

/* --- single options ----------------------------------------------------------------------------------------------- */

static bool refuse(const char *what)
{
    cli_fail_usage(&cli_events_stream, "%s", what);
    return false;
}

/* One of "a|b|c", by its place; absent: the first. */
static bool read_choice(const cli_arguments *arguments, stream_option option, int *choice)
{
    const char *given = arguments->options[option], *words = options[option].value;
    *choice = 0;
    for (size_t length; given; words += length + 1, ++*choice) {
        length = strcspn(words, "|");
        if (strlen(given) == length && strncmp(words, given, length) == 0)
            return true;
        if (!words[length]) {
            cli_fail_usage(&cli_events_stream, "--%s is one of %s", options[option].name, options[option].value);
            return false;
        }
    }
    return true;
}

static bool read_until(stream_session *session, const char *text)
{
    if (!text)
        return true;
    session->end.wanted = true;
    return (cli_moment_read(text, cli_now_ms(), &session->end.until_ms) &&
            cli_moment_write(session->end.until_ms, session->until)) ||
           refuse("--until is none of: now, a time as 2026-03-01T12:00:00Z, 15m (ago), +15m (from now)");
}

static bool read_since(stream_session *session, const char *text, char since[static CLI_SINCE_SIZE])
{
    if (!text)
        return true;
    if (!cli_since_read(text, time(NULL), since))
        return refuse(
            "--since is none of: now, a time with its offset as 2026-03-01T12:00:00Z (RFC 3339), how long ago "
            "in s, m, h or d as 90s, 15m, 2h, 7d");
    session->since = since;
    return true;
}

static bool read_grant(const char *text)
{
    static const char base32[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; /* Crockford's */
    if (!text)
        return true;
    const char *ulid = text + strlen("grnt_");
    return (strncmp(text, "grnt_", strlen("grnt_")) == 0 && strlen(ulid) == 26 && strspn(ulid, base32) == 26 &&
            ulid[0] <= '7') ||
           refuse("--grant is the id of a grant: grnt_ and the 26 characters of a ULID");
}

static bool read_limits(const cli_arguments *arguments, cli_jsonl_limits *limits)
{
    const char *bytes = arguments->options[STREAM_ROTATE_SIZE], *lines = arguments->options[STREAM_ROTATE_EVENTS];
    *limits = (cli_jsonl_limits){0};
    if ((bytes || lines) && !arguments->options[STREAM_OUTPUT])
        return refuse("--rotate-size and --rotate-events are for --output");
    bool size_ok = !bytes || (cli_size_read(bytes, &limits->bytes) && limits->bytes >= LEAST_FILE);
    return (size_ok || refuse("--rotate-size is a size of 1K at least, as 500K, 10M or 1G")) &&
           (!lines || cli_number_read(lines, 1, INT64_MAX, &limits->lines) ||
            refuse("--rotate-events is a number from 1"));
}

static bool check_together(const cli_arguments *arguments)
{
    const char *const *given = arguments->options;
    if (given[STREAM_OUTPUT] && given[STREAM_FORWARD_TO])
        return refuse("--output and --forward-to each need a command of their own: each has its own cursor");
    if (given[STREAM_OUTPUT] && given[STREAM_CURSOR])
        return refuse("--output needs no --cursor: the last line of the file is the cursor");
    if ((given[STREAM_SECRET_FILE] || given[STREAM_MAX_ATTEMPTS]) && !given[STREAM_FORWARD_TO])
        return refuse("--secret-file and --max-attempts are for --forward-to");
    return true;
}

/* --- where the events go ------------------------------------------------------------------------------------------ */

static bool open_file(stream_session *session, cli_jsonl_limits limits)
{
    const char *path = session->arguments->options[STREAM_OUTPUT];
    if (!path)
        return true;
    if (!cli_jsonl_open(&session->file, path, limits))
        return false;
    if (session->file.cursor[0])
        session->after = session->file.cursor;
    return true;
}

static bool open_cursor(stream_session *session)
{
    const char *path = session->arguments->options[STREAM_CURSOR];
    if (!path)
        return true;
    if (!cli_cursor_file_open(&session->saved, path))
        return false;
    if (session->saved.cursor[0])
        session->after = session->saved.cursor;
    return true;
}

static bool open_forward(stream_session *session, int *code)
{
    const char *url = session->arguments->options[STREAM_FORWARD_TO];
    const char *attempts = session->arguments->options[STREAM_MAX_ATTEMPTS];
    int64_t most = 0;
    if (!url)
        return true;
    *code = CLI_USAGE;
    if (!cli_http_url_ok(url))
        return refuse("--forward-to is an http or https URL");
    if (attempts && !cli_number_read(attempts, 1, 1000000, &most))
        return refuse("--max-attempts is a number from 1 to 1000000");
    *code = CLI_OTHER;
    return cli_forward_open(&session->forward, url, session->arguments->options[STREAM_SECRET_FILE], most);
}

static void choose_output(stream_session *session)
{
    const cli_arguments *arguments = session->arguments;
    bool terminal = isatty(STDOUT_FILENO), elsewhere = arguments->options[STREAM_OUTPUT] != NULL;
    bool forwards = arguments->options[STREAM_FORWARD_TO] != NULL;
    session->readable = terminal && !arguments->json && !elsewhere;
    session->json = !session->readable && (arguments->json || (!elsewhere && !forwards));
    session->color = cli_wants_color(stdout);
    session->status.on = cli_can_rewrite(stderr) && (terminal || !session->json);
}

/* --- together ----------------------------------------------------------------------------------------------------- */

static int stream_with(stream_session *session, grantex_stream_options *wanted)
{
    grantex_error error = {.status = GRANTEX_OK};
    wanted->since = session->since;
    wanted->cursor = session->after;
    choose_output(session);
    bool past = session->end.wanted && session->end.until_ms <= cli_now_ms();
    if ((session->status.on || past) && stream_read_range(session, &error) != GRANTEX_OK && past)
        return cli_fail(&error);
    cli_signals_open(&session->signals);
    int code = stream_session_run(session, wanted);
    cli_signals_close(&session->signals);
    return code;
}

static int stream_to(stream_session *session, grantex_stream_options *wanted, cli_jsonl_limits limits)
{
    int code = CLI_OTHER;
    if (open_file(session, limits) && open_cursor(session) && open_forward(session, &code))
        code = stream_with(session, wanted);
    cli_forward_close(&session->forward);
    cli_cursor_file_close(&session->saved);
    cli_jsonl_close(&session->file);
    return code;
}

static int run(const cli_arguments *arguments, grantex_client *client)
{
    const char *types[MOST_TYPES + 1] = {NULL};
    char since[CLI_SINCE_SIZE], list[4096];
    int on_gap, reconnect;
    cli_jsonl_limits limits;
    stream_session session = {.arguments = arguments,
                              .client = client,
                              .after = arguments->options[STREAM_AFTER],
                              .file = {.fd = -1},
                              .saved = {.fd = -1}};
    grantex_stream_options wanted = {.on_notice = stream_on_notice, .notice_user = &session};
    if (arguments->options[STREAM_TYPES]) {
        if (!cli_list_read(arguments->options[STREAM_TYPES], list, sizeof list, types, MOST_TYPES) || !types[0])
            return cli_fail_usage(&cli_events_stream, "--types needs 1 to %d names", MOST_TYPES);
        wanted.event_types = types;
    }
    if (!check_together(arguments) || !read_choice(arguments, STREAM_ON_GAP, &on_gap) ||
        !read_choice(arguments, STREAM_RECONNECT, &reconnect) ||
        !read_since(&session, arguments->options[STREAM_SINCE], since) ||
        !read_until(&session, arguments->options[STREAM_UNTIL]) || !read_grant(arguments->options[STREAM_GRANT]) ||
        !read_limits(arguments, &limits))
        return CLI_USAGE;
    session.gap_is_end = on_gap == 1;
    wanted.reconnect = (grantex_reconnect)reconnect;
    return stream_to(&session, &wanted, limits);
}

const cli_command cli_events_stream = {
    .noun = "events",
    .verb = "stream",
    .options = options,
    .summary = "show events as they happen, and those since a time or an event",
    .details =
        "On a terminal: one readable line for each event (NO_COLOR is honoured). Otherwise, and with --json: the\n"
        "event's JSON, one a line. Faults of the network heal by themselves and are told on stderr. Ctrl-C prints\n"
        "how to go on after the last event. With --output and --cursor a file knows that by itself, over kill -9\n"
        "too: --output neither loses nor repeats an event, --forward-to posts each at least once, in order.\n",
    .run = run,
};

_Static_assert(STREAM_OPTION_COUNT <= CLI_MOST_OPTIONS, "there is room for all of them");
