/* The floor under the fan-out: takes connections, answers whatever comes with a stream's head, and then only writes the
 * events of each order to every socket in turn. What a burst has goes out in one write; over TLS, by OpenSSL and
 * nothing else, in one SSL_write.
 *
 *   bench-fanout-floor STREAMS [CERTIFICATE KEY]   → the port; orders on stdin (event.h); "done" after each */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fanout/event.h"
#include "feed/frame.h"

enum { MOST_STREAMS = 65536, BATCH_BYTES = FANOUT_MOST_AT_ONCE * 1024 };

static const char HEAD[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                           "d\r\n: connected\n\n\r\n";

static int sockets[MOST_STREAMS];
static SSL *sessions[MOST_STREAMS]; /* NULL: plain */
static SSL_CTX *tls;
static size_t socket_count;

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench-fanout-floor: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int listen_on_loopback(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t size = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(fd >= 0 && bind(fd, (struct sockaddr *)&at, size) == 0 && listen(fd, SOMAXCONN) == 0, "listen");
    must(getsockname(fd, (struct sockaddr *)&at, &size) == 0, "getsockname");
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    return fd;
}

static void open_tls(const char *certificate, const char *key)
{
    tls = SSL_CTX_new(TLS_server_method());
    must(tls && SSL_CTX_use_certificate_chain_file(tls, certificate) == 1 &&
             SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) == 1,
         "certificate");
    SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

/* One stream: the request is read, the head is sent. */
static bool greet(size_t stream, int fd)
{
    char request[4096];
    const int head = sizeof HEAD - 1;
    if (tls == NULL)
        return read(fd, request, sizeof request) > 0 && write(fd, HEAD, (size_t)head) == head;
    SSL *session = sessions[stream] = SSL_new(tls);
    bool greeted = session && SSL_set_fd(session, fd) == 1 && SSL_accept(session) == 1 &&
                   SSL_read(session, request, sizeof request) > 0 && SSL_write(session, HEAD, head) == head;
    return greeted && fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
}

static void accept_all(int listener, size_t wanted)
{
    int at_once = 1; /* as every server of streams says: an event does not wait for the one before it */
    while (socket_count < wanted) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
        must(fd >= 0 && greet(socket_count, fd), "accept");
        sockets[socket_count++] = fd;
    }
}

/* How many went; -1 when the socket is full. */
static ssize_t send_some(size_t stream, const char *bytes, size_t length)
{
    SSL *session = sessions[stream];
    ssize_t sent = session ? SSL_write(session, bytes, (int)length)
                           : send(sockets[stream], bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    bool full = session ? sent <= 0 && SSL_get_error(session, (int)sent) == SSL_ERROR_WANT_WRITE : errno == EAGAIN;
    must(sent > 0 || full, "send");
    return sent > 0 ? sent : -1;
}

/* A socket that is full is waited for: the loop has nothing else to do. */
static void send_to(size_t stream, const char *bytes, size_t length)
{
    int fd = sockets[stream];
    while (length > 0) {
        ssize_t sent = send_some(stream, bytes, length);
        if (sent < 0)
            poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
        else
            bytes += sent, length -= (size_t)sent;
    }
}

static size_t encode(char out[static BATCH_BYTES], size_t count, int64_t *seq)
{
    size_t length = 0;
    for (size_t i = 0; i < count; i++) {
        fanout_event event;
        fanout_event_make(&event, "", ++*seq);
        gx_frame *frame = gx_frame_new(&event.logged);
        must(frame != NULL, "memory");
        gx_span bytes = gx_frame_bytes(frame, GX_FRAMING_CHUNKED);
        memcpy(out + length, bytes.ptr, bytes.len);
        length += bytes.len;
        gx_frame_drop(frame);
    }
    return length;
}

static void carry_out(const fanout_order *order, int64_t *seq)
{
    static char batch[BATCH_BYTES];
    int64_t began = fanout_now();
    for (int64_t number = 0; number < order->batches; number++) {
        fanout_order_wait(order, began, number);
        size_t length = encode(batch, order->at_once, seq);
        for (size_t i = 0; i < socket_count; i++)
            send_to(i, batch, length);
    }
}

int main(int argc, char **argv)
{
    size_t streams = argc == 2 || argc == 4 ? (size_t)atol(argv[1]) : 0;
    if (streams < 1 || streams > MOST_STREAMS) {
        fprintf(stderr, "usage: bench-fanout-floor STREAMS [CERTIFICATE KEY]\n");
        return 2;
    }
    struct rlimit limit;
    must(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (argc == 4)
        open_tls(argv[2], argv[3]);
    accept_all(listen_on_loopback(), streams);
    int64_t seq = 0;
    for (fanout_order order; fanout_order_read(&order);) {
        carry_out(&order, &seq);
        puts("done");
        fflush(stdout);
    }
    return 0;
}
