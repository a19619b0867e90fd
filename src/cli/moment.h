/* Times, spans of time and sizes as they are written on a command line. */
#ifndef GX_CLI_MOMENT_H
#define GX_CLI_MOMENT_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define CLI_SINCE_SIZE 64

/* "now", or digits and one of s, m, h, d, which count back from it: an RFC 3339 time in UTC. One with its offset stays
 * as it is. False for anything else. */
bool cli_since_read(const char *text, time_t now, char out[static CLI_SINCE_SIZE]);

/* "now", "15m" (ago), "+15m" (from now), or an RFC 3339 time with its offset: milliseconds since 1970 UTC. */
bool cli_moment_read(const char *text, int64_t now_ms, int64_t *out_ms);

/* The same as "2026-03-01T12:00:00.123Z"; false for years that have no four digits. */
bool cli_moment_write(int64_t ms, char out[static CLI_SINCE_SIZE]);

/* "2026-03-01T12:00:00.123+02:00" alone. */
bool cli_rfc3339_read(const char *text, int64_t *out_ms);

/* "500", "64K", "10M", "2G": 1 to 2^50, in powers of 1024. */
bool cli_size_read(const char *text, int64_t *out);

/* A whole number from least to most. */
bool cli_number_read(const char *text, int64_t least, int64_t most, int64_t *out);

/* "87 s", "12 min", "2 h 33 min", "3 d 4 h": short enough for a column of 10. */
#define CLI_SPAN_SIZE 32
const char *cli_span_write(int64_t seconds, char out[static CLI_SPAN_SIZE]);

int64_t cli_now_ms(void);    /* wall clock */
int64_t cli_uptime_ms(void); /* monotonic */

#endif
