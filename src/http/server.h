/* The HTTP/1.1 engine (RFC 9112) on one libuv loop: listens, parses, answers, and lets go of a connection whose answer
 * never ends. It knows no route. Everything here belongs to the loop's thread.
 *
 * Who frees a connection: it dies in one place, when its socket is closed AND no exchange is open on it. An exchange
 * stays valid until it is answered or taken over, also when the peer has long gone: answering then does nothing but
 * free it. */
#ifndef GX_HTTP_SERVER_H
#define GX_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"
#include "http/peers.h"
#include "http/tls.h"

#define GX_HTTP_MOST_HEADERS 64

typedef struct gx_http_header {
    gx_span name;
    gx_span value;
} gx_http_header;

typedef struct gx_http_request {
    gx_span method; /* "GET" */
    gx_span path;   /* as sent, not decoded: "/v1/grants/grnt_…" */
    gx_span query;  /* behind '?', not decoded; empty when none */
    gx_http_header headers[GX_HTTP_MOST_HEADERS];
    size_t header_count;
    gx_span body;
    gx_span peer;      /* "127.0.0.1" */
    int minor_version; /* HTTP/1.x */
} gx_http_request;

typedef struct gx_http_server gx_http_server;
typedef struct gx_http_exchange gx_http_exchange; /* one request and its answer */
typedef struct gx_http_stream gx_http_stream;     /* a connection that was taken over */

typedef struct gx_http_options {
    size_t most_header_bytes; /* request line and headers; 0 means 16 KiB; past it 431 */
    size_t most_body_bytes;   /* 0 means 1 MiB; past it 413 */
    size_t most_connections;  /* 0 means 20000; further ones are closed at accept */
    gx_http_peers *peers;     /* limits the connections of one address, further ones are closed at accept; NULL: no such
                                 limit. Lent, and shared with other servers */
    gx_tls *tls;              /* NULL: plain HTTP. Lent */
    int request_timeout_ms;   /* from the first byte of a request to its last, and for a TLS handshake; 0 means 10000;
                                 past it 408 */
    int idle_timeout_ms;      /* between requests on a kept-alive connection; 0 means 75000 */
    int send_timeout_ms;      /* less than 16 KiB of a queued answer leave; 0 means 30000; past it the connection is
                                 closed */
    int send_buffer_bytes;    /* SO_SNDBUF of accepted sockets; 0 leaves the system's */

    /* Both handlers are needed. A whole request arrived: it is answered now or later, exactly once. */
    void (*handle)(void *context, gx_http_exchange *exchange);
    /* The bytes were no acceptable request (400, 408, 413, 417, 431; 503 out of memory): the handler
     * answers with gx_http_answer_send; the engine closes the connection afterwards. What could be read of the request
     * is in gx_http_exchange_request. `reason` is static text. */
    void (*reject)(void *context, gx_http_exchange *exchange, int status, const char *reason);
    void *context;
} gx_http_options;

/* A listening socket with SO_REUSEPORT for this thread. `port` 0 takes a free one; the port taken is *bound_port.
 * Returns the descriptor, -1 and `error` otherwise. With `exclusive`, fails when somebody else already listens there
 * (SO_REUSEPORT alone would share the port with another process without a word). */
int gx_http_listen(const char *host, int port, bool exclusive, int *bound_port, gx_error *error);

/* Takes over the listening descriptor, also when it fails (NULL and `error`). */
gx_http_server *gx_http_server_open(uv_loop_t *loop, int listen_fd, const gx_http_options *options, gx_error *error);

/* Stops accepting; idle connections are closed, open exchanges may still be answered. */
void gx_http_server_stop_accepting(gx_http_server *server);

/* Closes everything that is left. `closed` is called from the loop when the last handle is gone; the server is freed by
 * then. Exchanges that are still open must be answered all the same (into nothing). */
void gx_http_server_close(gx_http_server *server, void (*closed)(void *context), void *context);

size_t gx_http_server_connections(const gx_http_server *server);

/* --- an exchange --- */

/* Lent until the exchange is answered or taken over. */
const gx_http_request *gx_http_exchange_request(const gx_http_exchange *exchange);

/* The value of a header, case-insensitive name; the empty span (ptr NULL) when absent. The first one when repeated. */
gx_span gx_http_header_find(const gx_http_request *request, const char *name);

/* Whether it comes more than once. */
bool gx_http_header_repeated(const gx_http_request *request, const char *name);

/* The next name=value of a query string or form, percent-decoded, '+' to space, into the arena. False at the end or on
 * a bad escape, overlong input or no memory (*bad is then set). Start with *rest = request->query. */
bool gx_http_query_next(gx_span *rest, gx_arena *arena, gx_span *name, gx_span *value, bool *bad);

typedef struct gx_http_answer {
    int status;
    const char *content_type;      /* NULL: none (204) */
    gx_span body;                  /* copied */
    const gx_http_header *headers; /* further ones; copied */
    size_t header_count;
} gx_http_answer;

/* Sends the answer with Date and Content-Length (nothing of a body for HEAD, 204, 304) and ends the exchange. */
void gx_http_answer_send(gx_http_exchange *exchange, const gx_http_answer *answer);

/* --- a connection that was taken over --- */

typedef struct gx_http_stream_events {
    void (*writable)(void *owner); /* what gx_http_stream_finish was given has gone out: write on */
    void (*closed)(void *owner);   /* once, from the loop, whoever closed: no call on the stream after this one */
    /* Bytes of the peer, lent. Optional: without it they are read and thrown away. */
    void (*received)(void *owner, gx_span bytes);
} gx_http_stream_events;

/* Ends the exchange as a request and begins a stream: sends `head` (status line, headers, first body bytes) at once.
 * From here on bytes from the peer are read; its end of file closes. A stream with `received` reads nothing before
 * gx_http_stream_listen. Returns NULL when the peer has already gone (the exchange is freed, `closed` is not called).
 */
gx_http_stream *gx_http_take_over(gx_http_exchange *exchange, gx_span head, const gx_http_stream_events *events,
                                  void *owner);

/* The loop that it lives on. */
uv_loop_t *gx_http_stream_loop(const gx_http_stream *stream);

/* The owner is ready for `received`, which gets what came right behind the request inside this call. */
void gx_http_stream_listen(gx_http_stream *stream);

/* Writes what the socket takes now, as one writev. Returns the bytes taken, 0 when it is full, -1 when the peer is gone
 * (`closed` follows, never from inside this call). */
int64_t gx_http_stream_write(gx_http_stream *stream, const uv_buf_t *pieces, unsigned count);

/* Hands over bytes that must go out before anything else, because part of them has gone already, or to learn when the
 * socket takes more (never none: `writable` would come at once). One at a time. `release(reference)` is called when
 * they are no longer needed, before `writable` or `closed`; inside this call when the stream is closing already. */
void gx_http_stream_finish(gx_http_stream *stream, gx_span rest, void (*release)(void *reference), void *reference);

/* Closes after `last` (may be empty) was tried once; not tried when gx_http_stream_finish is still under way, because
 * it would land in the middle of something. A peer that is listened to may be sending: it gets a moment to read `last`
 * and to close, and nothing is received meanwhile. `closed` is called later from the loop, exactly once. */
void gx_http_stream_close(gx_http_stream *stream, gx_span last);

#endif
