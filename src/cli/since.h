/* "15m": how far back, as the time that the server wants. */
#ifndef GX_CLI_SINCE_H
#define GX_CLI_SINCE_H

#include <stdbool.h>
#include <time.h>

#define CLI_SINCE_SIZE 64

/* Digits and one of s, m, h, d count back from `now` to an RFC 3339 time in UTC; anything else is handed to the server
 * as it is. False when it does not fit. */
bool cli_since_read(const char *text, time_t now, char out[static CLI_SINCE_SIZE]);

#endif
