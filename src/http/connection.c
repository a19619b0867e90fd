/* One connection's life: IDLE → READING → HANDLING → (SENDING) → IDLE …, or → STREAMING, until CLOSING → CLOSED.
 *
 * Who frees it, and when: free_when_over(), when the socket is CLOSED and no exchange is open. It is asked in the two
 * places where one of the two comes true: on_closed(), which libuv calls from the loop and never from inside a call of
 * ours, and the end of an exchange. So whoever holds a connection whose phase is before CLOSED may go on using it to
 * the end of his function, whatever he calls meanwhile. */
#include <linux/sockios.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/engine.h"

#define KEEPALIVE_SECONDS 60

/* Who takes less of an answer in a send timeout is given up, or a byte now and then would keep a connection. */
#define LEAST_PROGRESS 16384

static const gx_http_refusal too_slow = {408, "the request did not arrive in time"};

/* --- its end --- */

static void free_when_over(gx_http_connection *connection)
{
    if (connection->phase != GX_HTTP_CLOSED || connection->exchange)
        return;
    gx_list_remove(&connection->sibling);
    free(connection);
}

static void on_closed(uv_handle_t *handle)
{
    gx_http_connection *connection = handle->data;
    gx_http_server *server = connection->server;
    const gx_http_stream *stream = &connection->stream;
    connection->phase = GX_HTTP_CLOSED;
    gx_http_peers_leave(server->options.peers, &connection->place);
    gx_tls_session_free(connection->tls);
    connection->tls = NULL;
    if (stream->events)
        stream->events->closed(stream->owner);
    free_when_over(connection);
    gx_http_server_socket_gone(server);
}

void gx_http_connection_exchange_ended(gx_http_connection *connection)
{
    connection->exchange = NULL;
    free_when_over(connection);
}

void gx_http_connection_close(gx_http_connection *connection)
{
    if (connection->phase >= GX_HTTP_CLOSING)
        return;
    bool unknown_outside = connection->phase == GX_HTTP_READING;
    if (connection->tls)
        gx_http_tls_end(connection);
    connection->phase = GX_HTTP_CLOSING;
    gx_deadline_clear(&connection->deadline);
    gx_buffer_free(&connection->waiting);
    uv_close((uv_handle_t *)&connection->socket, on_closed);
    if (unknown_outside)
        gx_http_exchange_end(connection->exchange);
}

/* Closing at once while the peer still sends would reset the connection and could cost it our last answer. */
void gx_http_connection_farewell(gx_http_connection *connection)
{
    connection->last_word_waits = connection->tls && uv_stream_get_write_queue_size(gx_http_socket(connection)) > 0;
    if (connection->last_word_waits) {
        gx_http_connection_sending(connection);
        return;
    }
    if (connection->tls)
        gx_http_tls_end(connection);
    if (shutdown(connection->fd, SHUT_WR) != 0) {
        gx_http_connection_close(connection);
        return;
    }
    connection->phase = GX_HTTP_LINGERING;
    gx_buffer_free(&connection->waiting);
    gx_deadline_set(&connection->server->deadlines, &connection->deadline, GX_DEADLINE_LINGER);
    gx_http_connection_start_reading(connection);
}

/* --- requests --- */

static void become_idle(gx_http_connection *connection)
{
    connection->phase = GX_HTTP_IDLE;
    gx_deadline_set(&connection->server->deadlines, &connection->deadline, GX_DEADLINE_IDLE);
}

static bool begin_request(gx_http_connection *connection)
{
    connection->exchange = gx_http_exchange_open(connection);
    if (!connection->exchange) {
        gx_http_connection_close(connection);
        return false;
    }
    connection->phase = GX_HTTP_READING;
    gx_deadline_set(&connection->server->deadlines, &connection->deadline, GX_DEADLINE_REQUEST);
    return true;
}

static void hand_over(gx_http_connection *connection, const gx_http_refusal *refusal)
{
    const gx_http_options *options = &connection->server->options;
    gx_http_exchange *exchange = connection->exchange;
    connection->phase = GX_HTTP_HANDLING;
    gx_deadline_clear(&connection->deadline);
    exchange->last = refusal || !gx_http_parser_keeps_alive(exchange->parser);
    if (refusal)
        options->reject(options->context, exchange, refusal->status, refusal->reason);
    else
        options->handle(options->context, exchange);
}

