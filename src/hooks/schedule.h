/* When a delivery that failed is tried again, and when it is given up. */
#ifndef GX_HOOKS_SCHEDULE_H
#define GX_HOOKS_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

#define GX_SCHEDULE_MOST 16

typedef struct gx_schedule {
    int count;                          /* of delays */
    int64_t delay_ms[GX_SCHEDULE_MOST]; /* before the second attempt, the third … */
} gx_schedule;

/* 30, 60, 120, 240 s: five attempts. */
gx_schedule gx_schedule_default(void);

/* Milliseconds with commas between, "30000,60000": 1 to GX_SCHEDULE_MOST numbers from 1 to a day. *out is written only
 * on success. */
bool gx_schedule_read(gx_span text, gx_schedule *out);

/* That many attempts are made in all. */
int gx_schedule_attempts(const gx_schedule *schedule);

/* How long to wait after so many attempts that failed (1 or more); false: give up. */
bool gx_schedule_after(const gx_schedule *schedule, int64_t attempts, int64_t *delay_ms);

#endif
