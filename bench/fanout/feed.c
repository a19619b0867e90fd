/* The server's own delivery path without its writers: grantexd's network thread, its API, its feed, and a bus that is
 * fed from memory. The store holds a developer and no event.
 *
 *   bench-fanout-feed FOLDER   → the port and an API key; orders on stdin (event.h); "done" after each */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "authority/developer.h"
#include "authority/secret.h"
#include "daemon/network.h"
#include "daemon/offline.h"
#include "fanout/event.h"

enum { MOST_STREAMS = 65536, HEARTBEAT_MS = 3600000, MOST_BATCHES_AHEAD = 2 };

typedef struct feed_tenant {
    char key[GX_API_KEY_SIZE];
    char id[64];
} feed_tenant;

typedef struct feed_server {
    gx_authority authority;
    gx_bus *bus;
    gx_lanes *lanes;
    gx_metrics metrics;
    gx_network *network;
    int port;
} feed_server;

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench-fanout-feed: %s\n", what);
    exit(1);
}

static bool add_tenant(gx_act *act, void *context)
{
    feed_tenant *one = context;
    gx_developer_row row;
    if (!gx_developer_ensure(act, gx_span_of(one->key), &row))
        return false;
    snprintf(one->id, sizeof one->id, "%s", row.id);
    return true;
}

static void make_store(const char *path, gx_data_folder *folder, feed_tenant *one, gx_error *error)
{
    gx_arena arena = GX_ARENA_INIT(0);
    must(gx_api_key_new(one->key, true), "no randomness");
    must(gx_data_folder_open(folder, path, error) == 0, error->message);
    must(gx_offline_act(folder, add_tenant, one, &arena, error) == 0, error->message);
    gx_arena_free(&arena);
}

/* As daemon/node.c makes it, but for what writes and for more than one thread. */
static void start(feed_server *out, const gx_data_folder *folder, const gx_logger *logger, gx_error *error)
{
    const gx_rate_limits unlimited = gx_rate_limits_of(GX_RATES_OFF, 0);
    out->bus = gx_bus_new();
    must(out->bus != NULL, "memory");
    gx_lanes_options lanes = {.location = folder->store,
                              .logger = logger,
                              .committed = gx_bus_publish,
                              .unsure = gx_bus_doubt,
                              .context = out->bus};
    out->lanes = gx_lanes_start(&lanes, error);
    must(out->lanes != NULL, error->message);
    out->metrics = (gx_metrics){.times = gx_call_times_new(), .bus = out->bus};
    gx_network_options network = {.listen_fd = gx_http_listen("127.0.0.1", 0, true, &out->port, error),
                                  .lanes = out->lanes,
                                  .bus = out->bus,
                                  .authority = &out->authority,
                                  .streams = gx_stream_ledger_new(MOST_STREAMS, MOST_STREAMS),
                                  .limiter = gx_rate_limiter_new(&unlimited),
                                  .metrics = &out->metrics,
                                  .heartbeat_ms = HEARTBEAT_MS,
                                  .logger = logger};
    out->network = gx_network_open(&network, error);
    must(out->network != NULL && gx_network_start(out->network, error) == 0, error->message);
}

static uint64_t delivered(const feed_server *server)
{
    gx_bus_stats stats;
    gx_bus_stats_read(server->bus, &stats);
    return stats.delivered;
}

/* As fast as it goes means that there is always something to deliver, and never more than a little. */
static void wait_for_room(const feed_server *server, uint64_t events, size_t at_once, uint64_t streams)
{
    const struct timespec moment = {0, 1000000};
    while (delivered(server) + MOST_BATCHES_AHEAD * at_once * streams < events * streams)
        nanosleep(&moment, NULL);
}

static void publish(const feed_server *server, const feed_tenant *tenant, size_t count, int64_t *seq)
{
    static fanout_event events[FANOUT_MOST_AT_ONCE];
    gx_logged_event batch[FANOUT_MOST_AT_ONCE];
    for (size_t i = 0; i < count; i++) {
        fanout_event_make(&events[i], tenant->id, ++*seq);
        batch[i] = events[i].logged;
    }
    gx_bus_publish(server->bus, batch, count);
}

static void carry_out(const feed_server *server, const feed_tenant *tenant, const fanout_order *order, int64_t *seq)
{
    gx_bus_stats stats;
    gx_bus_stats_read(server->bus, &stats);
    int64_t began = fanout_now();
    for (int64_t number = 0; number < order->batches; number++) {
        fanout_order_wait(order, began, number);
        publish(server, tenant, order->at_once, seq);
        wait_for_room(server, (uint64_t)*seq, order->at_once, stats.opened[GX_TRANSPORT_SSE]);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: bench-fanout-feed FOLDER\n");
        return 2;
    }
    gx_error error;
    gx_data_folder folder;
    feed_tenant tenant;
    feed_server server = {0};
    gx_logger logger = {.fd = STDERR_FILENO, .least = GX_LEVEL_WARN};
    struct rlimit limit;
    must(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    signal(SIGPIPE, SIG_IGN);
    make_store(argv[1], &folder, &tenant, &error);
    start(&server, &folder, &logger, &error);
    printf("%d %s\n", server.port, tenant.key);
    fflush(stdout);
    int64_t seq = 0;
    for (fanout_order order; fanout_order_read(&order);) {
        carry_out(&server, &tenant, &order, &seq);
        puts("done");
        fflush(stdout);
    }
    _exit(0); /* the streams are still open, and the measuring is over */
}
