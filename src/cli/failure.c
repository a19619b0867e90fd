#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/output.h"

static const struct {
    grantex_status status;
    cli_exit exit;
} exits[] = {
    {GRANTEX_E_API, CLI_REFUSED}, {GRANTEX_E_INVALID, CLI_USAGE},   {GRANTEX_E_NO_KEY, CLI_KEY},
    {GRANTEX_E_AUTH, CLI_KEY},    {GRANTEX_E_NETWORK, CLI_NETWORK},
};

static int exit_of(grantex_status status)
{
    for (size_t i = 0; i < sizeof exits / sizeof exits[0]; i++)
        if (exits[i].status == status)
            return (int)exits[i].exit;
    return CLI_OTHER;
}

/* What to do next, where that is more than trying again: by code or by what the message says, else by
 * status. */
#define UNTRUSTED "GRANTEX_CA_FILE names a file with the certificate of an authority of your own"
static const struct {
    const char *code; /* or a part of the message of GRANTEX_E_NETWORK; NULL: any */
    grantex_status status;
    const char *hint;
} hints[] = {
    {"INVALID_CURSOR", GRANTEX_E_API,
     "the event is of another developer's log, or of none; --since TIME starts by time"},
    {"CURSOR_EXPIRED", GRANTEX_E_API, "--since TIME starts by time, and says what is missing"},
    {"INVALID_EVENT_TYPE", GRANTEX_E_API, "a prefix is written 'grant.*'; man grantex lists the types"},
    {"INSUFFICIENT_BUDGET", GRANTEX_E_API, "grantex budgets balance GRANT_ID says how much is left"},
    {"GRANT_INACTIVE", GRANTEX_E_API, "grantex trace GRANT_ID tells how it ended"},
    {"TOO_MANY_CONNECTIONS", GRANTEX_E_API,
     "end another stream first, or start the server with a higher --max-streams"},
    {"self-signed certificate", GRANTEX_E_NETWORK, UNTRUSTED},
    {"issuer certificate", GRANTEX_E_NETWORK, UNTRUSTED},
    {"certificate verify locations", GRANTEX_E_NETWORK, UNTRUSTED},
    {NULL, GRANTEX_E_NO_KEY, "set GRANTEX_API_KEY to a key of the server (grantexd dev prints one when it starts)"},
    {NULL, GRANTEX_E_AUTH, "the key in GRANTEX_API_KEY or --api-key is not one of this server, or no more"},
    {NULL, GRANTEX_E_NETWORK, "does the server run, and is it there? GRANTEX_BASE_URL or --base-url says where"},
};

static bool is_about(const char *code, const grantex_error *error)
{
    if (!code)
        return true;
    return error->status == GRANTEX_E_NETWORK ? strstr(error->message, code) != NULL : strcmp(error->code, code) == 0;
}

const char *cli_hint_of(const grantex_error *error)
{
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
        if (hints[i].status == error->status && is_about(hints[i].code, error))
            return hints[i].hint;
    return NULL;
}

void cli_put_hint(const grantex_error *error)
{
    const char *hint = cli_hint_of(error);
    if (hint)
        fprintf(stderr, "  %s\n", hint);
}

int cli_fail(const grantex_error *error)
{
    fputs("grantex: ", stderr);
    cli_put_text(stderr, error->message);
    if (error->code[0] || error->request_id[0]) {
        fputs(" (", stderr);
        cli_put_text(stderr, error->code);
        fputs(error->code[0] && error->request_id[0] ? ", request " : error->request_id[0] ? "request " : "", stderr);
        cli_put_text(stderr, error->request_id);
        fputs(")", stderr);
    }
    fputs("\n", stderr);
    cli_put_hint(error);
    return exit_of(error->status);
}

int cli_fail_usage(const cli_command *command, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    fputs("grantex: ", stderr);
    vfprintf(stderr, format, values);
    va_end(values);
    fprintf(stderr, "\ngrantex%s%s%s%s --help says more\n", command ? " " : "", command ? command->noun : "",
            command && command->verb ? " " : "", command && command->verb ? command->verb : "");
    return CLI_USAGE;
}

int cli_fail_words(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    fputs("grantex: ", stderr);
    vfprintf(stderr, format, values);
    va_end(values);
    fputs("\n", stderr);
    return CLI_OTHER;
}
