#include "daemon/network.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "base/clock.h"
#include "http/server.h"

/* Linux would keep up to 4 MB of what a slow reader has not taken, for each of them; the log keeps it just as well. It
 * takes twice this for what it keeps beside the bytes, and a page of CATCHUP still fits. */
#define SEND_BUFFER_BYTES (512 * 1024)

enum { RECONNECT_AFTER_MS = 1000, MOST_TICK_MS = 500, DRAIN_TICK_MS = 10, LEAST_CLOSED_AT_ONCE = 10 };

struct gx_network {
    gx_network_options options;
    pthread_t thread;
    bool started;
    uv_loop_t loop;
    uv_async_t wake; /* the mailbox has something, or a drain was asked for */
    uv_timer_t tick;
    gx_mailbox *mailbox;
    gx_feed *feed;
    gx_api *api;
    gx_http_server *http;
    atomic_int drain_ms;   /* 0 until a drain is asked for */
    int64_t drain_until;   /* 0 until it has begun */
    size_t closed_at_once; /* streams that end at each tick of the drain */
};

static void wake_up(void *context)
{
    gx_network *network = context;
    uv_async_send(&network->wake);
}

static void on_tick(uv_timer_t *tick);

/* --- draining --- */

/* Whoever is told to go comes back a moment later, here or elsewhere: not all are told at once. Half of the time is
 * left to those who are slow to hear it. */
static void close_next_streams(gx_network *network)
{
    gx_feed_close_some(network->feed, network->closed_at_once, "shutdown", RECONNECT_AFTER_MS);
}

static void begin_drain(gx_network *network, int drain_ms)
{
    size_t ticks = (size_t)drain_ms / 2 / DRAIN_TICK_MS + 1;
    size_t streams = gx_feed_subscribers(network->feed) / ticks + 1;
    network->closed_at_once = streams > LEAST_CLOSED_AT_ONCE ? streams : LEAST_CLOSED_AT_ONCE;
    network->drain_until = gx_clock_monotonic_ms() + drain_ms;
    gx_http_server_stop_accepting(network->http);
    gx_feed_admit_no_more(network->feed);
    close_next_streams(network);
    uv_timer_start(&network->tick, on_tick, DRAIN_TICK_MS, DRAIN_TICK_MS);
}

static void end_when_drained(gx_network *network)
{
    bool idle = gx_api_open_calls(network->api) == 0 && gx_http_server_connections(network->http) == 0;
    if (idle || gx_clock_monotonic_ms() >= network->drain_until)
        uv_stop(&network->loop);
}

/* --- the loop --- */

static void on_wake(uv_async_t *wake)
{
    gx_network *network = wake->data;
    gx_mailbox_drain(network->mailbox);
    int drain_ms = atomic_load(&network->drain_ms);
    if (drain_ms > 0 && network->drain_until == 0)
        begin_drain(network, drain_ms);
    if (network->drain_until != 0)
        end_when_drained(network);
}

static void on_tick(uv_timer_t *tick)
{
    gx_network *network = tick->data;
    gx_feed_tick(network->feed, gx_clock_monotonic_ms());
    gx_api_tick(network->api, gx_clock_monotonic_ms());
    if (network->drain_until == 0)
        return;
    close_next_streams(network);
    end_when_drained(network);
}

static void *run(void *context)
{
    gx_network *network = context;
    uv_run(&network->loop, UV_RUN_DEFAULT);
    return NULL;
}

/* --- its life --- */

static int tick_ms(const gx_network *network)
{
    int wanted = network->options.heartbeat_ms / 4, poll = network->options.poll_ms;
    if (poll > 0 && poll < wanted)
        wanted = poll;
    return wanted < 10 ? 10 : wanted > MOST_TICK_MS ? MOST_TICK_MS : wanted;
}

