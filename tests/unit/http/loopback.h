/* A real server on a port of its own and a client on plain sockets, in one thread: every wait turns the loop, and every
 * wait has a deadline. What the server does with a request stands in its path. */
#ifndef GX_TESTS_HTTP_LOOPBACK_H
#define GX_TESTS_HTTP_LOOPBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "base/buffer.h"
#include "http/server.h"

#define MOST_HELD 8

typedef struct loopback {
    uv_loop_t loop;
    gx_http_server *server;
    int port;
    int handled;  /* requests that came to the handler */
    int rejected; /* and to the other one */
    int reject_status;
    bool server_closed;
    uint64_t turned_at;     /* ns: when the loop was turned last */
    uint64_t longest_pause; /* ns: between two turns, since somebody set it to 0 */

    gx_http_exchange *held[MOST_HELD]; /* of requests to /hold */
    size_t held_count;

    gx_http_stream *stream; /* of the last request to /stream */
    int streams_refused;    /* take-overs of a peer that had gone */
    int writable, closed, released;
    gx_buffer received; /* by streams that listen */
} loopback;

/* /hold      keeps the exchange in `held`
 * /stream    takes the connection over, with a head of STREAM_HEAD
 * /listen    the same, and keeps what the peer sends
 * /big       answers BIG_BODY bytes
 * /nothing   answers 204
 * /headers   answers with headers, one of which is an attack
 * anything else is told what it was: "<method> <path> <query> <headers> <body>"; a rejected one "<status> <reason>" */
#define STREAM_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
#define BIG_BODY    (4u * 1024 * 1024)

/* The i-th byte of that body. */
char loopback_big_byte(size_t i);

extern const gx_http_stream_events loopback_stream_events, loopback_listening_events;

/* Zeroes in `options` are the engine's defaults. */
void loopback_open(loopback *lo, gx_http_options options);
void loopback_close(loopback *lo);
void loopback_answer(gx_http_exchange *exchange, const char *text);

/* Turns the loop once, waiting at most a millisecond. */
void loopback_turn(loopback *lo);

/* Turns the loop until the condition holds; the test fails when that takes longer than a minute. */
#define WAIT_FOR(lo, condition)                                                                                        \
    do {                                                                                                               \
        uint64_t deadline_ = uv_hrtime() + UINT64_C(60000000000);                                                      \
        while (!(condition)) {                                                                                         \
            if (uv_hrtime() > deadline_)                                                                               \
                fail_msg("waited in vain for " #condition);                                                            \
            loopback_turn(lo);                                                                                         \
        }                                                                                                              \
    } while (0)

int client_connect(const loopback *lo);
int client_connect_from(const loopback *lo, const char *own); /* an address of this machine */
int client_connect_narrow(const loopback *lo, int receive_buffer);
void client_send(loopback *lo, int fd, const char *bytes, size_t n);
void client_say(loopback *lo, int fd, const char *text);

/* Appends what can be read now; true once the end of file (or a reset) was seen. */
bool client_read(int fd, gx_buffer *into);

/* Reads until `text` has come, or the end. Lent until the next change of `into`. */
const char *client_read_until(loopback *lo, int fd, const char *text, gx_buffer *into);
const char *client_read_to_end(loopback *lo, int fd, gx_buffer *into);

/* One request on a connection of its own: what came back until the server closed. */
void loopback_ask(loopback *lo, const char *request, gx_buffer *answer);

#endif
