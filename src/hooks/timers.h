/* Who wants to be woken when: a binary heap of nodes that live in what they wake. */
#ifndef GX_HOOKS_TIMERS_H
#define GX_HOOKS_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct gx_timer {
    int64_t at;
    size_t place; /* in the heap, from 1; 0: not set */
} gx_timer;

typedef struct gx_timers {
    gx_timer **heap; /* owned; the earliest first */
    size_t count, capacity;
} gx_timers;

void gx_timers_free(gx_timers *timers);

/* Makes room for so many timers in all: setting one never fails then. */
bool gx_timers_reserve(gx_timers *timers, size_t count);

void gx_timer_set(gx_timers *timers, gx_timer *timer, int64_t at); /* anew, if it was set */
void gx_timer_clear(gx_timers *timers, gx_timer *timer);           /* no harm if it is not set */

/* When the first one is due; INT64_MAX: none is set. */
int64_t gx_timers_next(const gx_timers *timers);

/* Takes the first one that is due; NULL: none is. */
gx_timer *gx_timers_take(gx_timers *timers, int64_t now);

#endif
