/* grantex top: budgets by the time to their end, on the whole screen, or once as a table. What the screen shows is
 * asked for anew every few seconds, and at once when the stream tells of a budget or a grant. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/moment.h"
#include "cli/output.h"
#include "cli/screen.h"
#include "cli/status_line.h"
#include "cli/top_table.h"
#include "grantex/events.h"

#define LEAST_PAUSE_MS 250  /* between two questions, however much happens */
#define TIMEOUT_MS     2000 /* of one, so that a key is never kept waiting for longer */
#define TAIL_ROWS      1
#define HEAD_ROWS      3

enum { INTERVAL, LIMIT, ONCE };

static const cli_option options[] = {
    [INTERVAL] = {"interval", "SECONDS", "how often it is asked for anew, 1 to 3600; default 2"},
    [LIMIT] = {"limit", "N", "at most so many budgets, 1 to 500; default 100"},
    [ONCE] = {"once", NULL, "print the table once, as it does where there is no terminal"},
    [ONCE + 1] = {NULL, NULL, NULL},
};

typedef struct board {
    const cli_arguments *arguments;
    grantex_client *client;
    grantex_stream *stream; /* NULL: there is none, or no more */
    grantex_burn_list *list;
    grantex_error error; /* of the last question; status OK when it was answered */
    cli_signals signals;
    cli_screen screen;
    int limit;
    int64_t interval_ms, asked_ms, answered_ms;
    size_t first; /* row that is shown first */
    bool news, paused, quit;
} board;

/* --- the question ------------------------------------------------------------------------------------------------- */

static grantex_status ask(board *top)
{
    grantex_burn_list *list;
    top->news = false;
    top->asked_ms = cli_uptime_ms();
    top->error = (grantex_error){.status = GRANTEX_OK};
    if (grantex_budgets_burn(top->client, top->limit, &list, &top->error) != GRANTEX_OK)
        return top->error.status;
    grantex_burn_list_free(top->list);
    top->list = list;
    top->answered_ms = top->asked_ms;
    return GRANTEX_OK;
}

static int wait_ms(const board *top)
{
    if (top->paused)
        return 1000;
    int64_t due = top->asked_ms + (top->news ? LEAST_PAUSE_MS : top->interval_ms), left = due - cli_uptime_ms();
    return left < 0 ? 0 : left < 1000 ? (int)left : 1000;
}

static bool is_due(const board *top)
{
    int64_t since = cli_uptime_ms() - top->asked_ms;
    return !top->paused && since >= (top->news ? LEAST_PAUSE_MS : top->interval_ms);
}

/* --- the screen --------------------------------------------------------------------------------------------------- */

static void put_title(const board *top, FILE *out, int columns)
{
    char age[CLI_SPAN_SIZE], title[512];
    int64_t seconds = (cli_uptime_ms() - top->answered_ms) / 1000;
    if (top->error.status != GRANTEX_OK)
        snprintf(title, sizeof title, "○ no answer for %s: %s", cli_span_write(seconds, age), top->error.message);
    else
        snprintf(title, sizeof title, "%s · grantex top · %s", top->paused ? "paused" : "● live",
                 grantex_client_base_url(top->client));
    bool color = cli_wants_color(stdout);
    cli_paint(out, color, top->error.status != GRANTEX_OK ? CLI_RED : CLI_DIM);
    cli_put_cut(out, title, columns);
    cli_paint(out, color, CLI_PLAIN);
    fputc('\n', out);
}

static void put_sum(const board *top, FILE *out, int columns)
{
    size_t burning = 0, soon = 0, empty = 0;
    char line[256];
    for (size_t i = 0; i < top->list->count; i++) {
        const grantex_burn *burn = &top->list->items[i];
        burning += burn->empty_in_seconds > 0;
        soon += burn->remaining > 0 && burn->empty_in_seconds >= 0 && burn->empty_in_seconds <= 600;
        empty += burn->remaining == 0;
    }
    snprintf(line, sizeof line, "%zu budgets · %zu burning · %zu empty in 10 min · %zu exhausted", top->list->count,
             burning, soon, empty);
    cli_put_cut(out, line, columns);
    fputc('\n', out);
}

static void put_board(board *top, FILE *out)
{
    int columns, rows;
    cli_screen_size(&columns, &rows);
    const cli_top_shape shape = {.columns = columns, .color = cli_wants_color(stdout)};
    size_t room = rows > HEAD_ROWS + TAIL_ROWS ? (size_t)(rows - HEAD_ROWS - TAIL_ROWS) : 0;
    size_t last_first = top->list->count > room ? top->list->count - room : 0;
    top->first = top->first < last_first ? top->first : last_first;
    put_title(top, out, columns);
    put_sum(top, out, columns);
    cli_paint(out, shape.color, CLI_DIM);
    cli_top_put_header(out, &shape);
    cli_paint(out, shape.color, CLI_PLAIN);
    for (size_t i = top->first; i < top->list->count && i < top->first + room; i++)
        cli_top_put_row(out, &shape, &top->list->items[i]);
    cli_put_cut(out, "q quit  j k scroll  r refresh  p pause", columns);
}

static void show(board *top)
{
    char *text = NULL;
    size_t length;
    FILE *memory = open_memstream(&text, &length);
    if (!memory)
        return;
    put_board(top, memory);
    if (fclose(memory) == 0)
        cli_screen_show(text);
    free(text);
}

