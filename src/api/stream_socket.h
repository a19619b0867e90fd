/* A connection that was taken over, and the subscriber that writes to it: what every kind of stream has.
 *
 * A stream is freed in one place, its connection's `closed`, which comes exactly once, whoever ends it. */
#ifndef GX_API_STREAM_SOCKET_H
#define GX_API_STREAM_SOCKET_H

#include "api/api.h"
#include "api/client_address.h"
#include "api/stream_start.h"
#include "base/buffer.h"
#include "base/ulid.h"
#include "feed/feed.h"
#include "http/server.h"

/* The first member of a stream, which came zeroed from calloc. */
typedef struct gx_stream_socket {
    gx_api *api;
    gx_http_stream *http;
    gx_subscriber *subscriber; /* NULL when it could not be opened */
    /* What a kind of stream does besides, all optional: */
    void (*received)(struct gx_stream_socket *socket, gx_span bytes); /* what the peer sends; otherwise thrown away */
    void (*opened)(struct gx_stream_socket *socket);                  /* the subscriber is there */
    void (*release)(struct gx_stream_socket *socket);                 /* frees what the stream owns, not itself */
    bool quiet;                                                       /* no heartbeats: it breaks the silence itself */
    char developer_id[GX_ID_SIZE];
    gx_client_address client;
    int64_t opened_at_ms;
    char *user_agent; /* the beginning of it, visible ASCII; NULL when it names none */
} gx_stream_socket;

/* Takes the call's connection over: sends `head`, then the log from `start` on. Or answers why not: out of memory (also
 * where `head` has failed or `socket` is NULL), or too many streams. The call is over in any case, and the stream is no
 * more the caller's. Loop thread. */
void gx_stream_socket_begin(gx_call *call, gx_stream_socket *socket, const gx_buffer *head,
                            const gx_stream_start *start, gx_framing framing);

#endif
