/* What the parse bench reads: events as grantexd sends them. */
#ifndef GX_BENCH_PARSE_EVENTS_H
#define GX_BENCH_PARSE_EVENTS_H

#include <stddef.h>

/* Writes `count` frames one after the other, their lines ended by `eol`; the five types take turns. The bytes are the
 * caller's, *length of them; exits when there is no memory. */
char *bench_events_write(size_t count, const char *eol, size_t *length);

#endif
