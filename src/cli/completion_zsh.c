#include "cli/completion.h"

#include <string.h>

/* Inside single quotes, where `special` characters need a backslash. */
static void put_quoted(FILE *out, const char *text, const char *special)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", out);
        else
            fprintf(out, "%s%c", strchr(special, *text) ? "\\" : "", *text);
    }
}

static void put_described(FILE *out, const char *word, const char *summary)
{
    fprintf(out, " '%s:", word);
    put_quoted(out, summary, ":\\");
    fputs("'", out);
}

static void put_verbs(FILE *out, const char *noun, const char *summary)
{
    (void)summary;
    if (!cli_has_verbs(noun))
        return;
    fprintf(out, "    %s)\n        if ((CURRENT == 3)); then\n            commands=(", noun);
    for (const cli_command *const *command = cli_commands; *command; command++)
        if (strcmp((*command)->noun, noun) == 0)
            put_described(out, (*command)->verb, (*command)->summary);
    fputs(")\n            _describe command commands\n            return\n        fi ;;\n", out);
}

/* ":message:action" of what is to stand there. */
static void put_action(FILE *out, const char *value)
{
    char words[512];
    fputs(":", out);
    put_quoted(out, value, ":\\");
    switch (cli_offer_for(value, words, sizeof words)) {
    case CLI_OFFER_WORDS:
        fputs(":(", out);
        put_quoted(out, words, "*");
        fputs(")", out);
        break;
    case CLI_OFFER_FILES:
        fputs(":_files", out);
        break;
    case CLI_OFFER_NOTHING:
        fputs(": ", out);
        break;
    }
}

static void put_options(FILE *out, const cli_option *options)
{
    for (; options && options->name; options++) {
        fprintf(out, " \\\n            '--%s%s[", options->name, options->value ? "=" : "");
        put_quoted(out, options->help, "[]:\\");
        fputs("]", out);
        if (options->value)
            put_action(out, options->value);
        fputs("'", out);
    }
}

static void put_command(FILE *out, const cli_command *command)
{
    if (command->verb)
        fprintf(out, "    '%s %s')\n        words=(\"${(@)words[3,-1]}\")\n        ((CURRENT -= 2))\n", command->noun,
                command->verb);
    else
        fprintf(out, "    %s\\ *)\n        words=(\"${(@)words[2,-1]}\")\n        ((CURRENT -= 1))\n", command->noun);
    fputs("        _arguments", out);
    put_options(out, command->options);
    put_options(out, cli_common_options);
    for (size_t i = 0; i < CLI_MOST_POSITIONALS && command->positionals[i]; i++) {
        fputs(" \\\n            '", out);
        fprintf(out, "%zu", i + 1);
        put_action(out, command->positionals[i]);
        fputs("'", out);
    }
    fputs(" ;;\n", out);
}

void cli_completion_zsh(FILE *out)
{
    fputs("#compdef grantex\n"
          "# zsh completion for grantex; made by `grantex completion zsh`\n"
          "_grantex() {\n"
          "    local -a commands\n"
          "    if ((CURRENT == 2)); then\n"
          "        commands=(",
          out);
    cli_each_noun(out, put_described);
    fputs(" '--help:help for all' '--version:the version')\n"
          "        _describe command commands\n"
          "        return\n"
          "    fi\n"
          "    case $words[2] in\n",
          out);
    cli_each_noun(out, put_verbs);
    fputs("    esac\n"
          "    case \"$words[2] $words[3]\" in\n",
          out);
    for (const cli_command *const *command = cli_commands; *command; command++)
        put_command(out, *command);
    fputs("    esac\n"
          "}\n"
          "if [[ $funcstack[1] == _grantex ]]; then\n"
          "    _grantex \"$@\"\n"
          "else\n"
          "    compdef _grantex grantex\n"
          "fi\n",
          out);
}
