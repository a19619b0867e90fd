#include "cli/completion.h"

#include <string.h>

static void put_noun(FILE *out, const char *noun, const char *summary)
{
    (void)summary;
    fprintf(out, "%s ", noun);
}

static void put_verbs(FILE *out, const char *noun, const char *summary)
{
    (void)summary;
    if (!cli_has_verbs(noun))
        return;
    fprintf(out, "    %s)\n        verbs='", noun);
    for (const cli_command *const *command = cli_commands; *command; command++)
        if (strcmp((*command)->noun, noun) == 0)
            fprintf(out, "%s ", (*command)->verb);
    fputs("' ;;\n", out);
}

/* What stands behind --name. */
static void put_value(FILE *out, const cli_option *option)
{
    char words[512];
    if (!option->value)
        return;
    fprintf(out, "        --%s) ", option->name);
    switch (cli_offer_for(option->value, words, sizeof words)) {
    case CLI_OFFER_WORDS:
        fprintf(out, "words='%s'; options= ;;\n", words);
        break;
    case CLI_OFFER_FILES:
        fputs("_grantex_files; return ;;\n", out);
        break;
    case CLI_OFFER_NOTHING:
        fputs("return ;;\n", out);
        break;
    }
}

static void put_values(FILE *out, const cli_option *options)
{
    for (; options && options->name; options++)
        put_value(out, options);
}

static void put_names(FILE *out, const cli_option *options)
{
    for (; options && options->name; options++)
        fprintf(out, "--%s ", options->name);
}

static void put_command(FILE *out, const cli_command *command)
{
    char words[512] = "";
    if (command->verb)
        fprintf(out, "    '%s %s')\n", command->noun, command->verb);
    else
        fprintf(out, "    %s\\ *)\n", command->noun);
    fputs("        options='", out);
    put_names(out, command->options);
    put_names(out, cli_common_options);
    fputs("'\n", out);
    if (cli_offer_for(command->positionals[0], words, sizeof words) == CLI_OFFER_WORDS)
        fprintf(out, "        words='%s'\n", words);
    fputs("        case $prev in\n", out);
    put_values(out, command->options);
    put_values(out, cli_common_options);
    fputs("        esac ;;\n", out);
}

void cli_completion_bash(FILE *out)
{
    fputs("# bash completion for grantex; made by `grantex completion bash`\n"
          "_grantex_files() {\n"
          "    local IFS=$'\\n'\n"
          "    compopt -o filenames 2>/dev/null\n"
          "    COMPREPLY=($(compgen -f -- \"$cur\"))\n"
          "}\n"
          "_grantex() {\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} options= words= verbs=\n"
          "    COMPREPLY=()\n"
          "    # --name=value comes as three words\n"
          "    if [[ $cur == = ]]; then cur=; fi\n"
          "    if [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
          "    if ((COMP_CWORD == 1)); then\n"
          "        words='",
          out);
    cli_each_noun(out, put_noun);
    fputs("--help --version'\n"
          "        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
          "        return\n"
          "    fi\n"
          "    case ${COMP_WORDS[1]} in\n",
          out);
    cli_each_noun(out, put_verbs);
    fputs("    esac\n"
          "    if ((COMP_CWORD == 2)) && [[ -n $verbs ]]; then\n"
          "        if [[ $cur == -* ]]; then verbs=--help; fi\n"
          "        COMPREPLY=($(compgen -W \"$verbs\" -- \"$cur\"))\n"
          "        return\n"
          "    fi\n"
          "    case \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" in\n",
          out);
    for (const cli_command *const *command = cli_commands; *command; command++)
        put_command(out, *command);
    fputs("    esac\n"
          "    if [[ $cur == -* ]]; then words=; else options=${words:+} ; fi\n"
          "    set -f # 'grant.*' is a word, not a pattern\n"
          "    COMPREPLY=($(compgen -W \"$words $options\" -- \"$cur\"))\n"
          "    set +f\n"
          "}\n"
          "complete -F _grantex grantex\n",
          out);
}
