#include "lib/body_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool gx_body_socket_take(gx_body_socket *body, int fd)
{
    body->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    body->ready = true;
    return body->fd >= 0;
}

void gx_body_socket_close(gx_body_socket *body)
{
    if (body->fd >= 0)
        close(body->fd);
    *body = (gx_body_socket){.fd = -1};
}

/* Moves the body bytes together that lie in `came` bytes at the end of the buffer. */
static void take_off_chunks(gx_chunk_reader *chunks, gx_buffer *into, size_t came)
{
    gx_span bytes = {into->data + into->length, came}, piece;
    while ((piece = gx_chunk_read(chunks, &bytes)).len > 0) {
        memmove(into->data + into->length, piece.ptr, piece.len);
        into->length += piece.len;
    }
}

static gx_body_state end_of_file(const gx_body_socket *body)
{
    return body->chunked ? GX_BODY_CUT : GX_BODY_ENDED;
}

static gx_body_state failure(gx_body_socket *body)
{
    if (errno == EINTR)
        return GX_BODY_OPEN;
    body->ready = false;
    return errno == EAGAIN || errno == EWOULDBLOCK ? GX_BODY_OPEN : GX_BODY_FAILED;
}

static gx_body_state state_of(const gx_body_socket *body)
{
    if (body->chunks.state == GX_CHUNK_BROKEN)
        return GX_BODY_BROKEN;
    return body->chunks.state == GX_CHUNK_ENDED ? GX_BODY_ENDED : GX_BODY_OPEN;
}

gx_body_state gx_body_socket_read(gx_body_socket *body, gx_buffer *into)
{
    size_t room = into->capacity - into->length;
    ssize_t came = recv(body->fd, into->data + into->length, room, MSG_DONTWAIT);
    if (came < 0)
        return failure(body);
    if (came == 0)
        return end_of_file(body);
    body->ready = (size_t)came == room;
    if (body->chunked)
        take_off_chunks(&body->chunks, into, (size_t)came);
    else
        into->length += (size_t)came;
    return state_of(body);
}

const char *gx_body_state_text(gx_body_state state)
{
    static const char *const texts[] = {
        [GX_BODY_OPEN] = "",
        [GX_BODY_ENDED] = "",
        [GX_BODY_CUT] = "The connection was closed in the middle of the answer",
        [GX_BODY_BROKEN] = "The answer is not chunked as HTTP has it",
    };
    return state == GX_BODY_FAILED ? strerror(errno) : texts[state];
}
