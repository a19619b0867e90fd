#include "base/metrics.h"

const gx_scale gx_scale_us = {12, {100, 250, 500, 1000, 2500, 5000, 10000, 25000, 100000, 250000, 1000000, 10000000}};

const gx_scale gx_scale_jobs = {10, {1, 2, 4, 8, 16, 32, 64, 128, 256, 512}};

void gx_histogram_add(gx_histogram *histogram, const gx_scale *scale, uint64_t value)
{
    size_t bucket = 0;
    while (bucket < scale->count && value > scale->bounds[bucket])
        bucket++;
    gx_count(&histogram->buckets[bucket], 1);
    gx_count(&histogram->sum, value);
}

uint64_t gx_histogram_count(const gx_histogram *histogram)
{
    uint64_t count = 0;
    for (size_t i = 0; i <= GX_SCALE_MOST_BOUNDS; i++)
        count += gx_counted(&histogram->buckets[i]);
    return count;
}
