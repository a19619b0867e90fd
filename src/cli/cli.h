/* The command `grantex`: what all of its subcommands share. Built on the public headers of libgrantex only. */
#ifndef GX_CLI_CLI_H
#define GX_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "grantex/grantex.h"

/* Exit statuses; a stream that is ended by a signal gives 128 + its number. */
typedef enum cli_exit {
    CLI_OK = 0,
    CLI_REFUSED = 1,  /* the server said no */
    CLI_USAGE = 2,    /* the command line is wrong */
    CLI_KEY = 3,      /* no API key, or the server does not take it */
    CLI_NETWORK = 4,  /* no answer */
    CLI_OTHER = 5,    /* memory, system, limits, an answer that cannot be read, output that cannot be written */
    CLI_RECEIVER = 6, /* events stream --forward-to: the receiver does not take an event */
    CLI_GAP = 7,      /* events stream --on-gap fail: events are missing for good */
    CLI_FOUND = 8,    /* doctor and conform: something is not as it should be */
} cli_exit;

#define CLI_MOST_OPTIONS     24
#define CLI_MOST_POSITIONALS 2

/* "--name VALUE" or, without `value`, "--name". A table ends with a row of zeros. What a shell offers for the value
 * follows from its name: "a|b" these words, "FILE" names of files, "TYPES" the types of events. */
typedef struct cli_option {
    const char *name, *value, *help;
} cli_option;

typedef struct cli_arguments {
    const char *options[CLI_MOST_OPTIONS]; /* by row of the command's table; a flag that is set gives "" */
    const char *positionals[CLI_MOST_POSITIONALS];
    const char *api_key, *base_url;
    bool json, help;
} cli_arguments;

typedef struct cli_command {
    const char *noun, *verb;                       /* verb NULL: a command of one word */
    const char *positionals[CLI_MOST_POSITIONALS]; /* names for the help; "a|b": one of */
    size_t optional;                               /* so many of them, the last ones, need not be there */
    const cli_option *options;                     /* NULL: none of its own */
    const char *summary;                           /* one line */
    const char *details;                           /* more lines for its own help, or NULL */
    bool without_client;                           /* it needs neither key nor server: `client` is NULL */
    int (*run)(const cli_arguments *arguments, grantex_client *client);
} cli_command;

extern const cli_command cli_events_stream;
extern const cli_command cli_grants_list, cli_grants_get, cli_grants_revoke;
extern const cli_command cli_budgets_allocate, cli_budgets_debit, cli_budgets_balance;
extern const cli_command cli_agents_register, cli_agents_list;
extern const cli_command cli_keys_create, cli_keys_list, cli_keys_revoke, cli_keys_rotate;
extern const cli_command cli_top, cli_trace, cli_completion;
extern const cli_command cli_doctor, cli_conform;

/* Finds the command and runs it; the exit status. */
int cli_main(int argc, char **argv);

/* arguments.c */
/* Reads what stands behind noun and verb. False when it is wrong, and has been said on stderr. */
bool cli_arguments_read(cli_arguments *arguments, const cli_command *command, char **words);
size_t cli_positional_count(const cli_command *command);

/* list.c */
/* Cuts "a,b" at its commas and blanks: `words` gets at most `most` words and a NULL, and points into `room`. False when
 * it does not fit. */
bool cli_list_read(const char *text, char *room, size_t size, const char **words, size_t most);

/* help.c */
/* The options that every command has; ends with a row of zeros. */
extern const cli_option cli_common_options[];
/* On stdout when asked for, on stderr when the usage was wrong. */
void cli_help_all(FILE *out);
bool cli_help_noun(FILE *out, const char *noun); /* false when there is no such noun */
void cli_help_command(FILE *out, const cli_command *command);

/* failure.c */
/* Says the error on stderr and returns the exit status that belongs to it. */
int cli_fail(const grantex_error *error);
/* What to do next about it; static, NULL where trying again is all. */
const char *cli_hint_of(const grantex_error *error);
/* The same on stderr, as a line of its own. */
void cli_put_hint(const grantex_error *error);
/* Says one line of our own on stderr, "grantex: …", and returns CLI_OTHER. */
int cli_fail_words(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Says what is wrong with the command line, and where help is; returns CLI_USAGE. `command` may be NULL. */
int cli_fail_usage(const cli_command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The commands, ended by NULL. */
extern const cli_command *const cli_commands[];

#endif
