/* What is counted for the operator: counters and histograms, plain relaxed atomics in a struct of whoever counts.
 * Adding costs an atomic addition and orders nothing; a reader sees each number, not one moment of all of them. */
#ifndef GX_BASE_METRICS_H
#define GX_BASE_METRICS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

typedef _Atomic uint64_t gx_counter;

static inline void gx_count(gx_counter *counter, uint64_t more)
{
    atomic_fetch_add_explicit(counter, more, memory_order_relaxed);
}

static inline uint64_t gx_counted(const gx_counter *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

#define GX_SCALE_MOST_BOUNDS 12

/* Where the buckets of a histogram end, inclusive, ascending. */
typedef struct gx_scale {
    size_t count;
    uint64_t bounds[GX_SCALE_MOST_BOUNDS];
} gx_scale;

extern const gx_scale gx_scale_us;   /* durations in microseconds, 100 µs to 10 s */
extern const gx_scale gx_scale_jobs; /* 1, 2, 4 … 512 */

/* Of values on one scale; the last bucket in use is for what is above all bounds. Zeroed is empty. */
typedef struct gx_histogram {
    gx_counter buckets[GX_SCALE_MOST_BOUNDS + 1];
    gx_counter sum;
} gx_histogram;

void gx_histogram_add(gx_histogram *histogram, const gx_scale *scale, uint64_t value);

/* How many values there are. */
uint64_t gx_histogram_count(const gx_histogram *histogram);

#endif
