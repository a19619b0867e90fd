/* Between a connection and its socket, where it speaks TLS. The rest of the engine sees plain text, and the same three
 * things as without: bytes that arrived, an end, and how much the socket takes. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "http/engine.h"

/* Plain text that is sealed before the socket is asked again: what it does not take then is kept as a copy, and one who
 * reads slowly must not make us keep much. */
enum { MOST_AT_ONCE = 4 * GX_TLS_MOST_RECORD };

/* A peer that makes us answer (alerts, new keys) without ever reading the answers. */
enum { MOST_UNREAD = 1 << 20 };

static const char plain_answer[] = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 46\r\n"
                                   "Connection: close\r\n\r\nThis port speaks TLS: begin the URL with https";

bool gx_http_tls_open(gx_http_server *server)
{
    server->tls = calloc(1, sizeof *server->tls);
    if (server->tls == NULL)
        return false;
    if (gx_tls_pipes_open(&server->tls->pipes))
        return true;
    gx_http_tls_close(server);
    return false;
}

void gx_http_tls_close(gx_http_server *server)
{
    if (server->tls == NULL)
        return;
    gx_tls_pipes_close(&server->tls->pipes);
    free(server->tls);
    server->tls = NULL;
}

/* --- out --- */

static const gx_tls_pipes *pipes_of(const gx_http_connection *connection)
{
    return &connection->server->tls->pipes;
}

static size_t queued(gx_http_connection *connection)
{
    return uv_stream_get_write_queue_size(gx_http_socket(connection));
}

static void on_written(uv_write_t *write, int status)
{
    gx_http_connection *connection = write->handle->data;
    gx_http_send_free(write);
    if (status != 0)
        gx_http_connection_close(connection);
    else if (connection->last_word_waits && queued(connection) == 0)
        gx_http_connection_farewell(connection);
}

/* What came out of the session: to the socket as far as it takes it, the rest is copied and queued. */
static bool send_sealed(gx_http_connection *connection)
{
    gx_span out = gx_tls_pipes_out(pipes_of(connection));
    uv_buf_t piece = {.base = (char *)out.ptr, .len = out.len};
    int64_t taken = out.len > 0 ? gx_http_send_bytes(connection, &piece, 1) : 0;
    bool sent = taken >= 0 && queued(connection) <= MOST_UNREAD &&
                ((size_t)taken == out.len ||
                 gx_http_queue_bytes(connection, (gx_span){out.ptr + taken, out.len - (size_t)taken}, on_written));
    gx_tls_pipes_taken(pipes_of(connection));
    if (!sent)
        gx_http_connection_close(connection);
    return sent;
}

/* A record's worth of the pieces from byte `skip` on, in one place: small pieces share a record. */
static gx_span gather(gx_http_connection *connection, const uv_buf_t *pieces, unsigned count, size_t skip, size_t most)
{
    char *gathered = connection->server->tls->gathered;
    size_t length = 0, limit = most < GX_TLS_MOST_RECORD ? most : GX_TLS_MOST_RECORD;
    for (unsigned i = 0; i < count && length < limit; i++) {
        size_t begin = skip < pieces[i].len ? skip : pieces[i].len, there = pieces[i].len - begin;
        size_t n = there < limit - length ? there : limit - length;
        if (n > 0)
            memcpy(gathered + length, pieces[i].base + begin, n);
        length += n;
        skip -= begin;
    }
    return (gx_span){gathered, length};
}

/* Makes records of `n` bytes from byte `skip` on; they are in the pipe then. */
static bool seal(gx_http_connection *connection, const uv_buf_t *pieces, unsigned count, size_t skip, size_t n)
{
    for (size_t sealed = 0; sealed < n;) {
        gx_span record = gather(connection, pieces, count, skip + sealed, n - sealed);
        if (!gx_tls_session_write(connection->tls, record))
            return false;
        sealed += record.len;
    }
    return true;
}

/* In bites, so that the pipe, which keeps its memory, stays small. */
bool gx_http_tls_seal(gx_http_connection *connection, const uv_buf_t *pieces, unsigned count, size_t skip,
                      gx_buffer *out)
{
    size_t all = gx_http_total(pieces, count);
    bool ok = true;
    for (size_t at = skip; at < all && ok; at += MOST_AT_ONCE) {
        ok = seal(connection, pieces, count, at, all - at < MOST_AT_ONCE ? all - at : MOST_AT_ONCE);
        gx_buffer_append_span(out, gx_tls_pipes_out(pipes_of(connection)));
        gx_tls_pipes_taken(pipes_of(connection));
    }
    return ok && !out->failed;
}

int64_t gx_http_tls_send_some(gx_http_connection *connection, const uv_buf_t *pieces, unsigned count)
{
    if (queued(connection) > 0)
        return 0;
    size_t all = gx_http_total(pieces, count), most = all < MOST_AT_ONCE ? all : MOST_AT_ONCE;
    if (seal(connection, pieces, count, 0, most))
        return send_sealed(connection) ? (int64_t)most : -1;
    gx_tls_pipes_taken(pipes_of(connection));
    gx_http_connection_close(connection);
    return -1;
}

void gx_http_tls_end(gx_http_connection *connection)
{
    gx_tls_session_end(connection->tls);
    gx_span out = gx_tls_pipes_out(pipes_of(connection));
    if (out.len > 0 && queued(connection) == 0)
        (void)!send(connection->fd, out.ptr, out.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    gx_tls_pipes_taken(pipes_of(connection));
}

/* --- in --- */

static void refuse_plain(gx_http_connection *connection)
{
    uv_buf_t piece = {.base = (char *)plain_answer, .len = sizeof plain_answer - 1};
    gx_tls_pipes_taken(pipes_of(connection));
    if (gx_http_send_bytes(connection, &piece, 1) >= 0)
        gx_http_connection_farewell(connection);
}

/* After a break: what is still to be said to the peer (an alert), and the end. */
static void give_up(gx_http_connection *connection)
{
    if (send_sealed(connection))
        gx_http_connection_close(connection);
}

static void look_at_handshake(gx_http_connection *connection)
{
    if (connection->shaken || !gx_tls_session_ready(connection->tls))
        return;
    connection->shaken = true;
    if (connection->phase == GX_HTTP_IDLE)
        gx_deadline_set(&connection->server->deadlines, &connection->deadline, GX_DEADLINE_IDLE);
}

void gx_http_tls_arrived(gx_http_connection *connection, const char *bytes, size_t n)
{
    char *plain = connection->server->tls->plain;
    if (!gx_tls_session_feed(connection->tls, (gx_span){bytes, n})) {
        gx_http_connection_close(connection);
        return;
    }
    gx_tls_read found = GX_TLS_READ_NOTHING;
    size_t taken = 0;
    while (connection->phase < GX_HTTP_CLOSING) {
        found = gx_tls_session_read(connection->tls, plain, GX_HTTP_READ_SIZE, &taken);
        look_at_handshake(connection);
        if (found == GX_TLS_READ_PLAIN) {
            refuse_plain(connection);
            return;
        }
        if (found == GX_TLS_READ_BROKEN) {
            give_up(connection);
            return;
        }
        if (!send_sealed(connection) || found == GX_TLS_READ_NOTHING)
            return;
        if (found == GX_TLS_READ_END) {
            gx_http_connection_ended(connection, true);
            return;
        }
        gx_http_connection_arrived(connection, plain, taken);
    }
}
