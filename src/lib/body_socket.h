/* The socket of an answer whose head libcurl has read: plain HTTP/1.1, so that the rest is bytes, chunked or until the
 * end. They are read straight to where they are parsed.
 *
 * Why: libcurl reads by 8 KiB through two buffers, asks the clock a dozen times per read, and cannot stop after one; a
 * stream that is open has no more use for what it keeps (51 KB). Resolving, connecting, proxies, redirects, the request
 * and the head stay with it, and so does every answer over TLS or HTTP/2. */
#ifndef GX_LIB_BODY_SOCKET_H
#define GX_LIB_BODY_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "wire/http_chunk.h"

typedef struct gx_body_socket {
    int fd;     /* owned; -1: none */
    bool ready; /* it may have something */
    bool chunked;
    gx_chunk_reader chunks;
} gx_body_socket;

typedef enum gx_body_state {
    GX_BODY_OPEN,
    GX_BODY_ENDED, /* as the server meant it */
    GX_BODY_CUT,   /* closed in the middle */
    GX_BODY_BROKEN,
    GX_BODY_FAILED, /* errno says how */
} gx_body_state;

/* A descriptor of its own for the connection of `fd`, non-blocking as that one is. False when the system has none. */
bool gx_body_socket_take(gx_body_socket *body, int fd);

void gx_body_socket_close(gx_body_socket *body);

/* One read, of at most the room that *into has, which then ends with the body bytes among them. Clears `ready` when
 * there is no more for now. */
gx_body_state gx_body_socket_read(gx_body_socket *body, gx_buffer *into);

/* Why the body is over, for people; "" where it ended well. Right behind the read that said so: errno may be asked. */
const char *gx_body_state_text(gx_body_state state);

#endif
