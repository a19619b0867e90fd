/* One network thread: a loop, a listening socket, the requests and the streams that come in there. A connection never
 * leaves its thread. */
#ifndef GX_DAEMON_NETWORK_H
#define GX_DAEMON_NETWORK_H

#include "api/api.h"
#include "base/error.h"
#include "base/log.h"
#include "feed/feed.h"
#include "hooks/hooks.h"
#include "http/peers.h"
#include "http/tls.h"
#include "store/lane.h"

typedef struct gx_network gx_network;

typedef struct gx_network_options {
    int listen_fd; /* taken over */
    gx_lanes *lanes;
    gx_bus *bus;
    gx_hooks *hooks;
    const gx_authority *authority;
    gx_stream_ledger *streams;
    gx_rate_limiter *limiter;
    const gx_metrics *metrics;
    gx_cors cors;
    gx_http_peers *peers; /* NULL: no limit per address. Lent */
    gx_tls *tls;          /* NULL: plain HTTP */
    const char *hsts;     /* see gx_api_options */
    bool behind_proxy;
    int heartbeat_ms;
    int poll_ms; /* see gx_feed_options */
    const gx_logger *logger;
} gx_network_options;

/* Makes the thread's parts; requests are answered from gx_network_start on. NULL: see `error` (listen_fd is closed). */
gx_network *gx_network_open(const gx_network_options *options, gx_error *error);

int gx_network_start(gx_network *network, gx_error *error);

/* Any thread: stop accepting, say stream.closing to the streams, answer what is open (up to `drain_ms`), end the
 * thread. */
void gx_network_drain(gx_network *network, int drain_ms);

/* Waits for the thread to end. The lanes must be stopped between this and gx_network_close: what they still finish
 * lands in the mailbox, and is answered there. */
void gx_network_join(gx_network *network);
void gx_network_close(gx_network *network);

/* Delivers what its mailbox holds. Between gx_network_join of all networks and gx_network_close of the first one: what
 * goes round them (gx_bus_go_round) must get home while all are there. */
void gx_network_settle(gx_network *network);

#endif
