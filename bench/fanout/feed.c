/* The server's own delivery path without its writers: grantexd's network thread, its API, its feed, and a bus that is
 * fed from memory. The store holds a developer and no event.
 *
 *   bench-fanout-feed FOLDER [CERTIFICATE KEY]   → the port and an API key; orders on stdin (event.h); "done" after
 * each */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "fanout/event.h"
#include "house.h"

enum { MOST_BATCHES_AHEAD = 2 };

static uint64_t delivered(const bench_house *house)
{
    gx_bus_stats stats;
    gx_bus_stats_read(house->bus, &stats);
    return stats.delivered;
}

/* As fast as it goes means that there is always something to deliver, and never more than a little. */
static void wait_for_room(const bench_house *house, uint64_t events, size_t at_once, uint64_t streams)
{
    const struct timespec moment = {0, 1000000};
    while (delivered(house) + MOST_BATCHES_AHEAD * at_once * streams < events * streams)
        nanosleep(&moment, NULL);
}

static void publish(const bench_house *house, size_t count, int64_t *seq)
{
    static fanout_event events[FANOUT_MOST_AT_ONCE];
    gx_logged_event batch[FANOUT_MOST_AT_ONCE];
    for (size_t i = 0; i < count; i++) {
        fanout_event_make(&events[i], house->tenant.id, ++*seq);
        batch[i] = events[i].logged;
    }
    gx_bus_publish(house->bus, batch, count);
}

static void carry_out(const bench_house *house, const fanout_order *order, int64_t *seq)
{
    gx_bus_stats stats;
    gx_bus_stats_read(house->bus, &stats);
    int64_t began = fanout_now();
    for (int64_t number = 0; number < order->batches; number++) {
        fanout_order_wait(order, began, number);
        publish(house, order->at_once, seq);
        wait_for_room(house, (uint64_t)*seq, order->at_once, stats.opened[GX_TRANSPORT_SSE]);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 4) {
        fprintf(stderr, "usage: bench-fanout-feed FOLDER [CERTIFICATE KEY]\n");
        return 2;
    }
    bench_house house;
    if (argc == 2)
        bench_house_open(&house, argv[1]);
    else
        bench_house_open_tls(&house, argv[1], argv[2], argv[3]);
    int64_t seq = 0;
    for (fanout_order order; fanout_order_read(&order);) {
        carry_out(&house, &order, &seq);
        puts("done");
        fflush(stdout);
    }
    _exit(0); /* the streams are still open, and the measuring is over */
}
