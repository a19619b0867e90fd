/* jsonl_file.c's other half: what was left by the run before. */
#ifndef GX_CLI_JSONL_RECOVER_H
#define GX_CLI_JSONL_RECOVER_H

#include <limits.h>

#include "cli/jsonl_file.h"

/* Finds the cursor and the end of what is whole in the open file; the rest is cut off. False: said on stderr. */
bool cli_jsonl_recover(cli_jsonl_file *file);

/* Finds the number of the newest FILE.N. False: said on stderr. */
bool cli_jsonl_find_rotated(cli_jsonl_file *file);

/* Where the file has no cursor, as after a kill between the two steps of a rotation, the newest FILE.N has it. False:
 * said on stderr. */
bool cli_jsonl_take_rotated_cursor(cli_jsonl_file *file);

void cli_jsonl_name_rotated(const cli_jsonl_file *file, unsigned long long number, char out[static PATH_MAX]);

/* Bytes that a name gets longer by when it is rotated. */
#define CLI_JSONL_NUMBER_ROOM 24

#endif
