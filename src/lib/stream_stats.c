#include <string.h>

#include "base/clock.h"
#include "lib/stream.h"

static uint64_t count_of(const atomic_uint_least64_t *count)
{
    return atomic_load_explicit(count, memory_order_relaxed);
}

static int64_t age_of(const atomic_int_least64_t *moment, int64_t now)
{
    int64_t at = atomic_load_explicit(moment, memory_order_relaxed);
    return at == 0 ? -1 : now > at ? now - at : 0;
}

void grantex_stream_get_stats(const grantex_stream *stream, grantex_stream_stats *stats, size_t size)
{
    if (!stream || !stats)
        return;
    const gx_stream_counts *counts = &stream->counts;
    int64_t now = gx_clock_monotonic_ms();
    grantex_stream_stats all = {
        .bytes = count_of(&counts->bytes),
        .events = count_of(&counts->events),
        .duplicates = count_of(&counts->duplicates),
        .filtered = count_of(&counts->filtered),
        .dropped = count_of(&counts->dropped),
        .gaps = count_of(&counts->gaps),
        .attempts = count_of(&counts->attempts),
        .connections = count_of(&counts->connections),
        .last_byte_age_ms = age_of(&counts->last_byte_at, now),
        .connected_for_ms = age_of(&counts->connected_at, now),
    };
    memcpy(stats, &all, size < sizeof all ? size : sizeof all);
}
