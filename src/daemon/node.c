#include "daemon/node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

#include "authority/act.h"
#include "authority/signing_key.h"
#include "base/clock.h"
#include "daemon/network.h"
#include "feed/feed.h"
#include "feed/relay.h"
#include "hooks/hooks.h"
#include "http/server.h"
#include "store/database.h"
#include "store/lane.h"
#include "store/schema.h"
#include "store/sweeper.h"

enum {
    MOST_THREADS = 256,
    DEFAULT_POLL_MS = 1000,
    KEPT_DESCRIPTORS = 512,
    DEFAULT_ADDRESS_CONNECTIONS = 2000,
    LAST_WORD_MS = 1000, /* for what is still to be written after the drain */
};

struct gx_node {
    char url[128];
    gx_authority authority;
    gx_signing_key *signing_key;
    gx_tls *tls;   /* NULL: plain HTTP */
    char hsts[32]; /* Strict-Transport-Security; empty: none */
    gx_bus *bus;
    gx_relay *relay; /* NULL: none */
    gx_lanes *lanes;
    gx_hooks *hooks;
    gx_sweeper *sweeper;
    char name[HOST_NAME_MAX + PATH_MAX + 2]; /* of this server in leases: the same after a restart */
    gx_stream_ledger *streams;
    gx_rate_limiter *limiter;
    gx_http_peers *peers; /* NULL: no limit */
    gx_metrics metrics;
    int port;
    int sockets[MOST_THREADS]; /* that listen; -1 where a network has taken it over */
    int listening;             /* so many */
    gx_network *networks[MOST_THREADS];
    int threads;
    int poll_ms;
};

static int core_count(void)
{
    int cores = (int)uv_available_parallelism();
    return cores < 1 ? 1 : cores > MOST_THREADS ? MOST_THREADS : cores;
}

static int thread_count(const gx_options *options)
{
    return options->threads > 0 ? options->threads : core_count();
}

/* --- the store --- */

static int prepare_store(gx_node *node, const gx_data_folder *folder, gx_error *error)
{
    gx_database *database = gx_database_open(folder->store, false, error);
    if (database == NULL)
        return -1;
    int failed = gx_schema_migrate(database, error);
    if (!failed) {
        node->signing_key = gx_signing_key_load_or_create(database, gx_clock_wall_ms(), error);
        failed = node->signing_key == NULL ? -1 : 0;
    }
    gx_database_close(database);
    return failed;
}

/* Of a lane: what was committed, to the streams here and to the other servers. */
static void publish(void *context, const gx_logged_event *events, size_t count)
{
    const gx_node *node = context;
    gx_bus_publish(node->bus, events, count);
    if (node->relay != NULL)
        gx_relay_send(node->relay, events, count);
}

static void doubt(void *context)
{
    const gx_node *node = context;
    gx_bus_doubt(node->bus);
}

static int start_relay(gx_node *node, const gx_options *options, const gx_logger *logger, gx_error *error)
{
    if (options->bus == NULL)
        return 0;
    node->relay = gx_relay_open(&(gx_relay_options){.url = options->bus,
                                                    .credentials_file = options->bus_credentials,
                                                    .ca_file = options->bus_ca,
                                                    .bus = node->bus,
                                                    .logger = logger},
                                error);
    node->metrics.relay = node->relay;
    return node->relay != NULL ? 0 : -1;
}

static int start_lanes(gx_node *node, const gx_options *options, const gx_data_folder *folder, const gx_logger *logger,
                       gx_error *error)
{
    node->bus = gx_bus_new();
    if (node->bus == NULL)
        return gx_error_set(error, "out of memory");
    node->metrics.bus = node->bus;
    if (start_relay(node, options, logger, error) != 0)
        return -1;
    gx_lanes_options lanes = {.location = folder->store,
                              .preparers = core_count(),
                              .logger = logger,
                              .committed = publish,
                              .unsure = doubt,
                              .context = node};
    node->lanes = gx_lanes_start(&lanes, error);
    return node->lanes == NULL ? -1 : 0;
}

