/* The two clocks. Wall time dates events; monotonic time measures waits. */
#ifndef GX_BASE_CLOCK_H
#define GX_BASE_CLOCK_H

#include <stdint.h>

int64_t gx_clock_wall_ms(void);      /* milliseconds since 1970-01-01T00:00:00Z */
int64_t gx_clock_monotonic_ms(void); /* never goes back */
int64_t gx_clock_monotonic_us(void);

#endif
