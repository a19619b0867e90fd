#include "cli/completion.h"

#include <string.h>

static void put_quoted(FILE *out, const char *text)
{
    fputs("'", out);
    for (; *text; text++)
        fprintf(out, "%s%c", *text == '\'' || *text == '\\' ? "\\" : "", *text);
    fputs("'", out);
}

/* Of a list that fish expands once more: 'grant.*' is a word, not a pattern. */
static void put_words(FILE *out, const char *words)
{
    char escaped[1024], *to = escaped;
    for (; *words && to < escaped + sizeof escaped - 2; words++) {
        if (*words == '*')
            *to++ = '\\';
        *to++ = *words;
    }
    *to = '\0';
    put_quoted(out, escaped);
}

static void put_noun(FILE *out, const char *noun, const char *summary)
{
    fprintf(out, "complete -c grantex -n '__grantex_words 0' -a %s -d ", noun);
    put_quoted(out, summary);
    fputs("\n", out);
}

static void put_condition(FILE *out, const cli_command *command)
{
    fprintf(out, "complete -c grantex -n '__grantex_is %s%s%s'", command->noun, command->verb ? " " : "",
            command->verb ? command->verb : "");
}

static void put_offer(FILE *out, const char *value)
{
    char words[512];
    switch (cli_offer_for(value, words, sizeof words)) {
    case CLI_OFFER_WORDS:
        fputs(" -x -a ", out);
        put_words(out, words);
        break;
    case CLI_OFFER_FILES:
        fputs(" -r -F", out);
        break;
    case CLI_OFFER_NOTHING:
        fputs(" -x", out);
        break;
    }
}

static void put_options(FILE *out, const cli_command *command, const cli_option *options)
{
    for (; options && options->name; options++) {
        put_condition(out, command);
        fprintf(out, " -l %s", options->name);
        if (options->value)
            put_offer(out, options->value);
        fputs(" -d ", out);
        put_quoted(out, options->help);
        fputs("\n", out);
    }
}

static void put_command(FILE *out, const cli_command *command)
{
    char words[512];
    if (command->verb) {
        fprintf(out, "complete -c grantex -n '__grantex_words 1; and __grantex_is %s' -a %s -d ", command->noun,
                command->verb);
        put_quoted(out, command->summary);
        fputs("\n", out);
    }
    put_options(out, command, command->options);
    put_options(out, command, cli_common_options);
    if (cli_offer_for(command->positionals[0], words, sizeof words) == CLI_OFFER_WORDS) {
        put_condition(out, command);
        fputs(" -a ", out);
        put_words(out, words);
        fputs("\n", out);
    }
}

void cli_completion_fish(FILE *out)
{
    fputs("# fish completion for grantex; made by `grantex completion fish`\n"
          "function __grantex_words # so many words stand behind grantex\n"
          "    test (count (commandline -opc)) -eq (math $argv[1] + 1)\n"
          "end\n"
          "function __grantex_is # they begin with these\n"
          "    set -l words (commandline -opc)\n"
          "    set -e words[1]\n"
          "    set -l most (count $argv)\n"
          "    test (count $words) -ge $most; and test \"$words[1..$most]\" = \"$argv\"\n"
          "end\n"
          "complete -c grantex -f\n"
          "complete -c grantex -n '__grantex_words 0' -l help -d 'help for all'\n"
          "complete -c grantex -n '__grantex_words 0' -l version -d 'the version'\n",
          out);
    cli_each_noun(out, put_noun);
    for (const cli_command *const *command = cli_commands; *command; command++)
        put_command(out, *command);
}