/* A file has one server; on PostgreSQL there may be others, whose events come over no bus of ours. */
static int poll_ms(const gx_options *options, const gx_data_folder *folder)
{
    if (options->poll_ms >= 0)
        return options->poll_ms;
    return gx_store_is_server(folder->store) ? DEFAULT_POLL_MS : 0;
}

/* --- who may have how much --- */

static gx_rate_limits limits_of(const gx_options *options)
{
    gx_rate_limits limits = gx_rate_limits_of(options->rates, options->plan);
    if (options->rate_of_client >= 0)
        gx_rate_limits_set_client(&limits, (uint32_t)options->rate_of_client);
    if (options->rate_of_key >= 0)
        gx_rate_limits_set_key(&limits, (uint32_t)options->rate_of_key);
    return limits;
}

/* Streams must not take the descriptors that requests, the store and webhooks need. */
static size_t most_streams_total(const gx_options *options)
{
    struct rlimit limit;
    if (options->most_streams_total > 0)
        return options->most_streams_total;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return SIZE_MAX;
    return limit.rlim_cur > 2 * KEPT_DESCRIPTORS ? (size_t)limit.rlim_cur - KEPT_DESCRIPTORS
                                                 : (size_t)limit.rlim_cur / 2;
}

/* One address must not take all connections there are. Where a proxy is in front, all come from its address. */
static unsigned most_of_address(const gx_options *options)
{
    if (options->address_connections >= 0)
        return (unsigned)options->address_connections;
    return gx_options_loopback(options) || options->behind_proxy ? 0 : DEFAULT_ADDRESS_CONNECTIONS;
}

static int make_ledgers(gx_node *node, const gx_options *options, gx_error *error)
{
    const gx_rate_limits limits = limits_of(options);
    node->streams = gx_stream_ledger_new(options->most_streams, most_streams_total(options));
    node->limiter = gx_rate_limiter_new(&limits);
    unsigned most = most_of_address(options);
    node->peers = most > 0 ? gx_http_peers_new(most) : NULL;
    node->metrics = (gx_metrics){
        .times = gx_call_times_new(),
        .version = GX_VERSION,
        .started_ms = gx_clock_wall_ms(),
        .key = options->metrics_key,
        .open = gx_options_loopback(options) && !options->behind_proxy,
    };
    bool made = node->streams != NULL && node->limiter != NULL && node->metrics.times != NULL &&
                (node->peers != NULL || most == 0);
    return made ? 0 : gx_error_set(error, "out of memory");
}

/* --- webhooks --- */

static void count_webhooks(const void *hooks, gx_webhook_counts *out)
{
    gx_hooks_stats stats;
    gx_hooks_read_stats(hooks, &stats);
    *out = (gx_webhook_counts){.delivered = (uint64_t)stats.delivered,
                               .failed = (uint64_t)stats.failed,
                               .retried = (uint64_t)stats.retried,
                               .skipped = (uint64_t)stats.skipped,
                               .lag = (uint64_t)stats.lag};
}

/* What no other server has at the same time and this one has again after a crash, so that a lease of its own does not
 * keep it waiting: its data folder, or, of several on one PostgreSQL, where it listens. */
static void name_server(gx_node *node, const gx_options *options, const gx_data_folder *folder)
{
    char host[HOST_NAME_MAX + 1] = "";
    gethostname(host, sizeof host - 1);
    if (folder->path[0] != '\0')
        snprintf(node->name, sizeof node->name, "%s:%s", host, folder->path);
    else
        snprintf(node->name, sizeof node->name, "%s:%s:%d", host, options->host, node->port);
}

