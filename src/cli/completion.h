/* Completions for shells, all made from the tables of commands and options. */
#ifndef GX_CLI_COMPLETION_H
#define GX_CLI_COMPLETION_H

#include <stdio.h>

#include "cli/cli.h"

typedef enum cli_offer { CLI_OFFER_NOTHING, CLI_OFFER_WORDS, CLI_OFFER_FILES } cli_offer;

/* What a shell offers where a value of this name is to stand. For WORDS `words` gets them, with blanks between. */
cli_offer cli_offer_for(const char *value, char *words, size_t size);

/* Calls `put` once for each noun, in the order of the help. */
void cli_each_noun(FILE *out, void (*put)(FILE *out, const char *noun, const char *summary));

/* The first word after "grantex" of a command of two words has verbs behind it. */
bool cli_has_verbs(const char *noun);

void cli_completion_bash(FILE *out);
void cli_completion_zsh(FILE *out);
void cli_completion_fish(FILE *out);

#endif
