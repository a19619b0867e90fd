/* A server: its options, its handles, its end. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "http/engine.h"

#define LINGER_MS 2000

static size_t size_or(size_t value, size_t standard)
{
    return value > 0 ? value : standard;
}

static int time_or(int value, int standard)
{
    return value > 0 ? value : standard;
}

static gx_http_options with_defaults(const gx_http_options *given)
{
    gx_http_options options = *given;
    options.most_header_bytes = size_or(given->most_header_bytes, 16 * 1024);
    options.most_body_bytes = size_or(given->most_body_bytes, 1024 * 1024);
    options.most_connections = size_or(given->most_connections, 20000);
    options.request_timeout_ms = time_or(given->request_timeout_ms, 10000);
    options.idle_timeout_ms = time_or(given->idle_timeout_ms, 75000);
    options.send_timeout_ms = time_or(given->send_timeout_ms, 30000);
    return options;
}

static void on_connection_waits(uv_poll_t *listener, int status, int events)
{
    (void)status;
    (void)events;
    gx_http_accept(listener->data);
}

static void init_deadlines(gx_http_server *server)
{
    uint64_t *lengths = server->deadlines.lengths;
    gx_deadlines_init(&server->deadlines, server->loop, gx_http_connection_expired);
    lengths[GX_DEADLINE_HANDSHAKE] = (uint64_t)server->options.request_timeout_ms;
    lengths[GX_DEADLINE_REQUEST] = (uint64_t)server->options.request_timeout_ms;
    lengths[GX_DEADLINE_IDLE] = (uint64_t)server->options.idle_timeout_ms;
    lengths[GX_DEADLINE_SEND] = (uint64_t)server->options.send_timeout_ms;
    lengths[GX_DEADLINE_LINGER] = LINGER_MS;
}

static gx_http_server *give_up(gx_http_server *server, int listen_fd, const char *why, gx_error *error)
{
    gx_error_set(error, "cannot serve: %s", why);
    if (server)
        gx_http_tls_close(server);
    free(server);
    close(listen_fd);
    return NULL;
}

gx_http_server *gx_http_server_open(uv_loop_t *loop, int listen_fd, const gx_http_options *options, gx_error *error)
{
    gx_http_server *server = calloc(1, sizeof *server);
    if (!server)
        return give_up(NULL, listen_fd, "out of memory", error);
    server->loop = loop;
    server->options = with_defaults(options);
    server->listen_fd = listen_fd;
    gx_list_init(&server->connections);
    if (options->tls && !gx_http_tls_open(server))
        return give_up(server, listen_fd, "out of memory", error);
    int failure = uv_poll_init(loop, &server->listener, listen_fd);
    if (failure != 0) /* nothing of the loop's is in it yet */
        return give_up(server, listen_fd, uv_strerror(failure), error);
    server->listener.data = server;
    uv_poll_start(&server->listener, UV_READABLE, on_connection_waits);
    init_deadlines(server);
    server->open_handles = 2;
    server->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return server;
}

/* --- its end --- */

/* Exchanges may outlive the server; their connections must not know it any more. */
static void orphan_connections(gx_http_server *server)
{
    while (!gx_list_empty(&server->connections)) {
        gx_list *sibling = server->connections.next;
        GX_LIST_ENTRY(sibling, gx_http_connection, sibling)->server = NULL;
        gx_list_remove(sibling);
    }
}

static void free_when_over(gx_http_server *server)
{
    if (!server->closed || server->open_handles > 0 || server->open_sockets > 0)
        return;
    void (*closed)(void *context) = server->closed;
    void *context = server->closed_context;
    orphan_connections(server);
    if (server->spare_fd >= 0)
        close(server->spare_fd);
    gx_http_tls_close(server);
    free(server);
    closed(context);
}

static void on_listener_closed(uv_handle_t *handle)
{
    gx_http_server *server = handle->data;
    server->open_handles--;
    free_when_over(server);
}

static void on_timer_closed(uv_handle_t *handle)
{
    gx_http_server *server = GX_LIST_ENTRY(handle->data, gx_http_server, deadlines);
    server->open_handles--;
    free_when_over(server);
}

void gx_http_server_socket_gone(gx_http_server *server)
{
    server->open_sockets--;
    free_when_over(server);
}

/* Closing frees nothing before the loop turns again, so the list stays as it is meanwhile. */
static void close_connections(gx_http_server *server, bool only_idle)
{
    for (gx_list *node = server->connections.next; node != &server->connections; node = node->next) {
        gx_http_connection *connection = GX_LIST_ENTRY(node, gx_http_connection, sibling);
        if (!only_idle || connection->phase == GX_HTTP_IDLE)
            gx_http_connection_close(connection);
    }
}

void gx_http_server_stop_accepting(gx_http_server *server)
{
    if (server->draining)
        return;
    server->draining = true;
    uv_close((uv_handle_t *)&server->listener, on_listener_closed);
    close(server->listen_fd);
    close_connections(server, true);
}

void gx_http_server_close(gx_http_server *server, void (*closed)(void *context), void *context)
{
    gx_http_server_stop_accepting(server);
    server->closed = closed;
    server->closed_context = context;
    close_connections(server, false);
    uv_close((uv_handle_t *)&server->deadlines.timer, on_timer_closed);
}

size_t gx_http_server_connections(const gx_http_server *server)
{
    return server->open_sockets;
}
