#include "lib/backoff.h"

#include "base/random.h"

#define MOST_DOUBLINGS 16

static int64_t at_most(int64_t value, int64_t most)
{
    return value < most ? value : most;
}

int64_t gx_backoff_ms(int failures, int64_t floor_ms, int64_t base_ms, int64_t most_ms)
{
    int64_t doublings = failures < MOST_DOUBLINGS ? failures : MOST_DOUBLINGS;
    int64_t ceiling = at_most(base_ms << doublings, most_ms);
    uint32_t chance = UINT32_MAX; /* no randomness: the longest wait is the safe one */
    gx_random_bytes(&chance, sizeof chance);
    return floor_ms + (int64_t)((uint64_t)ceiling * chance / UINT32_MAX);
}
