#include <stdarg.h>
#include <stdio.h>

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
