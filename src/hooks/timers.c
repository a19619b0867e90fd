#include "hooks/timers.h"

#include <stdlib.h>

void gx_timers_free(gx_timers *timers)
{
    free(timers->heap);
    *timers = (gx_timers){0};
}

bool gx_timers_reserve(gx_timers *timers, size_t count)
{
    if (count <= timers->capacity)
        return true;
    size_t capacity = timers->capacity == 0 ? 64 : timers->capacity;
    while (capacity < count)
        capacity *= 2;
    gx_timer **heap = realloc(timers->heap, capacity * sizeof(gx_timer *));
    if (heap == NULL)
        return false;
    timers->heap = heap;
    timers->capacity = capacity;
    return true;
}

/* Places count from 1, so that the parent of n is n / 2. */
static gx_timer *at(const gx_timers *timers, size_t place)
{
    return timers->heap[place - 1];
}

static void put(gx_timers *timers, size_t place, gx_timer *timer)
{
    timers->heap[place - 1] = timer;
    timer->place = place;
}

static void rise(gx_timers *timers, gx_timer *timer)
{
    size_t place = timer->place;
    for (; place > 1 && at(timers, place / 2)->at > timer->at; place /= 2)
        put(timers, place, at(timers, place / 2));
    put(timers, place, timer);
}

static void sink(gx_timers *timers, gx_timer *timer)
{
    size_t place = timer->place;
    for (size_t child; (child = place * 2) <= timers->count; place = child) {
        if (child < timers->count && at(timers, child + 1)->at < at(timers, child)->at)
            child++;
        if (at(timers, child)->at >= timer->at)
            break;
        put(timers, place, at(timers, child));
    }
    put(timers, place, timer);
}

void gx_timer_set(gx_timers *timers, gx_timer *timer, int64_t when)
{
    timer->at = when;
    if (timer->place == 0)
        put(timers, ++timers->count, timer);
    rise(timers, timer);
    sink(timers, timer);
}

void gx_timer_clear(gx_timers *timers, gx_timer *timer)
{
    if (timer->place == 0)
        return;
    gx_timer *last = at(timers, timers->count--);
    if (last != timer) {
        put(timers, timer->place, last);
        rise(timers, last);
        sink(timers, last);
    }
    timer->place = 0;
}

int64_t gx_timers_next(const gx_timers *timers)
{
    return timers->count > 0 ? timers->heap[0]->at : INT64_MAX;
}

gx_timer *gx_timers_take(gx_timers *timers, int64_t now)
{
    if (gx_timers_next(timers) > now)
        return NULL;
    gx_timer *first = timers->heap[0];
    gx_timer_clear(timers, first);
    return first;
}
