#include "house.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "authority/developer.h"
#include "daemon/network.h"
#include "daemon/offline.h"

enum { MOST_STREAMS = 65536, HEARTBEAT_MS = 3600000 };

void bench_must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "%s: %s\n", program_invocation_short_name, what);
    exit(1);
}

static bool add_tenant(gx_act *act, void *context)
{
    bench_tenant *one = context;
    gx_developer_row row;
    if (!gx_developer_ensure(act, gx_span_of(one->key), &row))
        return false;
    snprintf(one->id, sizeof one->id, "%s", row.id);
    return true;
}

static void make_store(const char *path, gx_data_folder *folder, bench_tenant *one, gx_error *error)
{
    gx_arena arena = GX_ARENA_INIT(0);
    bench_must(gx_api_key_new(one->key, true), "no randomness");
    bench_must(gx_data_folder_open(folder, path, error) == 0, error->message);
    bench_must(gx_offline_act(folder, add_tenant, one, &arena, error) == 0, error->message);
    gx_arena_free(&arena);
}

static void start(bench_house *house, const gx_logger *logger, gx_error *error)
{
    const gx_rate_limits unlimited = gx_rate_limits_of(GX_RATES_OFF, 0);
    house->bus = gx_bus_new();
    bench_must(house->bus != NULL, "memory");
    gx_lanes_options lanes = {.location = house->folder.store,
                              .logger = logger,
                              .committed = gx_bus_publish,
                              .unsure = gx_bus_doubt,
                              .context = house->bus};
    house->lanes = gx_lanes_start(&lanes, error);
    bench_must(house->lanes != NULL, error->message);
    house->metrics = (gx_metrics){.times = gx_call_times_new(), .bus = house->bus};
    gx_network_options network = {.listen_fd = gx_http_listen("127.0.0.1", 0, true, &house->port, error),
                                  .lanes = house->lanes,
                                  .bus = house->bus,
                                  .authority = &house->authority,
                                  .streams = gx_stream_ledger_new(MOST_STREAMS, MOST_STREAMS),
                                  .limiter = gx_rate_limiter_new(&unlimited),
                                  .metrics = &house->metrics,
                                  .heartbeat_ms = HEARTBEAT_MS,
                                  .tls = house->tls,
                                  .logger = logger};
    gx_network *opened = gx_network_open(&network, error);
    bench_must(opened != NULL && gx_network_start(opened, error) == 0, error->message);
}

static void open_house(bench_house *house, const char *path, gx_tls *tls)
{
    gx_error error;
    struct rlimit limit;
    *house = (bench_house){.logger = {.fd = STDERR_FILENO, .least = GX_LEVEL_WARN}, .tls = tls};
    bench_must(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    signal(SIGPIPE, SIG_IGN);
    make_store(path, &house->folder, &house->tenant, &error);
    start(house, &house->logger, &error);
    printf("%d %s\n", house->port, house->tenant.key);
    fflush(stdout);
}

void bench_house_open(bench_house *house, const char *path)
{
    open_house(house, path, NULL);
}

void bench_house_open_tls(bench_house *house, const char *path, const char *certificate, const char *key)
{
    gx_error error;
    gx_tls *tls = gx_tls_open(certificate, key, &error);
    bench_must(tls != NULL, error.message);
    open_house(house, path, tls);
}
