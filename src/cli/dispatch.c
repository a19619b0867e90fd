#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/output.h"

/* Of a command of one word the verb is NULL. */
static const cli_command *find(const char *noun, const char *verb)
{
    for (const cli_command *const *command = cli_commands; *command; command++) {
        const char *own = (*command)->verb;
        if (strcmp((*command)->noun, noun) == 0 && (own && verb ? strcmp(own, verb) == 0 : own == verb))
            return *command;
    }
    return NULL;
}

static int end(int status)
{
    if ((fflush(stdout) == 0 && !ferror(stdout)) || cli_reader_gone(stdout))
        return status;
    fprintf(stderr, "grantex: the output cannot be written\n");
    return CLI_OTHER;
}

static int run(const cli_command *command, const cli_arguments *arguments)
{
    grantex_client_options options = GRANTEX_CLIENT_OPTIONS_INIT;
    options.api_key = arguments->api_key;
    options.base_url = arguments->base_url;
    grantex_error error = {.status = GRANTEX_OK};
    grantex_client *client;
    if (grantex_client_open(&options, &client, &error) != GRANTEX_OK)
        return cli_fail(&error);
    int status = command->run(arguments, client);
    grantex_client_close(client);
    return end(status);
}

static int run_command(const cli_command *command, char **words)
{
    cli_arguments arguments = {.json = false};
    if (!cli_arguments_read(&arguments, command, words))
        return CLI_USAGE;
    if (arguments.help) {
        cli_help_command(stdout, command);
        return CLI_OK;
    }
    return command->without_client ? end(command->run(&arguments, NULL)) : run(command, &arguments);
}

static bool asks_for_help(const char *word)
{
    return !word || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

static int run_noun(const char *noun, char **words)
{
    const cli_command *alone = find(noun, NULL);
    if (alone)
        return run_command(alone, words);
    if (asks_for_help(words[0]) && cli_help_noun(words[0] ? stdout : stderr, noun))
        return words[0] ? CLI_OK : CLI_USAGE;
    const cli_command *command = words[0] ? find(noun, words[0]) : NULL;
    if (command)
        return run_command(command, words + 1);
    return cli_fail_usage(NULL, "there is no command \"%s%s%s\"", noun, words[0] ? " " : "", words[0] ? words[0] : "");
}

int cli_main(int argc, char **argv)
{
    if (argc < 2) {
        cli_help_all(stderr);
        return CLI_USAGE;
    }
    if (asks_for_help(argv[1])) {
        cli_help_all(stdout);
        return CLI_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("grantex %s\n", grantex_version());
        return CLI_OK;
    }
    return run_noun(argv[1], argv + 2);
}