static int start_hooks(gx_node *node, const gx_options *options, const gx_logger *logger, gx_error *error)
{
    gx_hooks_options hooks = {.lanes = node->lanes,
                              .bus = node->bus,
                              .logger = logger,
                              .owner = node->name,
                              .allow_private = options->private_webhooks,
                              .schedule = options->webhook_retry,
                              .timeout_ms = options->webhook_timeout_ms,
                              .reach_ms = node->poll_ms};
    node->hooks = gx_hooks_start(&hooks, error);
    node->metrics.count_webhooks = count_webhooks;
    node->metrics.webhooks = node->hooks;
    return node->hooks == NULL ? -1 : 0;
}

/* --- retention, erasure --- */

static int start_sweeper(gx_node *node, const gx_options *options, const gx_logger *logger, gx_error *error)
{
    gx_sweeper_options sweeper = {
        .lanes = node->lanes, .keep = options->keep, .pause_ms = options->retain_every_ms, .logger = logger};
    node->sweeper = gx_sweeper_start(&sweeper, error);
    return node->sweeper == NULL ? -1 : 0;
}

/* --- the network --- */

static void write_url(gx_node *node, const gx_options *options)
{
    bool v6 = strchr(options->host, ':') != NULL; /* RFC 3986 section 3.2.2: an IPv6 address goes in brackets */
    snprintf(node->url, sizeof node->url, "%s://%s%s%s:%d", node->tls != NULL ? "https" : "http", v6 ? "[" : "",
             options->host, v6 ? "]" : "", node->port);
    node->authority.public_url = options->public_url != NULL ? options->public_url : node->url;
}

/* All sockets listen before the first thread starts, so that a client which the ready line called in finds every one of
 * them. */
static int listen_on_all(gx_node *node, const gx_options *options, gx_error *error)
{
    node->port = options->port;
    for (int wanted = thread_count(options); node->listening < wanted; node->listening++) {
        int fd = gx_http_listen(options->host, node->port, node->listening == 0, &node->port, error);
        if (fd < 0)
            return -1;
        node->sockets[node->listening] = fd;
    }
    write_url(node, options);
    return 0;
}

static int take_socket(gx_node *node, int number)
{
    int fd = node->sockets[number];
    node->sockets[number] = -1;
    return fd;
}

static int add_network(gx_node *node, const gx_options *options, const gx_logger *logger, gx_error *error)
{
    gx_network_options network = {.listen_fd = take_socket(node, node->threads),
                                  .lanes = node->lanes,
                                  .bus = node->bus,
                                  .hooks = node->hooks,
                                  .authority = &node->authority,
                                  .streams = node->streams,
                                  .limiter = node->limiter,
                                  .metrics = &node->metrics,
                                  .cors = {options->cors_origins, options->cors_count},
                                  .peers = node->peers,
                                  .tls = node->tls,
                                  .hsts = node->hsts[0] != '\0' ? node->hsts : NULL,
                                  .behind_proxy = options->behind_proxy,
                                  .heartbeat_ms = options->heartbeat_ms,
                                  .poll_ms = node->poll_ms,
                                  .logger = logger};
    gx_network *added = gx_network_open(&network, error);
    if (added == NULL)
        return -1;
    node->networks[node->threads++] = added;
    return 0;
}

static int open_networks(gx_node *node, const gx_options *options, const gx_logger *logger, gx_error *error)
{
    while (node->threads < node->listening) {
        if (add_network(node, options, logger, error) != 0)
            return -1;
    }
    for (int i = 0; i < node->threads; i++) {
        if (gx_network_start(node->networks[i], error) != 0)
            return -1;
    }
    return 0;
}

/* --- its life --- */

static int open_tls(gx_node *node, const gx_options *options, const gx_logger *logger, gx_error *error)
{
    char when[GX_TLS_DATE_SIZE];
    if (options->tls_cert == NULL)
        return 0;
    node->tls = gx_tls_open(options->tls_cert, options->tls_key, error);
    if (node->tls == NULL)
        return -1;
    if (gx_tls_has_run_out(node->tls, when))
        gx_log(logger, GX_LEVEL_WARN, "--tls-cert: %s has run out on %s; clients will refuse it", options->tls_cert,
               when);
    if (options->hsts_s >= 0)
        snprintf(node->hsts, sizeof node->hsts, "max-age=%d", options->hsts_s);
    return 0;
}

