/* grantex conform URL: which of the events page's promises a server keeps. */
#include "cli/conform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/json_get.h"
#include "cli/moment.h"
#include "cli/output.h"
#include "cli/server_options.h"

#define DEFAULT_PATIENCE_S 5
#define MOST_PATIENCE_S    120

enum { TARGET, KEY, PATIENCE, CA_FILE };

static const cli_option options[] = {
    [TARGET] = {"target", "URL", "the same as URL; without either: --base-url, GRANTEX_BASE_URL"},
    [KEY] = {"key", "KEY", "the same as --api-key"},
    [PATIENCE] = {"patience", "SECONDS", "how long to wait for what is promised; default 5, at most 120"},
    [CA_FILE] = {"ca-file", "FILE", "certificates to trust; default: GRANTEX_CA_FILE, else the system's"},
    [CA_FILE + 1] = {NULL, NULL, NULL},
};

static const struct {
    const char *mark, *word;
    cli_color color;
} RESULTS[] = {
    [CONFORM_NOT_KEPT] = {"✗", "not kept", CLI_RED},
    [CONFORM_KEPT] = {"✓", "kept", CLI_GREEN},
    [CONFORM_UNTRIED] = {"–", "untried", CLI_YELLOW},
};

static int count(const conform_verdict *verdicts, conform_result result)
{
    int sum = 0;
    for (int i = 0; i < CONFORM_PROMISES; i++)
        sum += verdicts[i].result == result;
    return sum;
}

static void print(const conform_verdict *verdicts)
{
    bool color = cli_wants_color(stdout);
    for (int i = 0; i < CONFORM_PROMISES; i++) {
        const conform_verdict *verdict = &verdicts[i];
        cli_paint(stdout, color, RESULTS[verdict->result].color);
        printf("%s %-8s", RESULTS[verdict->result].mark, RESULTS[verdict->result].word);
        cli_paint(stdout, color, CLI_PLAIN);
        printf("  %s%s", verdict->promise, verdict->reason[0] ? ": " : "");
        cli_put_text(stdout, verdict->reason);
        putchar('\n');
    }
    printf("%d of %d promises kept", count(verdicts, CONFORM_KEPT), CONFORM_PROMISES);
    if (count(verdicts, CONFORM_UNTRIED) > 0)
        printf(", %d untried", count(verdicts, CONFORM_UNTRIED));
    putchar('\n');
}

/* False when out of memory. */
static bool print_json(const char *url, const conform_verdict *verdicts)
{
    json_t *promises = json_array();
    bool whole = promises != NULL;
    for (int i = 0; i < CONFORM_PROMISES; i++) {
        json_t *one =
            json_pack("{s:s, s:s}", "promise", verdicts[i].promise, "result", RESULTS[verdicts[i].result].word);
        if (verdicts[i].reason[0])
            whole = json_object_set_new(one, "reason", json_string(verdicts[i].reason)) == 0 && whole;
        whole = json_array_append_new(promises, one) == 0 && whole;
    }
    json_t *report = json_pack("{s:s, s:i, s:i, s:o}", "target", url, "kept", count(verdicts, CONFORM_KEPT), "of",
                               CONFORM_PROMISES, "promises", promises);
    if (whole)
        return cli_json_print(stdout, report);
    json_decref(report);
    return false;
}

static int hold(const conform_plan *plan, bool json)
{
    conform_seen seen;
    conform_verdict verdicts[CONFORM_PROMISES];
    grantex_error error;
    bool tried = conform_watch(plan, &seen, &error);
    if (tried)
        conform_judge(&seen, verdicts);
    if (seen.acts.failed[0]) {
        fputs("grantex: ", stderr);
        cli_put_text(stderr, seen.acts.failed);
        fputs("\n", stderr);
    }
    conform_forget(&seen);
    if (!tried)
        return cli_fail(&error);
    if (json && !print_json(plan->url, verdicts))
        return cli_fail_words("out of memory");
    if (!json)
        print(verdicts);
    return count(verdicts, CONFORM_KEPT) == CONFORM_PROMISES ? CLI_OK : CLI_FOUND;
}

/* The word, --target, or the server that every other command would ask. */
static bool read_target(const cli_arguments *arguments, char url[static CLI_URL_SIZE])
{
    const char *word = arguments->positionals[0], *option = arguments->options[TARGET];
    if (word && option)
        return cli_fail_usage(&cli_conform, "URL and --target are the same: give one of them"), false;
    const char *given = word ? word : option ? option : cli_base_url(arguments);
    if (!given)
        return cli_fail_usage(&cli_conform, "no server: give URL or set GRANTEX_BASE_URL"), false;
    return cli_url_read(given, url) ||
           (cli_fail_usage(&cli_conform, "URL must be http://… or https://…, with nothing behind the path"), false);
}

static int run(const cli_arguments *arguments, grantex_client *client)
{
    (void)client;
    char url[CLI_URL_SIZE];
    const char *const *given = arguments->options;
    int64_t patience_s = DEFAULT_PATIENCE_S;
    if (!read_target(arguments, url))
        return CLI_USAGE;
    if (given[PATIENCE] && !cli_number_read(given[PATIENCE], 1, MOST_PATIENCE_S, &patience_s))
        return cli_fail_usage(&cli_conform, "--patience is a number of seconds from 1 to %d", MOST_PATIENCE_S);
    conform_plan plan = {.url = url,
                         .key = given[KEY] ? given[KEY] : cli_api_key(arguments),
                         .ca_file = cli_ca_file(given[CA_FILE]),
                         .patience_ms = (int)patience_s * 1000};
    return plan.key ? hold(&plan, arguments->json) : CLI_KEY;
}

const cli_command cli_conform = {
    .noun = "conform",
    .positionals = {"URL"},
    .optional = 1,
    .options = options,
    .summary = "which promises of the events page a server keeps",
    .details =
        "Registers an agent, leads grants of the principal \"grantex-conform\" through their lives while it watches\n"
        "the stream, deletes the agent again, and prints one line for each promise. The events stay in the log.\n"
        "Exit status: 0 all promises are kept, 8 not all, 1 the server refused what is needed to try, 3 the key\n"
        "is refused, 4 no answer.\n",
    .without_client = true,
    .run = run,
};
