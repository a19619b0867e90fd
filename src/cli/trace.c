/* grantex trace: the life of a grant as a timeline. */
#include "cli/trace.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/json_get.h"
#include "cli/moment.h"
#include "cli/output.h"
#include "cli/wait.h"

enum { DEBITS, FOLLOW };

#define USUAL_DEBITS 200
#define MOST_DEBITS  100000

static const cli_option options[] = {
    [DEBITS] = {"debits", "N", "show at most the newest so many debits, 0 to 100000; default 200"},
    [FOLLOW] = {"follow", NULL, "go on with what happens to it from now on"},
    [FOLLOW + 1] = {NULL, NULL, NULL},
};

/* --- what is there ------------------------------------------------------------------------------------------------ */

static int put_json(const trace *life)
{
    return cli_json_print(stdout, trace_json(life)) ? CLI_OK : cli_fail_words("out of memory");
}

static int put_timeline(const trace *life)
{
    bool color = cli_wants_color(stdout);
    trace_put_head(stdout, life);
    if (life->debits > life->most_debits)
        printf("(the newest %lld of %lld debits; --debits N shows more)\n", (long long)life->most_debits,
               (long long)life->debits);
    for (size_t i = 0; i < life->count; i++)
        trace_put_entry(stdout, color, cli_columns(stdout), life, &life->entries[i]);
    if (life->forgotten > 0)
        fprintf(stderr, "! %lld events since its beginning are not kept any more; some may have been its own\n",
                (long long)life->forgotten);
    return CLI_OK;
}

/* --- from now on -------------------------------------------------------------------------------------------------- */

/* GRANTEX_END when nobody reads it any more. */
static grantex_status put_event(const trace *life, const cli_arguments *arguments, const grantex_event *event,
                                grantex_error *error)
{
    bool no_memory;
    trace_entry entry = {.kind = TRACE_EVENT,
                         .source = cli_json_read(event->json.text, event->json.length, &no_memory)};
    if (no_memory)
        return cli_no_memory(error);
    bool concerns = entry.source && trace_concerns(life, entry.source) &&
                    cli_rfc3339_read(cli_json_text(entry.source, "timestamp"), &entry.at_ms);
    if (concerns && arguments->json)
        cli_put_json_line(stdout, event->json);
    else if (concerns)
        trace_put_entry(stdout, cli_wants_color(stdout), cli_columns(stdout), life, &entry);
    json_decref(entry.source);
    return fflush(stdout) == 0 ? GRANTEX_OK : GRANTEX_END;
}

static grantex_status follow_stream(const trace *life, const cli_arguments *arguments, grantex_stream *stream,
                                    cli_signals *signals, grantex_error *error)
{
    for (;;) {
        const grantex_event *event;
        grantex_status status = grantex_stream_next(stream, &event, 0, error);
        if (status == GRANTEX_OK)
            status = put_event(life, arguments, event, error);
        if (status != GRANTEX_OK && status != GRANTEX_TIMEOUT)
            return status;
        int most_ms = status == GRANTEX_OK ? 0 : -1;
        if (cli_wait(signals, grantex_stream_fd(stream), POLLIN, most_ms, true) == CLI_WAIT_ENDED)
            return GRANTEX_END;
    }
}

static int follow(const trace *life, const cli_arguments *arguments)
{
    cli_signals signals;
    grantex_stream *stream;
    grantex_error error = {.status = GRANTEX_OK};
    const grantex_stream_options wanted = {.cursor = life->next[0] ? life->next : NULL,
                                           .since = cli_json_text(life->grant, "issuedAt")};
    if (fflush(stdout) != 0 || grantex_events_stream(life->client, &wanted, &stream, &error) != GRANTEX_OK)
        return error.status == GRANTEX_OK ? CLI_OK : cli_fail(&error);
    cli_signals_open(&signals);
    grantex_status status = follow_stream(life, arguments, stream, &signals, &error);
    cli_signals_close(&signals);
    grantex_stream_close(stream);
    if (signals.caught)
        return 128 + signals.caught;
    return status == GRANTEX_END ? CLI_OK : cli_fail(&error);
}

/* --- the command -------------------------------------------------------------------------------------------------- */

static int trace_it(trace *life, const cli_arguments *arguments)
{
    grantex_error error = {.status = GRANTEX_OK};
    if (trace_collect(life, arguments->positionals[0], &error) != GRANTEX_OK) {
        cli_status_clear(life->status);
        return cli_fail(&error);
    }
    int code = arguments->json ? put_json(life) : put_timeline(life);
    return code == CLI_OK && arguments->options[FOLLOW] ? follow(life, arguments) : code;
}

static int run(const cli_arguments *arguments, grantex_client *client)
{
    cli_status status = {.on = cli_can_rewrite(stderr)};
    trace life = {.client = client, .status = &status, .most_debits = USUAL_DEBITS};
    const char *debits = arguments->options[DEBITS];
    if (debits && !cli_number_read(debits, 0, MOST_DEBITS, &life.most_debits))
        return cli_fail_usage(&cli_trace, "--debits is a whole number from 0 to %d", MOST_DEBITS);
    int code = trace_it(&life, arguments);
    trace_free(&life);
    return code;
}

const cli_command cli_trace = {
    .noun = "trace",
    .positionals = {"GRANT_ID"},
    .options = options,
    .summary = "show the life of a grant as a timeline",
    .details =
        "Consent, tokens, its budget with each debit and threshold, what was delegated from it, and its end: from\n"
        "the log and the ledger. With --json: one object with the grant and its timeline.\n",
    .run = run,
};
