/* How long something took, again and again. */
#ifndef BENCH_HANDLER_SAMPLES_H
#define BENCH_HANDLER_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

enum { MOST_SAMPLES = 100000 };

typedef struct samples {
    size_t count;
    int64_t ns[MOST_SAMPLES];
} samples;

/* Monotonic nanoseconds. */
int64_t samples_now(void);

/* What is more than MOST_SAMPLES is left out. */
void samples_add(samples *of, int64_t ns);

/* Prints them as one line of JSON, in microseconds, without the first `warm_up`. */
void samples_print(samples *of, size_t warm_up);

#endif
