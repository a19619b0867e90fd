#include "handler/samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int64_t samples_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void samples_add(samples *of, int64_t ns)
{
    if (of->count < MOST_SAMPLES)
        of->ns[of->count++] = ns;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

void samples_print(samples *of, size_t warm_up)
{
    int64_t *first = of->ns + warm_up;
    size_t count = of->count > warm_up ? of->count - warm_up : 0;
    qsort(first, count, sizeof *first, compare);
    printf("{\"samples\":%zu,\"p50_us\":%.1f,\"p99_us\":%.1f,\"most_us\":%.1f}\n", count,
           count ? (double)first[count / 2] / 1e3 : 0, count ? (double)first[count * 99 / 100] / 1e3 : 0,
           count ? (double)first[count - 1] / 1e3 : 0);
    fflush(stdout);
}
