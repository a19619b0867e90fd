/* What makes of grantexd a program whose clock on the wall is wrong by GRANTEX_CLOCK_AHEAD_S seconds, by the linker.
 * Not a preloaded library: that would mislead the waits of libraries too, which tell the kernel until when by the
 * clock. */
#include <stdlib.h>
#include <time.h>

int __real_clock_gettime(clockid_t clock, struct timespec *out);
int __wrap_clock_gettime(clockid_t clock, struct timespec *out);
time_t __wrap_time(time_t *out);

static time_t ahead(void)
{
    const char *seconds = getenv("GRANTEX_CLOCK_AHEAD_S");
    return seconds != NULL ? (time_t)strtol(seconds, NULL, 10) : 0;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *out)
{
    int failed = __real_clock_gettime(clock, out);
    if (!failed && clock == CLOCK_REALTIME)
        out->tv_sec += ahead();
    return failed;
}

time_t __wrap_time(time_t *out)
{
    struct timespec now;
    __wrap_clock_gettime(CLOCK_REALTIME, &now);
    if (out != NULL)
        *out = now.tv_sec;
    return now.tv_sec;
}
