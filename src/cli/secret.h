/* The secret that posts to a receiver are signed with. */
#ifndef GX_CLI_SECRET_H
#define GX_CLI_SECRET_H

#include <stdbool.h>

#define CLI_SECRET_SIZE 513

/* Where the secret comes from: the first line of `path`, else GRANTEX_WEBHOOK_SECRET, else a new one of 48 hex digits,
 * and *made is true. False: said on stderr. */
bool cli_secret_find(const char *path, char out[static CLI_SECRET_SIZE], bool *made);

#endif
