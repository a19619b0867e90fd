/* Bytes to a connection's socket: at once as far as it takes them, the rest copied and queued. */
#include <stdlib.h>
#include <string.h>

#include "http/engine.h"

typedef struct queued_bytes {
    uv_write_t write; /* first: libuv's request and this one are the same address */
    char bytes[];
} queued_bytes;

int64_t gx_http_send_some(gx_http_connection *connection, const uv_buf_t *pieces, unsigned count)
{
    int taken = uv_try_write(gx_http_socket(connection), pieces, count);
    if (taken == UV_EAGAIN)
        return 0;
    if (taken >= 0)
        return taken;
    gx_http_connection_close(connection);
    return -1;
}

static size_t total(const uv_buf_t *pieces, unsigned count)
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

bool gx_http_send_rest(gx_http_connection *connection, const uv_buf_t *pieces, unsigned count, size_t skip,
                       uv_write_cb written)
{
    size_t left = total(pieces, count) - skip;
    queued_bytes *queued = malloc(sizeof *queued + left);
    if (!queued)
        return false;
    copy_from(queued->bytes, pieces, count, skip);
    uv_buf_t rest = uv_buf_init(queued->bytes, (unsigned)left);
    if (uv_write(&queued->write, gx_http_socket(connection), &rest, 1, written) == 0)
        return true;
    free(queued);
    return false;
}

void gx_http_send_free(uv_write_t *write)
{
    free(write);
}