gx_node *gx_node_start(const gx_options *options, const gx_data_folder *folder, const gx_logger *logger,
                       gx_error *error)
{
    gx_node *node = calloc(1, sizeof *node);
    if (node == NULL) {
        gx_error_set(error, "out of memory");
        return NULL;
    }
    /* The certificate first: a start that fails because of it leaves nothing behind. */
    int failed = open_tls(node, options, logger, error) != 0 || prepare_store(node, folder, error) != 0;
    if (!failed) {
        node->authority.signing_key = node->signing_key;
        node->authority.open_signup = options->open_signup;
        node->authority.private_webhooks = options->private_webhooks;
        node->authority.webhook_attempts = gx_schedule_attempts(&options->webhook_retry);
        node->authority.most_delegation_depth = options->delegation_depth;
        node->authority.plan = options->plan;
        node->poll_ms = poll_ms(options, folder);
        failed = make_ledgers(node, options, error);
    }
    if (!failed)
        failed = start_lanes(node, options, folder, logger, error) != 0 || listen_on_all(node, options, error) != 0;
    if (!failed) {
        name_server(node, options, folder);
        failed = start_hooks(node, options, logger, error) != 0 || start_sweeper(node, options, logger, error) != 0 ||
                 open_networks(node, options, logger, error) != 0;
    }
    if (!failed)
        return node;
    gx_node_stop(node, 1);
    return NULL;
}

const char *gx_node_url(const gx_node *node)
{
    return node->url;
}

bool gx_node_reload(gx_node *node, gx_error *error)
{
    return node->tls == NULL || gx_tls_reload(node->tls, error);
}

/* Of a start that failed: networks close their own. */
static void close_sockets(const gx_node *node)
{
    for (int i = 0; i < node->listening; i++) {
        if (node->sockets[i] >= 0)
            close(node->sockets[i]);
    }
}

/* A letter makes at least one step each time. */
static void settle(gx_node *node)
{
    for (int steps = 0; steps <= node->threads; steps++)
        for (int i = 0; i < node->threads; i++)
            gx_network_settle(node->networks[i]);
}

/* The order matters: threads end (nobody posts jobs), lanes end (nobody posts messages), then what hangs in the loops
 * is closed. */
void gx_node_stop(gx_node *node, int drain_ms)
{
    if (node->lanes != NULL)
        gx_lanes_hurry(node->lanes, gx_clock_monotonic_ms() + drain_ms + LAST_WORD_MS);
    for (int i = 0; i < node->threads; i++)
        gx_network_drain(node->networks[i], drain_ms);
    if (node->hooks != NULL)
        gx_hooks_drain(node->hooks, drain_ms);
    for (int i = 0; i < node->threads; i++)
        gx_network_join(node->networks[i]);
    gx_hooks_join(node->hooks);
    gx_sweeper_stop(node->sweeper);
    if (node->lanes != NULL)
        gx_lanes_stop(node->lanes);
    settle(node);
    for (int i = 0; i < node->threads; i++)
        gx_network_close(node->networks[i]);
    close_sockets(node);
    gx_hooks_free(node->hooks);
    gx_lanes_free(node->lanes); /* an answer of the last moment may still have wanted to post */
    gx_relay_close(node->relay);
    gx_bus_free(node->bus);
    gx_stream_ledger_free(node->streams);
    gx_rate_limiter_free(node->limiter);
    gx_http_peers_free(node->peers);
    gx_call_times_free(node->metrics.times);
    gx_tls_free(node->tls);
    gx_signing_key_free(node->signing_key);
    free(node);
}
