#include <string.h>

#include "cli/cli.h"

/* "--name=value" and "--name value" of one option; where the value goes, or the flag. */
typedef struct slot {
    const char *name;
    bool takes_value;
    const char **value;
    bool *flag;
} slot;

static bool is_name(const char *word, const char *name)
{
    size_t length = strlen(name);
    return strncmp(word, name, length) == 0 && (word[length] == '\0' || word[length] == '=');
}

static slot find_slot(cli_arguments *arguments, const cli_command *command, const char *word)
{
    const slot common[] = {
        {"api-key", true, &arguments->api_key, NULL},
        {"base-url", true, &arguments->base_url, NULL},
        {"json", false, NULL, &arguments->json},
        {"help", false, NULL, &arguments->help},
    };
    for (size_t i = 0; i < sizeof common / sizeof common[0]; i++)
        if (is_name(word, common[i].name))
            return common[i];
    for (size_t i = 0; command->options && command->options[i].name; i++)
        if (is_name(word, command->options[i].name))
            return (slot){command->options[i].name, command->options[i].value != NULL, &arguments->options[i], NULL};
    return (slot){NULL, false, NULL, NULL};
}

/* Moves *words past the option. */
static bool read_option(cli_arguments *arguments, const cli_command *command, char ***words)
{
    const char *word = **words + 2;
    slot found = find_slot(arguments, command, word);
    if (!found.name)
        return cli_fail_usage(command, "there is no option %s", **words), false;
    const char *equals = strchr(word, '=');
    if (!found.takes_value && equals)
        return cli_fail_usage(command, "--%s takes no value", found.name), false;
    ++*words;
    if (!found.takes_value) {
        if (found.flag)
            *found.flag = true;
        else
            *found.value = "";
        return true;
    }
    if (!equals && !**words)
        return cli_fail_usage(command, "--%s needs a value", found.name), false;
    *found.value = equals ? equals + 1 : *(*words)++;
    return true;
}

size_t cli_positional_count(const cli_command *command)
{
    size_t count = 0;
    while (count < CLI_MOST_POSITIONALS && command->positionals[count])
        count++;
    return count;
}

bool cli_arguments_read(cli_arguments *arguments, const cli_command *command, char **words)
{
    size_t wanted = cli_positional_count(command), given = 0;
    bool only_positionals = false;
    while (*words && !arguments->help) {
        bool option = !only_positionals && strncmp(*words, "--", 2) == 0;
        if (option && (*words)[2] == '\0') {
            only_positionals = true;
            words++;
        } else if (option) {
            if (!read_option(arguments, command, &words))
                return false;
        } else if (!only_positionals && strcmp(*words, "-h") == 0) {
            arguments->help = true;
        } else if (given == wanted) {
            return cli_fail_usage(command, "\"%s\" is one word too many", *words), false;
        } else {
            arguments->positionals[given++] = *words++;
        }
    }
    if (given + command->optional < wanted && !arguments->help)
        return cli_fail_usage(command, "%s is missing", command->positionals[given]), false;
    return true;
}