static void send_continue(gx_http_connection *connection)
{
    static char line[] = "HTTP/1.1 100 Continue\r\n\r\n";
    uv_buf_t piece = uv_buf_init(line, sizeof line - 1);
    if (gx_http_send_some(connection, &piece, 1) != (int64_t)piece.len)
        gx_http_connection_close(connection); /* no room for 25 bytes, with nothing else under way: it is broken */
}

/* Gives bytes to the request that is being read, or begins one. Returns how many were used. */
static size_t feed(gx_http_connection *connection, const char *bytes, size_t n)
{
    if (connection->phase == GX_HTTP_IDLE && (bytes[0] == '\r' || bytes[0] == '\n'))
        return 1; /* RFC 9112 section 2.2: an empty line before a request is passed over */
    if (connection->phase == GX_HTTP_IDLE && !begin_request(connection))
        return n;
    gx_http_parser *parser = connection->exchange->parser;
    size_t used;
    gx_http_parse state = gx_http_parser_feed(parser, bytes, n, &used);
    gx_http_refusal refusal = gx_http_parser_refusal(parser);
    if (state != GX_HTTP_PARSE_MORE)
        hand_over(connection, state == GX_HTTP_PARSE_REFUSED ? &refusal : NULL);
    else if (gx_http_parser_wants_continue(parser))
        send_continue(connection);
    return used;
}

static bool takes_bytes(const gx_http_connection *connection)
{
    return connection->phase == GX_HTTP_IDLE || connection->phase == GX_HTTP_READING;
}

/* One request after the other, as long as each is answered at once. */
static size_t feed_all(gx_http_connection *connection, const char *bytes, size_t n)
{
    size_t used = 0;
    connection->pumping = true;
    while (used < n && takes_bytes(connection))
        used += feed(connection, bytes + used, n - used);
    connection->pumping = false;
    return used;
}

/* Keeps what came behind the request that is being handled, and reads no more until it has been answered. */
static void keep_waiting(gx_http_connection *connection, const char *bytes, size_t n)
{
    gx_buffer_append(&connection->waiting, bytes, n);
    if (connection->waiting.failed)
        gx_http_connection_close(connection);
    else
        uv_read_stop(gx_http_socket(connection));
}

static bool must_wait(const gx_http_connection *connection)
{
    gx_http_phase phase = connection->phase;
    return phase == GX_HTTP_HANDLING || phase == GX_HTTP_SENDING ||
           (phase == GX_HTTP_STREAMING && !connection->stream.listening);
}

/* What no request used. */
static void pass_on(gx_http_connection *connection, const char *bytes, size_t n)
{
    const gx_http_stream *stream = &connection->stream;
    if (n == 0)
        return;
    if (must_wait(connection))
        keep_waiting(connection, bytes, n);
    else if (connection->phase == GX_HTTP_STREAMING && stream->events->received)
        stream->events->received(stream->owner, (gx_span){bytes, n});
}

void gx_http_connection_arrived(gx_http_connection *connection, const char *bytes, size_t n)
{
    size_t used = takes_bytes(connection) ? feed_all(connection, bytes, n) : 0;
    pass_on(connection, bytes + used, n - used);
}

/* Goes on with what waited; then with the socket. */
static void resume(gx_http_connection *connection)
{
    gx_buffer bytes = connection->waiting;
    connection->waiting = GX_BUFFER_INIT(GX_HTTP_MOST_WAITING);
    size_t used = feed_all(connection, bytes.data, bytes.length);
    if (used < bytes.length)
        pass_on(connection, bytes.data + used, bytes.length - used);
    gx_buffer_free(&bytes);
    if (takes_bytes(connection))
        gx_http_connection_start_reading(connection); /* when the peer has ended, this tells it again */
}

void gx_http_connection_answered(gx_http_connection *connection)
{
    if (connection->last_answer) {
        gx_http_connection_farewell(connection);
        return;
    }
    become_idle(connection);
    if (!connection->pumping)
        resume(connection);
}

/* --- the socket --- */

void gx_http_connection_ended(gx_http_connection *connection, bool in_order)
{
    bool cut_short = connection->phase == GX_HTTP_READING;
    bool answer_owed = cut_short || connection->phase == GX_HTTP_HANDLING || connection->phase == GX_HTTP_SENDING;
    if (!in_order || !answer_owed) {
        gx_http_connection_close(connection);
        return;
    }
    connection->peer_ended = true; /* it may have closed its sending side only, and wait for the answer */
    uv_read_stop(gx_http_socket(connection));
    if (cut_short)
        hand_over(connection, &(gx_http_refusal){400, "The request ended before it was whole"});
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    gx_http_connection *connection = handle->data;
    (void)suggested;
    *buffer = uv_buf_init(connection->server->read_buffer, GX_HTTP_READ_SIZE);
}