/* --- what happens ------------------------------------------------------------------------------------------------- */

static void obey_key(board *top)
{
    bool gone;
    switch (cli_screen_read_key(&gone)) {
    case CLI_KEY_QUIT:
        top->quit = true;
        break;
    case CLI_KEY_REFRESH:
        top->news = true;
        top->asked_ms = 0;
        break;
    case CLI_KEY_UP:
        if (top->first > 0)
            top->first--;
        break;
    case CLI_KEY_DOWN:
        top->first++;
        break;
    case CLI_KEY_HOME:
        top->first = 0;
        break;
    case CLI_KEY_PAUSE:
        top->paused = !top->paused;
        break;
    case CLI_KEY_NONE:
        top->quit = gone;
        break;
    }
}

/* All that it tells is that there is something to ask for. */
static void read_stream(board *top)
{
    const grantex_event *event;
    grantex_status status = GRANTEX_TIMEOUT;
    while (top->stream && (status = grantex_stream_next(top->stream, &event, 0, NULL)) == GRANTEX_OK)
        top->news = true;
    if (status < 0) {
        grantex_stream_close(top->stream);
        top->stream = NULL;
    }
}

static void wait_for_something(board *top)
{
    struct pollfd all[] = {{.fd = top->signals.fd, .events = POLLIN},
                           {.fd = STDIN_FILENO, .events = POLLIN},
                           {.fd = top->stream ? grantex_stream_fd(top->stream) : -1, .events = POLLIN}};
    if (poll(all, 3, wait_ms(top)) <= 0)
        return;
    if (all[0].revents)
        cli_signals_take(&top->signals);
    if (all[1].revents)
        obey_key(top);
    if (all[2].revents)
        read_stream(top);
}

static void open_stream(board *top)
{
    static const char *const types[] = {"budget.*", "grant.*", NULL};
    const grantex_stream_options wanted = {.event_types = types, .reconnect = GRANTEX_RECONNECT_ALWAYS};
    if (grantex_events_stream(top->client, &wanted, &top->stream, NULL) != GRANTEX_OK)
        top->stream = NULL; /* it is asked for every few seconds all the same */
}

static int watch(board *top)
{
    open_stream(top);
    cli_signals_open_screen(&top->signals);
    cli_screen_enter(&top->screen);
    read_stream(top);
    while (!top->quit && !top->signals.caught && top->error.status != GRANTEX_E_AUTH) {
        show(top);
        wait_for_something(top);
        if (top->signals.stopped) {
            top->signals.stopped = false;
            cli_screen_suspend(&top->screen);
        }
        if (is_due(top))
            ask(top);
    }
    cli_screen_leave(&top->screen);
    cli_signals_close(&top->signals);
    grantex_stream_close(top->stream);
    return top->signals.caught ? 128 + top->signals.caught : top->quit ? CLI_OK : cli_fail(&top->error);
}

/* --- the command -------------------------------------------------------------------------------------------------- */

static int print_once(const board *top)
{
    const cli_top_shape shape = {.columns = cli_columns(stdout), .color = cli_wants_color(stdout)};
    if (top->arguments->json) {
        cli_put_json_line(stdout, top->list->json);
        return CLI_OK;
    }
    cli_top_put_header(stdout, &shape);
    for (size_t i = 0; i < top->list->count; i++)
        cli_top_put_row(stdout, &shape, &top->list->items[i]);
    return CLI_OK;
}

static bool read_number(const cli_arguments *arguments, int option, int64_t most, int64_t *out)
{
    const char *text = arguments->options[option];
    if (!text || cli_number_read(text, 1, most, out))
        return true;
    cli_fail_usage(&cli_top, "--%s is a whole number from 1 to %lld", options[option].name, (long long)most);
    return false;
}

/* One that does not try for long: a screen that stands still tells nobody anything. */
static int run_impatient(board *top)
{
    grantex_client_options wanted = GRANTEX_CLIENT_OPTIONS_INIT;
    wanted.api_key = top->arguments->api_key;
    wanted.base_url = top->arguments->base_url;
    wanted.connect_timeout_ms = wanted.request_timeout_ms = TIMEOUT_MS;
    wanted.max_retries = -1;
    if (grantex_client_open(&wanted, &top->client, &top->error) != GRANTEX_OK)
        return cli_fail(&top->error);
    int code = watch(top);
    grantex_client_close(top->client);
    return code;
}

static int run(const cli_arguments *arguments, grantex_client *client)
{
    int64_t seconds = 2, limit = 100;
    if (!read_number(arguments, INTERVAL, 3600, &seconds) || !read_number(arguments, LIMIT, 500, &limit))
        return CLI_USAGE;
    board top = {.arguments = arguments, .client = client, .limit = (int)limit, .interval_ms = seconds * 1000};
    if (ask(&top) != GRANTEX_OK)
        return cli_fail(&top.error);
    bool once = arguments->json || arguments->options[ONCE] || !cli_screen_possible();
    int code = once ? print_once(&top) : run_impatient(&top);
    grantex_burn_list_free(top.list);
    return code;
}

const cli_command cli_top = {
    .noun = "top",
    .options = options,
    .summary = "show budgets by the time to their end",
    .details =
        "On a terminal: the whole screen, kept up to date; q ends it. Otherwise, with --once and with --json: once.\n"
        "RATE/MIN is what was spent over the last five minutes, EMPTY IN how long what is left lasts at that rate.\n",
    .run = run,
};
