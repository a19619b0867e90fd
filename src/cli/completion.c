/* grantex completion: a script for the shell that is named. */
#include "cli/completion.h"

#include <string.h>

static const char EVENT_TYPES[] = "grant.created grant.revoked token.issued budget.threshold budget.exhausted grant.* "
                                  "token.* budget.*";

cli_offer cli_offer_for(const char *value, char *words, size_t size)
{
    if (value && strcmp(value, "FILE") == 0)
        return CLI_OFFER_FILES;
    bool types = value && strcmp(value, "TYPES") == 0;
    if (!value || (!types && !strchr(value, '|')))
        return CLI_OFFER_NOTHING;
    snprintf(words, size, "%s", types ? EVENT_TYPES : value);
    for (char *bar = words; (bar = strchr(bar, '|')) != NULL;)
        *bar = ' ';
    return CLI_OFFER_WORDS;
}

static bool came_before(const cli_command *const *command)
{
    for (const cli_command *const *earlier = cli_commands; earlier < command; earlier++)
        if (strcmp((*earlier)->noun, (*command)->noun) == 0)
            return true;
    return false;
}

bool cli_has_verbs(const char *noun)
{
    for (const cli_command *const *command = cli_commands; *command; command++)
        if ((*command)->verb && strcmp((*command)->noun, noun) == 0)
            return true;
    return false;
}

/* "list, get, revoke" */
static void write_verbs(const char *noun, char *out, size_t size)
{
    size_t length = 0;
    for (const cli_command *const *command = cli_commands; *command && length < size; command++)
        if ((*command)->verb && strcmp((*command)->noun, noun) == 0)
            length += (size_t)snprintf(out + length, size - length, "%s%s", length > 0 ? ", " : "", (*command)->verb);
}

void cli_each_noun(FILE *out, void (*put)(FILE *out, const char *noun, const char *summary))
{
    char verbs[256];
    for (const cli_command *const *command = cli_commands; *command; command++) {
        if (came_before(command))
            continue;
        write_verbs((*command)->noun, verbs, sizeof verbs);
        put(out, (*command)->noun, (*command)->verb ? verbs : (*command)->summary);
    }
}

static const struct {
    const char *shell;
    void (*put)(FILE *out);
} shells[] = {{"bash", cli_completion_bash}, {"zsh", cli_completion_zsh}, {"fish", cli_completion_fish}};

static int run(const cli_arguments *arguments, grantex_client *client)
{
    (void)client;
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++)
        if (strcmp(shells[i].shell, arguments->positionals[0]) == 0) {
            shells[i].put(stdout);
            return CLI_OK;
        }
    return cli_fail_usage(&cli_completion, "completions are made for bash, zsh and fish");
}

const cli_command cli_completion = {
    .noun = "completion",
    .positionals = {"bash|zsh|fish"},
    .summary = "print completions for a shell",
    .details = "Packages install them. Otherwise, for the shell that runs:\n"
               "  bash: eval \"$(grantex completion bash)\"\n"
               "  zsh:  grantex completion zsh > \"${fpath[1]}/_grantex\"\n"
               "  fish: grantex completion fish > ~/.config/fish/completions/grantex.fish\n",
    .without_client = true,
    .run = run,
};
