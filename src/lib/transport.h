/* One HTTP exchange at a time. One of the files behind it knows libcurl (transport_curl.c); nothing of libcurl is seen
 * here.
 *
 * Two ways of use: gx_transport_perform blocks; gx_transport_start hands the sockets to an epoll descriptor of the
 * caller, who then calls gx_transport_step for what is ready and gx_transport_tick when the deadline has come. The body
 * comes by the sink, and from gx_transport_receive where the socket is read without libcurl (body_socket.h). */
#ifndef GX_LIB_TRANSPORT_H
#define GX_LIB_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"

typedef struct gx_transport gx_transport;

typedef enum gx_sunk {
    GX_SUNK,        /* taken */
    GX_SUNK_LATER,  /* no room: the same bytes come again after gx_transport_resume (not for gx_transport_perform) */
    GX_SUNK_FAILED, /* gives up: out of memory, a limit */
} gx_sunk;

/* Takes body bytes of the final answer, as they come. */
typedef gx_sunk (*gx_body_sink)(void *context, const char *bytes, size_t length);

typedef struct gx_exchange_limits {
    int redirects;
    size_t header_bytes; /* of all heads of an exchange together */
} gx_exchange_limits;

typedef struct gx_request {
    const char *method;
    const char *url;
    const char *const *headers; /* "Name: value"; ends with NULL */
    gx_span body;               /* empty: none; must stay until the exchange is over */
    const char *ca_file;        /* NULL: the system's */
    int connect_timeout_ms;
    int total_timeout_ms; /* 0: none */
    gx_exchange_limits limits;
    void (*log)(const char *line, void *user); /* NULL: none */
    void *log_user;
    gx_body_sink sink;
    void *context;
} gx_request;

typedef enum gx_transport_fault {
    GX_TRANSPORT_FAULT_NONE,
    GX_TRANSPORT_FAULT_NETWORK,  /* may heal by itself */
    GX_TRANSPORT_FAULT_HOPELESS, /* will not: certificate, URL, too many redirects */
    GX_TRANSPORT_FAULT_SINK,     /* the sink gave up */
    GX_TRANSPORT_FAULT_HEAD,     /* the heads passed their limit */
    GX_TRANSPORT_FAULT_MEMORY,
} gx_transport_fault;

typedef struct gx_response {
    int status; /* 0 until the head of the final answer is there (redirects are followed) */
    bool over;
    gx_transport_fault fault; /* when over */
    char message[256];
    char content_type[128];
    char content_encoding[32]; /* "" when the body is as it is */
    char request_id[64];
    int64_t retry_after_ms; /* -1: none */
    int64_t date_s;         /* the server's clock, seconds since 1970; -1: none */
} gx_response;

/* `epoll` is -1 for gx_transport_perform only. NULL when out of memory. */
gx_transport *gx_transport_new(int epoll);

/* Closes the connection at once; NULL is allowed. */
void gx_transport_free(gx_transport *transport);

/* For a child after fork: closes its copies of the sockets and touches nothing else, so that the parent's connection
 * and TLS session stay whole. What libcurl holds in memory is given up. */
void gx_transport_abandon(gx_transport *transport);

/* Runs the exchange to its end and keeps the connection for the next one. The response is lent until the next call. */
const gx_response *gx_transport_perform(gx_transport *transport, const gx_request *request);

/* Starts an exchange; one that runs is stopped first. False when out of memory. */
bool gx_transport_start(gx_transport *transport, const gx_request *request);

/* `events` (EPOLL…) came for socket `fd`. A descriptor that it does not know is no harm. */
void gx_transport_step(gx_transport *transport, int fd, uint32_t events);

/* When it wants a tick, on the monotonic clock in ms; INT64_MAX: never. */
int64_t gx_transport_deadline(const gx_transport *transport);
void gx_transport_tick(gx_transport *transport);

/* Lets come what the sink had no room for, and what follows. False when nothing was held back. */
bool gx_transport_resume(gx_transport *transport);

/* Appends body bytes that the sink does not get: those of a socket that is read without libcurl. How many they were. */
size_t gx_transport_receive(gx_transport *transport, gx_buffer *into);

/* Closes the connection of the exchange that was started. */
void gx_transport_stop(gx_transport *transport);

/* What is known of the answer. */
const gx_response *gx_transport_response(const gx_transport *transport);

#endif
