/* The event that the fan-out's floor and its server both send: as long as a budget.threshold, with the moment of its
 * sending inside, so that whoever gets it knows how long it took. */
#ifndef BENCH_FANOUT_EVENT_H
#define BENCH_FANOUT_EVENT_H

#include "store/log.h"

typedef struct fanout_event {
    gx_logged_event logged; /* points into this struct */
    char id[GX_EVENT_ID_SIZE];
    char data[256];
} fanout_event;

void fanout_event_make(fanout_event *out, const char *developer_id, int64_t seq);

/* Monotonic nanoseconds. */
int64_t fanout_now(void);

/* One line of stdin says what to send: "BATCHES EVENTS-AT-ONCE BATCHES-PER-SECOND"; 0 per second is as fast as it goes.
 */
typedef struct fanout_order {
    int64_t batches;
    size_t at_once;
    double per_second;
} fanout_order;

/* False at the end of stdin. */
bool fanout_order_read(fanout_order *out);

/* Returns when batch number `batch`, from 0, is due. */
void fanout_order_wait(const fanout_order *order, int64_t began, int64_t batch);

#define FANOUT_MOST_AT_ONCE 64

#endif
