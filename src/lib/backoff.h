/* How long to wait before the next attempt. */
#ifndef GX_LIB_BACKOFF_H
#define GX_LIB_BACKOFF_H

#include <stdint.h>

/* `floor_ms` (what the server asked for) plus a random part between 0 and base * 2^failures, at most `most_ms`. The
 * whole part by chance ("full jitter") keeps a thousand clients of one server that died from coming back as one. */
int64_t gx_backoff_ms(int failures, int64_t floor_ms, int64_t base_ms, int64_t most_ms);

#endif
