#include "loopback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- the server's side --- */

void loopback_answer(gx_http_exchange *exchange, const char *text)
{
    gx_http_answer answer = {.status = 200, .content_type = "text/plain", .body = gx_span_of(text)};
    gx_http_answer_send(exchange, &answer);
}

static void tell(gx_http_exchange *exchange)
{
    const gx_http_request *request = gx_http_exchange_request(exchange);
    gx_buffer text = GX_BUFFER_INIT(0);
    gx_buffer_append_span(&text, request->method);
    gx_buffer_append_char(&text, ' ');
    gx_buffer_append_span(&text, request->path);
    gx_buffer_append_char(&text, ' ');
    gx_buffer_append_span(&text, request->query);
    gx_buffer_printf(&text, " %zu ", request->header_count);
    gx_buffer_append_span(&text, request->body);
    gx_http_answer answer = {.status = 200, .content_type = "text/plain", .body = gx_buffer_span(&text)};
    gx_http_answer_send(exchange, &answer);
    gx_buffer_free(&text);
}

char loopback_big_byte(size_t i)
{
    return (char)('a' + (i / 3 + i / 977) % 26);
}

static void answer_big(gx_http_exchange *exchange)
{
    static char body[BIG_BODY];
    for (size_t i = 0; i < sizeof body; i++)
        body[i] = loopback_big_byte(i);
    gx_http_answer_send(exchange, &(gx_http_answer){.status = 200, .body = {body, sizeof body}});
}

static void answer_nothing(gx_http_exchange *exchange)
{
    gx_http_answer_send(exchange, &(gx_http_answer){.status = 204, .body = GX_SPAN("never sent")});
}

static void answer_headers(gx_http_exchange *exchange)
{
    const gx_http_header headers[] = {
        {GX_SPAN("X-Good"), GX_SPAN("yes")},
        {GX_SPAN("X-Bad"), GX_SPAN("a\r\nX-Injected: b")},
        {GX_SPAN("X-Worse\n"), GX_SPAN("c")},
    };
    gx_http_answer_send(exchange, &(gx_http_answer){.status = 299, .headers = headers, .header_count = 3});
}

static void on_writable(void *owner)
{
    ((loopback *)owner)->writable++;
}

static void on_closed(void *owner)
{
    ((loopback *)owner)->closed++;
    ((loopback *)owner)->stream = NULL;
}

static void on_received(void *owner, gx_span bytes)
{
    gx_buffer_append_span(&((loopback *)owner)->received, bytes);
}

const gx_http_stream_events loopback_stream_events = {on_writable, on_closed, NULL};
const gx_http_stream_events loopback_listening_events = {on_writable, on_closed, on_received};

static void begin_stream(loopback *lo, gx_http_exchange *exchange, const gx_http_stream_events *events)
{
    lo->stream = gx_http_take_over(exchange, GX_SPAN(STREAM_HEAD), events, lo);
    lo->streams_refused += !lo->stream;
    if (lo->stream && events->received)
        gx_http_stream_listen(lo->stream);
}

static void hold(loopback *lo, gx_http_exchange *exchange)
{
    assert_in_range(lo->held_count, 0, MOST_HELD - 1);
    lo->held[lo->held_count++] = exchange;
}

static void handle(void *server, gx_http_exchange *exchange)
{
    loopback *lo = server;
    gx_span path = gx_http_exchange_request(exchange)->path;
    lo->handled++;
    if (gx_span_equal(path, GX_SPAN("/hold")))
        hold(lo, exchange);
    else if (gx_span_equal(path, GX_SPAN("/stream")))
        begin_stream(lo, exchange, &loopback_stream_events);
    else if (gx_span_equal(path, GX_SPAN("/listen")))
        begin_stream(lo, exchange, &loopback_listening_events);
    else if (gx_span_equal(path, GX_SPAN("/big")))
        answer_big(exchange);
    else if (gx_span_equal(path, GX_SPAN("/nothing")))
        answer_nothing(exchange);
    else if (gx_span_equal(path, GX_SPAN("/headers")))
        answer_headers(exchange);
    else
        tell(exchange);
}

