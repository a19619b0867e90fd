/* Bytes to a connection's socket: at once as far as it takes them, the rest copied and queued. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "http/engine.h"

typedef struct queued_bytes {
    uv_write_t write; /* first: libuv's request and this one are the same address */
    char bytes[];
} queued_bytes;

/* On Unix a uv_buf_t is an iovec by libuv's own word. */
_Static_assert(sizeof(uv_buf_t) == sizeof(struct iovec) &&
                   offsetof(uv_buf_t, base) == offsetof(struct iovec, iov_base) &&
                   offsetof(uv_buf_t, len) == offsetof(struct iovec, iov_len),
               "uv_buf_t is an iovec");

/* What uv_try_write does with write(2) and writev(2). They cost a socket about a tenth more than send(2), which goes to
 * it past the files, and a thousand streams feel that. */
static ssize_t send_now(int fd, const uv_buf_t *pieces, unsigned count)
{
    const struct msghdr message = {.msg_iov = (struct iovec *)(void *)pieces, .msg_iovlen = count};
    ssize_t taken;
    do
        taken = count == 1 ? send(fd, pieces->base, pieces->len, MSG_DONTWAIT | MSG_NOSIGNAL)
                           : sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (taken < 0 && errno == EINTR);
    return taken;
}

int64_t gx_http_send_bytes(gx_http_connection *connection, const uv_buf_t *pieces, unsigned count)
{
    if (uv_stream_get_write_queue_size(gx_http_socket(connection)) > 0)
        return 0;
    ssize_t taken = send_now(connection->fd, pieces, count);
    if (taken >= 0)
        return taken;
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
        return 0;
    gx_http_connection_close(connection);
    return -1;
}

int64_t gx_http_send_some(gx_http_connection *connection, const uv_buf_t *pieces, unsigned count)
{
    return connection->tls ? gx_http_tls_send_some(connection, pieces, count)
                           : gx_http_send_bytes(connection, pieces, count);
}

size_t gx_http_total(const uv_buf_t *pieces, unsigned count)
{
    size_t bytes = 0;
    for (unsigned i = 0; i < count; i++)
        bytes += pieces[i].len;
    return bytes;
}

static void copy_from(char *out, const uv_buf_t *pieces, unsigned count, size_t skip)
{
    for (unsigned i = 0; i < count; i++) {
        size_t skipped = skip < pieces[i].len ? skip : pieces[i].len;
        size_t left = pieces[i].len - skipped;
        if (left > 0)
            memcpy(out, pieces[i].base + skipped, left);
        out += left;
        skip -= skipped;
    }
}

/* Takes `queued` in any case. */
static bool queue(gx_http_connection *connection, queued_bytes *queued, size_t length, uv_write_cb written)
{
    uv_buf_t piece = uv_buf_init(queued->bytes, (unsigned)length);
    if (uv_write(&queued->write, gx_http_socket(connection), &piece, 1, written) == 0)
        return true;
    free(queued);
    return false;
}

bool gx_http_queue_bytes(gx_http_connection *connection, gx_span bytes, uv_write_cb written)
{
    queued_bytes *queued = malloc(sizeof *queued + bytes.len);
    if (!queued)
        return false;
    memcpy(queued->bytes, bytes.ptr, bytes.len);
    return queue(connection, queued, bytes.len, written);
}

static bool send_sealed_rest(gx_http_connection *connection, const uv_buf_t *pieces, unsigned count, size_t skip,
                             uv_write_cb written)
{
    gx_buffer sealed = GX_BUFFER_INIT(0);
    bool sent = gx_http_tls_seal(connection, pieces, count, skip, &sealed) &&
                gx_http_queue_bytes(connection, gx_buffer_span(&sealed), written);
    gx_buffer_free(&sealed);
    return sent;
}

bool gx_http_send_rest(gx_http_connection *connection, const uv_buf_t *pieces, unsigned count, size_t skip,
                       uv_write_cb written)
{
    if (connection->tls)
        return send_sealed_rest(connection, pieces, count, skip, written);
    size_t left = gx_http_total(pieces, count) - skip;
    queued_bytes *queued = malloc(sizeof *queued + left);
    if (!queued)
        return false;
    copy_from(queued->bytes, pieces, count, skip);
    return queue(connection, queued, left, written);
}

void gx_http_send_free(uv_write_t *write)
{
    free(write);
}
