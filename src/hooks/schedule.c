#include "hooks/schedule.h"

enum { DAY_MS = 24 * 3600 * 1000 };

gx_schedule gx_schedule_default(void)
{
    return (gx_schedule){.count = 4, .delay_ms = {30000, 60000, 120000, 240000}};
}

bool gx_schedule_read(gx_span text, gx_schedule *out)
{
    gx_schedule read = {0};
    gx_span number;
    while (gx_span_split(&text, ',', &number)) {
        unsigned long long ms;
        if (read.count == GX_SCHEDULE_MOST || !gx_span_to_uint(number, &ms) || ms < 1 || ms > DAY_MS)
            return false;
        read.delay_ms[read.count++] = (int64_t)ms;
    }
    if (read.count == 0)
        return false;
    *out = read;
    return true;
}

int gx_schedule_attempts(const gx_schedule *schedule)
{
    return schedule->count + 1;
}

bool gx_schedule_after(const gx_schedule *schedule, int64_t attempts, int64_t *delay_ms)
{
    if (attempts > schedule->count)
        return false;
    *delay_ms = schedule->delay_ms[attempts - 1];
    return true;
}