static void reject(void *server, gx_http_exchange *exchange, int status, const char *reason)
{
    loopback *lo = server;
    lo->rejected++;
    lo->reject_status = status;
    gx_http_answer answer = {.status = status, .content_type = "text/plain", .body = gx_span_of(reason)};
    gx_http_answer_send(exchange, &answer);
}

void loopback_open(loopback *lo, gx_http_options options)
{
    gx_error error;
    *lo = (loopback){0};
    assert_int_equal(uv_loop_init(&lo->loop), 0);
    int fd = gx_http_listen("127.0.0.1", 0, true, &lo->port, &error);
    assert_true(fd >= 0);
    options.handle = handle;
    options.reject = reject;
    options.context = lo;
    lo->server = gx_http_server_open(&lo->loop, fd, &options, &error);
    assert_non_null(lo->server);
}

static void on_server_closed(void *server)
{
    ((loopback *)server)->server_closed = true;
}

void loopback_close(loopback *lo)
{
    gx_http_server_close(lo->server, on_server_closed, lo);
    WAIT_FOR(lo, lo->server_closed);
    assert_int_equal(uv_loop_close(&lo->loop), 0); /* fails when a handle was left behind */
    gx_buffer_free(&lo->received);
}

void loopback_turn(loopback *lo)
{
    struct pollfd readable = {.fd = uv_backend_fd(&lo->loop), .events = POLLIN};
    uint64_t now = uv_hrtime();
    if (lo->turned_at > 0 && now - lo->turned_at > lo->longest_pause)
        lo->longest_pause = now - lo->turned_at;
    lo->turned_at = now;
    if (uv_run(&lo->loop, UV_RUN_NOWAIT) != 0)
        poll(&readable, 1, 1);
}

/* --- the client's --- */

int client_connect_narrow(const loopback *lo, int receive_buffer)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)lo->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    if (receive_buffer > 0) /* before the handshake, which tells how much may come */
        assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    return fd;
}

int client_connect_from(const loopback *lo, const char *own)
{
    struct sockaddr_in from = {.sin_family = AF_INET},
                       to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)lo->port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(inet_pton(AF_INET, own, &from.sin_addr), 1);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof from), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    return fd;
}

int client_connect(const loopback *lo)
{
    return client_connect_narrow(lo, 0);
}

static bool send_some(int fd, const char *bytes, size_t n, size_t *sent)
{
    ssize_t taken = send(fd, bytes + *sent, n - *sent, MSG_NOSIGNAL);
    assert_true(taken >= 0 || errno == EAGAIN || errno == EPIPE || errno == ECONNRESET);
    if (taken < 0 && errno != EAGAIN)
        return true; /* the server wants no more of it */
    *sent += taken > 0 ? (size_t)taken : 0;
    return *sent == n;
}

void client_send(loopback *lo, int fd, const char *bytes, size_t n)
{
    size_t sent = 0;
    WAIT_FOR(lo, send_some(fd, bytes, n, &sent));
}

void client_say(loopback *lo, int fd, const char *text)
{
    client_send(lo, fd, text, strlen(text));
}

bool client_read(int fd, gx_buffer *into)
{
    char bytes[65536];
    ssize_t n;
    while ((n = recv(fd, bytes, sizeof bytes, 0)) > 0)
        gx_buffer_append(into, bytes, (size_t)n);
    return n == 0 || errno != EAGAIN;
}

const char *client_read_until(loopback *lo, int fd, const char *text, gx_buffer *into)
{
    WAIT_FOR(lo, client_read(fd, into) || strstr(gx_buffer_text(into), text));
    if (!strstr(gx_buffer_text(into), text))
        fail_msg("expected \"%s\" in \"%s\"", text, gx_buffer_text(into));
    return gx_buffer_text(into);
}

const char *client_read_to_end(loopback *lo, int fd, gx_buffer *into)
{
    WAIT_FOR(lo, client_read(fd, into));
    return gx_buffer_text(into);
}

void loopback_ask(loopback *lo, const char *request, gx_buffer *answer)
{
    int fd = client_connect(lo);
    client_say(lo, fd, request);
    client_read_to_end(lo, fd, answer);
    close(fd);
}
