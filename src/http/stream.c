/* Connections that were taken over: an answer without an end. Such a connection is only its socket and this little
 * state; what the request needed is freed, and what the peer still sends is read into the server's buffer and
 * forgotten, or lent to the owner who wants it. */
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "http/engine.h"

/* A peer that acknowledges nothing for so long is gone, also when it has vanished without a word. */
#define UNACKNOWLEDGED_MS 60000

/* No such limit while the socket is full: Linux counts it against a peer that is alive but reads nothing, too, and a
 * slow reader is not to be cut. */
#define PATIENT 0

/* What gx_http_stream_finish was given. There only while it goes out: most streams never need one. */
typedef struct unfinished {
    uv_write_t write; /* first: libuv's request and this one are the same address */
    void (*release)(void *reference);
    void *reference;
    char sealed[]; /* TLS: the records that go out instead */
} unfinished;

static gx_http_connection *connection_of(gx_http_stream *stream)
{
    return GX_LIST_ENTRY(stream, gx_http_connection, stream);
}

uv_loop_t *gx_http_stream_loop(const gx_http_stream *stream)
{
    return GX_LIST_ENTRY(stream, gx_http_connection, stream)->socket.loop;
}

static void give_up_on_silence(gx_http_connection *connection, unsigned milliseconds)
{
#ifdef TCP_USER_TIMEOUT
    setsockopt(connection->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
#else
    (void)connection, (void)milliseconds;
#endif
}

static void on_head_written(uv_write_t *write, int status)
{
    gx_http_connection *connection = write->handle->data;
    gx_http_send_free(write);
    if (status != 0)
        gx_http_connection_close(connection);
}

/* Sends the head, what does not fit at once in the background; false when that cannot be. */
static bool send_head(gx_http_connection *connection, gx_span head)
{
    uv_buf_t piece = {.base = (char *)head.ptr, .len = head.len};
    int64_t taken = gx_http_send_some(connection, &piece, 1);
    return taken >= 0 &&
           ((size_t)taken == head.len || gx_http_send_rest(connection, &piece, 1, (size_t)taken, on_head_written));
}

gx_http_stream *gx_http_take_over(gx_http_exchange *exchange, gx_span head, const gx_http_stream_events *events,
                                  void *owner)
{
    gx_http_connection *connection = exchange->connection;
    bool connected = connection->phase == GX_HTTP_HANDLING;
    bool begun = connected && !connection->peer_ended && send_head(connection, head);
    gx_http_exchange_end(exchange); /* the connection may be gone with it, if it was not connected */
    if (!begun) {
        if (connected)
            gx_http_connection_close(connection);
        return NULL;
    }
    connection->phase = GX_HTTP_STREAMING;
    connection->stream.events = events;
    connection->stream.owner = owner;
    give_up_on_silence(connection, UNACKNOWLEDGED_MS);
    if (!events->received)
        gx_http_stream_listen(&connection->stream);
    return &connection->stream;
}

void gx_http_stream_listen(gx_http_stream *stream)
{
    gx_http_connection *connection = connection_of(stream);
    gx_buffer behind_request = connection->waiting;
    connection->waiting = GX_BUFFER_INIT(GX_HTTP_MOST_WAITING);
    stream->listening = true;
    if (behind_request.length > 0 && stream->events->received)
        stream->events->received(stream->owner, gx_buffer_span(&behind_request));
    gx_buffer_free(&behind_request);
    if (connection->phase == GX_HTTP_STREAMING)
        gx_http_connection_start_reading(connection);
}

int64_t gx_http_stream_write(gx_http_stream *stream, const uv_buf_t *pieces, unsigned count)
{
    gx_http_connection *connection = connection_of(stream);
    return connection->phase == GX_HTTP_STREAMING ? gx_http_send_some(connection, pieces, count) : -1;
}

static void on_finished(uv_write_t *write, int status)
{
    gx_http_connection *connection = write->handle->data;
    gx_http_stream *stream = &connection->stream;
    unfinished *finished = (unfinished *)(void *)write;
    finished->release(finished->reference);
    free(finished);
    if (status != 0) {
        gx_http_connection_close(connection);
    } else if (connection->phase == GX_HTTP_STREAMING) {
        give_up_on_silence(connection, UNACKNOWLEDGED_MS);
        stream->events->writable(stream->owner);
    }
}

static unfinished *plain_unfinished(uv_buf_t *piece, gx_span rest)
{
    *piece = (uv_buf_t){.base = (char *)rest.ptr, .len = rest.len};
    return malloc(sizeof(unfinished));
}

static unfinished *sealed_unfinished(gx_http_connection *connection, uv_buf_t *piece, gx_span rest)
{
    gx_buffer records = GX_BUFFER_INIT(0);
    const uv_buf_t text = {.base = (char *)rest.ptr, .len = rest.len};
    bool sealed = gx_http_tls_seal(connection, &text, 1, 0, &records);
    unfinished *fresh = sealed ? malloc(sizeof *fresh + records.length) : NULL;
    if (fresh) {
        memcpy(fresh->sealed, records.data, records.length);
        *piece = (uv_buf_t){.base = fresh->sealed, .len = records.length};
    }
    gx_buffer_free(&records);
    return fresh;
}

void gx_http_stream_finish(gx_http_stream *stream, gx_span rest, void (*release_rest)(void *reference), void *reference)
{
    gx_http_connection *connection = connection_of(stream);
    uv_buf_t piece;
    unfinished *fresh = NULL;
    if (connection->phase == GX_HTTP_STREAMING)
        fresh = connection->tls ? sealed_unfinished(connection, &piece, rest) : plain_unfinished(&piece, rest);
    if (fresh) {
        fresh->release = release_rest;
        fresh->reference = reference;
        if (uv_write(&fresh->write, gx_http_socket(connection), &piece, 1, on_finished) == 0) {
            give_up_on_silence(connection, PATIENT);
            return;
        }
    }
    free(fresh);
    release_rest(reference);
    gx_http_connection_close(connection);
}

void gx_http_stream_close(gx_http_stream *stream, gx_span last)
{
    gx_http_connection *connection = connection_of(stream);
    if (connection->phase != GX_HTTP_STREAMING)
        return;
    uv_buf_t piece = {.base = (char *)last.ptr, .len = last.len};
    bool said = last.len > 0 && gx_http_send_some(connection, &piece, 1) == (int64_t)last.len;
    if (said && stream->events->received)
        gx_http_connection_farewell(connection);
    else
        gx_http_connection_close(connection);
}
