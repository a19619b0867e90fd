#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

#define COLUMN   34 /* where the text beside an option begins */
#define SYNOPSIS 44

const cli_option cli_common_options[] = {
    {"json", NULL, "print the server's JSON"},
    {"api-key", "KEY", "instead of GRANTEX_API_KEY; other users of the machine may see it"},
    {"base-url", "URL", "instead of GRANTEX_BASE_URL; default https://api.grantex.dev"},
    {"help", NULL, "this text"},
    {NULL, NULL, NULL},
};

static void print_options(FILE *out, const cli_option *options)
{
    for (; options && options->name; options++) {
        int width =
            fprintf(out, "  --%s%s%s", options->name, options->value ? " " : "", options->value ? options->value : "");
        fprintf(out, "%*s%s\n", width < COLUMN ? COLUMN - width : 1, "", options->help);
    }
}

static int print_synopsis(FILE *out, const cli_command *command)
{
    int width =
        fprintf(out, "grantex %s%s%s", command->noun, command->verb ? " " : "", command->verb ? command->verb : "");
    size_t count = cli_positional_count(command);
    for (size_t i = 0; i < count; i++)
        width += fprintf(out, i + command->optional < count ? " %s" : " [%s]", command->positionals[i]);
    return width;
}

static void print_row(FILE *out, const cli_command *command)
{
    fprintf(out, "  ");
    int width = print_synopsis(out, command) + 2;
    fprintf(out, "%*s%s\n", width < SYNOPSIS ? SYNOPSIS - width : 1, "", command->summary);
}

void cli_help_command(FILE *out, const cli_command *command)
{
    fprintf(out, "usage: ");
    print_synopsis(out, command);
    fprintf(out, " [options]\n\n%s\n", command->summary);
    if (command->details)
        fprintf(out, "\n%s", command->details);
    fprintf(out, "\noptions:\n");
    print_options(out, command->options);
    print_options(out, cli_common_options);
}

bool cli_help_noun(FILE *out, const char *noun)
{
    bool any = false;
    for (const cli_command *const *command = cli_commands; *command; command++) {
        if (strcmp((*command)->noun, noun) != 0)
            continue;
        if (!any)
            fprintf(out, "usage:\n");
        print_row(out, *command);
        any = true;
    }
    return any;
}

void cli_help_all(FILE *out)
{
    fprintf(out, "grantex: authorization events and grants of AI agents\n\nusage:\n");
    for (const cli_command *const *command = cli_commands; *command; command++)
        print_row(out, *command);
    fprintf(out, "\noptions of every command:\n");
    print_options(out, cli_common_options);
    fprintf(
        out,
        "  --version                       the version of the library\n"
        "\nThe key comes from GRANTEX_API_KEY (or GRANTEX_KEY), the server from GRANTEX_BASE_URL (or GRANTEX_URL).\n"
        "\nexit status: 0 done, 1 refused by the server, 2 wrong usage, 3 no key or key refused, 4 no answer,\n"
        "5 other, 6 the receiver of --forward-to refused, 7 a gap under --on-gap fail, 8 doctor or conform found\n"
        "something, 128 + n ended by signal n.\n"
        "More: man grantex, or --help after a command.\n");
}
