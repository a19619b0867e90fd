/* RFC 3339 timestamps: written as UTC with milliseconds, read with any offset and 0 to 9 fraction digits. */
#ifndef GX_BASE_TIMESTAMP_H
#define GX_BASE_TIMESTAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

#define GX_TIMESTAMP_SIZE 25 /* "2026-11-23T18:00:00.123Z" and a NUL */

/* Writes the 24 characters and a NUL. `ms` is clamped to the years 0001 to 9999. */
void gx_timestamp_write(char out[static GX_TIMESTAMP_SIZE], int64_t ms);

typedef enum gx_timestamp_result {
    GX_TIMESTAMP_OK = 0,
    GX_TIMESTAMP_NO_OFFSET, /* a valid local time without Z or offset: the caller refuses, it never guesses */
    GX_TIMESTAMP_INVALID,
} gx_timestamp_result;

/* Reads a date-time of RFC 3339 section 5.6. Fractions finer than a millisecond are rounded UP, so that
 * "events since T" never includes one from before T. A space is taken for '+' in the offset (an undecoded query
 * string did that). Second 60 is taken as the next second. *ms is written only on GX_TIMESTAMP_OK. */
gx_timestamp_result gx_timestamp_read(gx_span text, int64_t *ms);

#endif
