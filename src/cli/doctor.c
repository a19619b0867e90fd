/* grantex doctor URL: what the way to a server does to a stream, and the lines that cure it. */
#include "cli/doctor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/output.h"

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

static bool read_number(const char *text, int least, int most, int *out)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno || end == text || *end || value < least || value > most)
        return false;
    *out = (int)value;
    return true;
}

static bool read_proxy(const char *text, doctor_proxy *out)
{
    *out = doctor_proxy_of(text);
    return *out != DOCTOR_PROXIES && strcmp(text, doctor_proxy_name(*out)) == 0;
}

static bool read_url(const char *text, char *out, size_t size)
{
    int length = snprintf(out, size, "%s", text);
    if (length < 0 || (size_t)length >= size || (strncmp(out, "http://", 7) != 0 && strncmp(out, "https://", 8) != 0))
        return false;
    while (length > 8 && out[length - 1] == '/')
        out[--length] = '\0';
    return !strpbrk(out, "?#@ ");
}

static const char *ca_file(const char *given)
{
    const char *other = getenv("GRANTEX_CA_FILE");
    return given ? given : other && other[0] ? other : NULL;
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
    if (json)
        doctor_print_json(stdout, plan->url, proxy, findings);
    else
        doctor_print(stdout, cli_wants_color(stdout), proxy, findings);
    return doctor_exit(&facts, findings);
}

static int run(const cli_arguments *arguments, grantex_client *client)
{
    (void)client;
    char url[1024];
    const char *const *given = arguments->options;
    doctor_plan plan = {
        .url = url, .idle_s = DEFAULT_IDLE_S, .streams = DEFAULT_STREAMS, .ca_file = ca_file(given[CA_FILE])};
    doctor_proxy proxy = DOCTOR_PROXIES;
    if (!read_url(arguments->positionals[0], url, sizeof url))
        return cli_fail_usage(&cli_doctor, "URL must be http://… or https://…, with nothing behind the path");
    if (given[IDLE] && !read_number(given[IDLE], 0, MOST_IDLE_S, &plan.idle_s))
        return cli_fail_usage(&cli_doctor, "--idle is a number of seconds from 0 to %d", MOST_IDLE_S);
    if (given[STREAMS] && !read_number(given[STREAMS], 1, MOST_STREAMS, &plan.streams))
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