static void on_read(uv_stream_t *socket, ssize_t n, const uv_buf_t *buffer)
{
    gx_http_connection *connection = socket->data;
    if (n < 0)
        gx_http_connection_ended(connection, n == UV_EOF);
    else if (n > 0 && connection->tls)
        gx_http_tls_arrived(connection, buffer->base, (size_t)n);
    else if (n > 0)
        gx_http_connection_arrived(connection, buffer->base, (size_t)n);
}

void gx_http_connection_start_reading(gx_http_connection *connection)
{
    int failure = uv_read_start(gx_http_socket(connection), on_alloc, on_read);
    if (failure != 0 && failure != UV_EALREADY)
        gx_http_connection_close(connection);
}

static void configure(gx_http_connection *connection, int fd)
{
    int send_buffer = connection->server->options.send_buffer_bytes;
    uv_tcp_nodelay(&connection->socket, 1);
    uv_tcp_keepalive(&connection->socket, 1, KEEPALIVE_SECONDS);
    if (send_buffer > 0)
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
}

static bool begin_tls(gx_http_connection *connection)
{
    gx_http_server *server = connection->server;
    connection->tls = gx_tls_session_new(server->options.tls, &server->tls->pipes);
    if (connection->tls)
        gx_deadline_set(&server->deadlines, &connection->deadline, GX_DEADLINE_HANDSHAKE);
    else
        gx_http_connection_close(connection);
    return connection->tls != NULL;
}

void gx_http_connection_open(gx_http_server *server, int fd, const struct sockaddr *peer)
{
    gx_http_connection *connection = calloc(1, sizeof *connection);
    if (!connection || !gx_http_peers_enter(server->options.peers, peer, &connection->place)) {
        free(connection);
        close(fd);
        return;
    }
    connection->server = server;
    connection->waiting = GX_BUFFER_INIT(GX_HTTP_MOST_WAITING);
    gx_deadline_init(&connection->deadline);
    uv_tcp_init(server->loop, &connection->socket);
    connection->socket.data = connection;
    gx_list_push_back(&server->connections, &connection->sibling);
    server->open_sockets++;
    uv_ip_name(peer, connection->peer, sizeof connection->peer);
    become_idle(connection);
    if (uv_tcp_open(&connection->socket, fd) != 0) {
        close(fd);
        gx_http_connection_close(connection);
        return;
    }
    connection->fd = fd;
    configure(connection, fd);
    if (!server->tls || begin_tls(connection))
        gx_http_connection_start_reading(connection);
}

/* --- its timeouts --- */

/* What the peer has not got: here and in the system, which takes more only when much of it has gone. */
static size_t unsent(gx_http_connection *connection)
{
    int in_system = 0;
    bool known = ioctl(connection->fd, SIOCOUTQ, &in_system) == 0 && in_system > 0;
    return uv_stream_get_write_queue_size(gx_http_socket(connection)) + (known ? (size_t)in_system : 0);
}

void gx_http_connection_sending(gx_http_connection *connection)
{
    connection->phase = GX_HTTP_SENDING;
    connection->unsent = unsent(connection);
    gx_deadline_set(&connection->server->deadlines, &connection->deadline, GX_DEADLINE_SEND);
}

static void look_for_progress(gx_http_connection *connection)
{
    size_t left = unsent(connection);
    if (left + LEAST_PROGRESS > connection->unsent) {
        gx_http_connection_close(connection);
        return;
    }
    connection->unsent = left;
    gx_deadline_set(&connection->server->deadlines, &connection->deadline, GX_DEADLINE_SEND);
}

void gx_http_connection_expired(gx_deadline *deadline)
{
    gx_http_connection *connection = GX_LIST_ENTRY(deadline, gx_http_connection, deadline);
    if (deadline->kind == GX_DEADLINE_REQUEST)
        hand_over(connection, &too_slow);
    else if (deadline->kind == GX_DEADLINE_SEND)
        look_for_progress(connection);
    else
        gx_http_connection_close(connection);
}