static bool make_parts(gx_network *network, gx_error *error)
{
    const gx_network_options *options = &network->options;
    network->mailbox = gx_mailbox_new(wake_up, network);
    network->feed = gx_feed_new(&(gx_feed_options){.lanes = options->lanes,
                                                   .mailbox = network->mailbox,
                                                   .bus = options->bus,
                                                   .heartbeat_ms = options->heartbeat_ms,
                                                   .poll_ms = options->poll_ms});
    network->api = gx_api_new(&(gx_api_options){.lanes = options->lanes,
                                                .mailbox = network->mailbox,
                                                .feed = network->feed,
                                                .authority = options->authority,
                                                .streams = options->streams,
                                                .limiter = options->limiter,
                                                .metrics = options->metrics,
                                                .cors = options->cors,
                                                .hsts = options->hsts,
                                                .behind_proxy = options->behind_proxy,
                                                .logger = options->logger,
                                                .webhooks_changed = gx_hooks_changed,
                                                .webhooks = options->hooks});
    if (network->mailbox == NULL || network->feed == NULL || network->api == NULL) {
        gx_error_set(error, "out of memory");
        return false;
    }
    int listen_fd = options->listen_fd;
    network->options.listen_fd = -1; /* the engine's, whether it opens or not */
    gx_http_options http = {.handle = gx_api_handle,
                            .reject = gx_api_reject,
                            .context = network->api,
                            .peers = options->peers,
                            .tls = options->tls,
                            .send_buffer_bytes = SEND_BUFFER_BYTES};
    network->http = gx_http_server_open(&network->loop, listen_fd, &http, error);
    return network->http != NULL;
}

gx_network *gx_network_open(const gx_network_options *options, gx_error *error)
{
    gx_network *network = calloc(1, sizeof *network);
    if (network == NULL || uv_loop_init(&network->loop) != 0) {
        free(network);
        close(options->listen_fd);
        gx_error_set(error, "no event loop could be made");
        return NULL;
    }
    network->options = *options;
    uv_async_init(&network->loop, &network->wake, on_wake);
    uv_timer_init(&network->loop, &network->tick);
    network->wake.data = network->tick.data = network;
    uv_timer_start(&network->tick, on_tick, (uint64_t)tick_ms(network), (uint64_t)tick_ms(network));
    if (make_parts(network, error))
        return network;
    gx_network_close(network);
    return NULL;
}

int gx_network_start(gx_network *network, gx_error *error)
{
    /* Signals are the main thread's: this one starts with all of them blocked. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    network->started = pthread_create(&network->thread, NULL, run, network) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return network->started ? 0 : gx_error_set(error, "no thread could be started");
}

void gx_network_drain(gx_network *network, int drain_ms)
{
    atomic_store(&network->drain_ms, drain_ms);
    uv_async_send(&network->wake);
}

void gx_network_join(gx_network *network)
{
    if (network->started)
        pthread_join(network->thread, NULL);
    network->started = false;
}

void gx_network_settle(gx_network *network)
{
    gx_mailbox_drain(network->mailbox);
}

static void on_http_closed(void *context)
{
    gx_network *network = context;
    network->http = NULL;
}

/* From here on the loop runs on the caller's thread: what is left in it are answers nobody waits for, and handles to
 * close. */
void gx_network_close(gx_network *network)
{
    if (network == NULL)
        return;
    if (network->options.listen_fd >= 0)
        close(network->options.listen_fd);
    if (network->mailbox != NULL)
        gx_mailbox_drain(network->mailbox);
    if (network->http != NULL)
        gx_http_server_close(network->http, on_http_closed, network);
    uv_close((uv_handle_t *)&network->tick, NULL);
    uv_close((uv_handle_t *)&network->wake, NULL);
    uv_run(&network->loop, UV_RUN_DEFAULT);
    gx_feed_free(network->feed);
    gx_api_free(network->api);
    gx_mailbox_free(network->mailbox);
    uv_loop_close(&network->loop);
    free(network);
}
