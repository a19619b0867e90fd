#include "base/clock.h"

#include <time.h>

static int64_t now(clockid_t clock, int64_t per_second)
{
    struct timespec time;
    clock_gettime(clock, &time); /* cannot fail for the two clocks below */
    return (int64_t)time.tv_sec * per_second + (int64_t)time.tv_nsec / (INT64_C(1000000000) / per_second);
}

int64_t gx_clock_wall_ms(void)
{
    return now(CLOCK_REALTIME, 1000);
}

int64_t gx_clock_monotonic_ms(void)
{
    return now(CLOCK_MONOTONIC, 1000);
}

int64_t gx_clock_monotonic_us(void)
{
    return now(CLOCK_MONOTONIC, 1000000);
}
