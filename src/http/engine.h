/* What the files of this room share: a server, its connections, and the exchange that is open on one. Nobody outside
 * includes this. */
#ifndef GX_HTTP_ENGINE_H
#define GX_HTTP_ENGINE_H

#include <netinet/in.h>
#include <uv.h>

#include "base/buffer.h"
#include "base/list.h"
#include "http/date.h"
#include "http/deadline.h"
#include "http/parser.h"
#include "http/server.h"
#include "http/tls_session.h"

#define GX_HTTP_READ_SIZE 65536

/* Bytes behind a request that is being handled. One read; a read of TLS may end a record that began before it. */
#define GX_HTTP_MOST_WAITING (GX_HTTP_READ_SIZE + GX_TLS_MOST_RECORD)

typedef struct gx_http_connection gx_http_connection;

/* Where all TLS connections of a server do their work, one at a time. */
typedef struct gx_http_tls {
    gx_tls_pipes pipes;
    char plain[GX_HTTP_READ_SIZE];     /* what a read held */
    char gathered[GX_TLS_MOST_RECORD]; /* pieces that share a record */
} gx_http_tls;

struct gx_http_server {
    uv_loop_t *loop;
    gx_http_options options; /* defaults filled in */
    int listen_fd;           /* -1 once accepting has stopped */
    int spare_fd;            /* given up for a moment when the process has no descriptor left */
    uv_poll_t listener;
    gx_deadlines deadlines;
    gx_http_date date;
    gx_list connections;
    size_t open_sockets;
    int open_handles; /* listener and timer */
    bool draining;    /* no further request on any connection */
    void (*closed)(void *context);
    void *closed_context;
    gx_http_tls *tls;                    /* NULL: it speaks plain HTTP */
    char read_buffer[GX_HTTP_READ_SIZE]; /* of all connections: a read is used up before the next one begins */
};

typedef enum gx_http_phase {
    GX_HTTP_IDLE,      /* between requests */
    GX_HTTP_READING,   /* a request has begun; its exchange is open, but nobody outside knows it yet */
    GX_HTTP_HANDLING,  /* the handler has the exchange */
    GX_HTTP_SENDING,   /* the answer is on its way */
    GX_HTTP_STREAMING, /* taken over */
    GX_HTTP_LINGERING, /* all is said; waits for the peer's end, so that it can read our last word */
    GX_HTTP_CLOSING,   /* uv_close was called */
    GX_HTTP_CLOSED,    /* the socket is gone; only an open exchange still needs the memory */
} gx_http_phase;

struct gx_http_stream {
    const gx_http_stream_events *events; /* NULL: not taken over */
    void *owner;
    bool listening; /* the owner takes bytes, or wants none */
};

struct gx_http_exchange {
    gx_http_connection *connection;
    gx_http_parser *parser;
    bool last; /* no further request on this connection */
};

struct gx_http_connection {
    uv_tcp_t socket;
    int fd;                 /* of socket, while it is open */
    gx_http_server *server; /* NULL once the server has gone and only the exchange is left */
    gx_list sibling;        /* in server->connections */
    gx_deadline deadline;
    gx_http_phase phase;
    bool peer_ended;      /* its end of file came while an answer was owed */
    bool pumping;         /* bytes are being taken further up the stack, which goes on by itself */
    bool last_answer;     /* the answer under way is the last one */
    bool shaken;          /* TLS: the handshake is over */
    bool last_word_waits; /* TLS: the farewell comes when what is queued has gone */
    gx_tls_session *tls;  /* NULL: plain */
    gx_http_exchange *exchange;
    gx_buffer waiting; /* bytes behind the request that is being handled; while there are any, nothing is read */
    size_t unsent;     /* bytes that were queued when the send deadline was set */
    gx_http_stream stream;
    char peer[INET6_ADDRSTRLEN];
    gx_http_peer_place place; /* in server->options.peers */
};

/* accept.c: takes the connections that wait at server->listen_fd. */
void gx_http_accept(gx_http_server *server);

/* connection.c */
void gx_http_connection_open(gx_http_server *server, int fd, const struct sockaddr *peer); /* takes fd in any case */
void gx_http_connection_close(gx_http_connection *connection); /* may be called again and from anywhere on the loop */
void gx_http_connection_answered(gx_http_connection *connection); /* the whole answer has been given to the system */
void gx_http_connection_farewell(gx_http_connection *connection); /* all is said: closes when the peer has closed */
void gx_http_connection_exchange_ended(gx_http_connection *connection);
void gx_http_connection_expired(gx_deadline *deadline);
void gx_http_connection_sending(gx_http_connection *connection); /* some of the answer is queued */
void gx_http_connection_start_reading(gx_http_connection *connection);
void gx_http_connection_arrived(gx_http_connection *connection, const char *bytes, size_t n); /* plain text */
void gx_http_connection_ended(gx_http_connection *connection, bool in_order);                 /* of the peer */

/* exchange.c */
gx_http_exchange *gx_http_exchange_open(gx_http_connection *connection); /* NULL when out of memory */
void gx_http_exchange_end(gx_http_exchange *exchange); /* may free the connection, if its socket has gone */

/* send.c */

/* What the socket takes now; 0 when it is full; -1 when it is broken: the connection is then closing. */
int64_t gx_http_send_some(gx_http_connection *connection, const uv_buf_t *pieces, unsigned count);

/* Copies the pieces from byte `skip` on and queues them; `written` gets a request whose `handle` is the socket, and
 * must gx_http_send_free it. False when out of memory or broken. */
bool gx_http_send_rest(gx_http_connection *connection, const uv_buf_t *pieces, unsigned count, size_t skip,
                       uv_write_cb written);
void gx_http_send_free(uv_write_t *write);

/* The size of them together. */
size_t gx_http_total(const uv_buf_t *pieces, unsigned count);

/* The same two for bytes as they are, TLS or not. */
int64_t gx_http_send_bytes(gx_http_connection *connection, const uv_buf_t *pieces, unsigned count);
bool gx_http_queue_bytes(gx_http_connection *connection, gx_span bytes, uv_write_cb written);

/* tls_socket.c */
bool gx_http_tls_open(gx_http_server *server);
void gx_http_tls_close(gx_http_server *server);
void gx_http_tls_arrived(gx_http_connection *connection, const char *bytes, size_t n);
int64_t gx_http_tls_send_some(gx_http_connection *connection, const uv_buf_t *pieces, unsigned count);
/* Appends the records of the pieces from byte `skip` on. */
bool gx_http_tls_seal(gx_http_connection *connection, const uv_buf_t *pieces, unsigned count, size_t skip,
                      gx_buffer *out);
void gx_http_tls_end(gx_http_connection *connection); /* close_notify, as far as the socket takes it at once */

/* server.c: a connection's socket has gone. May free the server. */
void gx_http_server_socket_gone(gx_http_server *server);

static inline uv_stream_t *gx_http_socket(gx_http_connection *connection)
{
    return (uv_stream_t *)&connection->socket;
}

#endif
