#include "fanout/event.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"

int64_t fanout_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void fanout_event_make(fanout_event *out, const char *developer_id, int64_t seq)
{
    snprintf(out->id, sizeof out->id, "evt_%026lld", (long long)seq);
    int length =
        snprintf(out->data, sizeof out->data,
                 "{\"grantId\":\"grnt_01KAS6GRP2J9XN5CN8H1E1DQZV\",\"agentId\":\"ag_01KAS6GRP2J9XN5CN8H1E1DQZW\","
                 "\"principalId\":\"user_1\",\"percentage\":50,\"remaining\":100,\"initial\":200,\"at\":%020lld}",
                 (long long)fanout_now());
    out->logged = (gx_logged_event){
        .developer_id = developer_id,
        .seq = seq,
        .id = gx_span_of(out->id),
        .type = GX_EVENT_BUDGET_THRESHOLD,
        .type_name = gx_span_of(gx_event_type_name(GX_EVENT_BUDGET_THRESHOLD)),
        .timestamp_ms = gx_clock_wall_ms(),
        .data = {out->data, (size_t)length},
    };
}

bool fanout_order_read(fanout_order *out)
{
    long long batches;
    if (scanf("%lld %zu %lf", &batches, &out->at_once, &out->per_second) != 3)
        return false;
    out->batches = batches;
    return out->at_once > 0 && out->at_once <= FANOUT_MOST_AT_ONCE;
}

void fanout_order_wait(const fanout_order *order, int64_t began, int64_t batch)
{
    if (order->per_second <= 0)
        return;
    int64_t due = began + (int64_t)((double)batch / order->per_second * 1e9);
    struct timespec until = {due / 1000000000, due % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}
