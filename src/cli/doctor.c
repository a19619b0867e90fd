/* grantex doctor URL: what the way to a server does to a stream, and the lines that cure it. */
#include "cli/doctor.h"

#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/moment.h"
#include "cli/output.h"
#include "cli/server_options.h"

#define DEFAULT_IDLE_S  20
#define MOST_IDLE_S     3600
#define DEFAULT_STREAMS 8
#define MOST_STREAMS    64

enum { IDLE, STREAMS, PROXY, CA_FILE };

static const cli_option options[] = {
    [IDLE] = {"idle", "SECONDS", "how long a silent stream is watched; default 20, at most 3600, 0: not at all"},
    [STREAMS] = {"streams", "N", "how many streams are held open at once; default 8, at most 64"},
    [PROXY] = {"proxy", "nginx|haproxy|caddy", "whose lines are printed; default: what the server calls itself"},
    [CA_FILE] = {"ca-file", "FILE", "certificates to trust; default: GRANTEX_CA_FILE, else the system's"},
    [CA_FILE + 1] = {NULL, NULL, NULL},
};

static bool read_proxy(const char *text, doctor_proxy *out)
{
    *out = doctor_proxy_of(text);
    return *out != DOCTOR_PROXIES && strcmp(text, doctor_proxy_name(*out)) == 0;
}

static int examine(const doctor_plan *plan, const char *proxy_name, doctor_proxy proxy, bool json)
{
    doctor_facts facts;
    doctor_finding findings[DOCTOR_CHECKS];
    if (!doctor_measure(plan, &facts, isatty(STDERR_FILENO)))
        return cli_fail_words("out of memory");
    doctor_judge(&facts, findings);
    if (!proxy_name)
        proxy = doctor_proxy_of(facts.server);
    if (json && !doctor_print_json(stdout, plan->url, proxy, findings))
        return cli_fail_words("out of memory");
    if (!json)
        doctor_print(stdout, cli_wants_color(stdout), proxy, findings);
    return doctor_exit(&facts, findings);
}

static int run(const cli_arguments *arguments, grantex_client *client)
{
    (void)client;
    char url[CLI_URL_SIZE];
    const char *const *given = arguments->options;
    doctor_plan plan = {
        .url = url, .idle_s = DEFAULT_IDLE_S, .streams = DEFAULT_STREAMS, .ca_file = cli_ca_file(given[CA_FILE])};
    doctor_proxy proxy = DOCTOR_PROXIES;
    if (!cli_url_read(arguments->positionals[0], url))
        return cli_fail_usage(&cli_doctor, "URL must be http://… or https://…, with nothing behind the path");
    if (given[IDLE] && !cli_number_read(given[IDLE], 0, MOST_IDLE_S, &plan.idle_s))
        return cli_fail_usage(&cli_doctor, "--idle is a number of seconds from 0 to %d", MOST_IDLE_S);
    if (given[STREAMS] && !cli_number_read(given[STREAMS], 1, MOST_STREAMS, &plan.streams))
        return cli_fail_usage(&cli_doctor, "--streams is a number from 1 to %d", MOST_STREAMS);
    if (given[PROXY] && !read_proxy(given[PROXY], &proxy))
        return cli_fail_usage(&cli_doctor, "--proxy is nginx, haproxy or caddy");
    plan.key = cli_api_key(arguments);
    return plan.key ? examine(&plan, given[PROXY], proxy, arguments->json) : CLI_KEY;
}

const cli_command cli_doctor = {
    .noun = "doctor",
    .positionals = {"URL"},
    .options = options,
    .summary = "what the way to a server does to streams, and what cures it",
    .details =
        "Measures TLS, HTTP version, clock, first byte, buffering, compression, what becomes of headers, how many\n"
        "streams open and how long a silent one lives; prints for what is wrong the lines of the proxy's\n"
        "configuration that cure it (\"remove X\": delete the line that begins so). It changes nothing at the\n"
        "server. Exit status: 0 nothing is wrong, 8 something is, 3 the key is refused, 4 no answer.\n",
    .without_client = true,
    .run = run,
};
