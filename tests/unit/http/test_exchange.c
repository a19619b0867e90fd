/* Requests and answers over a real socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "http/tls_peer.h"
#include "loopback.h"
#include "support/failing_alloc.h"

#define HOST  "Host: x\r\n"
#define CLOSE HOST "Connection: close\r\n\r\n"

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        count++;
    return count;
}

static const char *body_of(const char *answer)
{
    const char *end = strstr(answer, "\r\n\r\n");
    return end ? end + 4 : "no body";
}

/* Asks on a connection that the server is to close, and looks at what came. */
static void expect(loopback *lo, const char *request, const char *begin, const char *body)
{
    gx_buffer answer = GX_BUFFER_INIT(0);
    loopback_ask(lo, request, &answer);
    const char *text = gx_buffer_text(&answer);
    if (strncmp(text, begin, strlen(begin)) != 0 || (body && strcmp(body_of(text), body) != 0))
        fail_msg("asked \"%s\", got \"%s\"", request, text);
    gx_buffer_free(&answer);
}

static void an_answer_has_what_a_client_needs(void **state)
{
    (void)state;
    loopback lo;
    gx_buffer answer = GX_BUFFER_INIT(0);
    loopback_open(&lo, (gx_http_options){0});
    loopback_ask(&lo, "POST /p?a=b HTTP/1.1\r\nContent-Length: 2\r\n" CLOSE "hi", &answer);
    const char *text = gx_buffer_text(&answer);
    assert_non_null(strstr(text, "HTTP/1.1 200 OK\r\nDate: "));
    assert_non_null(strstr(text, " GMT\r\n"));
    assert_non_null(strstr(text, "\r\nContent-Type: text/plain\r\n"));
    assert_non_null(strstr(text, "\r\nContent-Length: 16\r\n"));
    assert_non_null(strstr(text, "\r\nConnection: close\r\n"));
    assert_string_equal(body_of(text), "POST /p a=b 3 hi");
    gx_buffer_free(&answer);
    loopback_close(&lo);
}

static void the_peer_has_a_name(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    int fd = client_connect(&lo);
    client_say(&lo, fd, "GET /hold HTTP/1.1\r\n" CLOSE);
    WAIT_FOR(&lo, lo.held_count == 1);
    assert_true(gx_span_equal(gx_http_exchange_request(lo.held[0])->peer, GX_SPAN("127.0.0.1")));
    loopback_answer(lo.held[0], "");
    close(fd);
    loopback_close(&lo);
}

static void head_and_204_have_no_body(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    gx_buffer answer = GX_BUFFER_INIT(0);
    loopback_ask(&lo, "HEAD /h HTTP/1.1\r\n" CLOSE, &answer);
    assert_non_null(strstr(gx_buffer_text(&answer), "Content-Length: 11\r\n"));
    assert_string_equal(body_of(gx_buffer_text(&answer)), "");
    gx_buffer_clear(&answer);
    loopback_ask(&lo, "GET /nothing HTTP/1.1\r\n" CLOSE, &answer);
    assert_null(strstr(gx_buffer_text(&answer), "Content-Length"));
    assert_string_equal(body_of(gx_buffer_text(&answer)), "");
    gx_buffer_free(&answer);
    loopback_close(&lo);
}

static void a_header_cannot_smuggle_another(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    gx_buffer answer = GX_BUFFER_INIT(0);
    loopback_ask(&lo, "GET /headers HTTP/1.1\r\n" CLOSE, &answer);
    const char *text = gx_buffer_text(&answer);
    assert_non_null(strstr(text, "HTTP/1.1 299 Success\r\n"));
    assert_non_null(strstr(text, "X-Good: yes\r\n"));
    assert_null(strstr(text, "X-Bad"));
    assert_null(strstr(text, "X-Injected"));
    assert_null(strstr(text, "X-Worse"));
    gx_buffer_free(&answer);
    loopback_close(&lo);
}

static void a_connection_serves_one_request_after_the_other(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    int fd = client_connect(&lo);
    for (int i = 0; i < 3; i++) {
        gx_buffer answer = GX_BUFFER_INIT(0);
        client_say(&lo, fd, "GET /again HTTP/1.1\r\n" HOST "\r\n");
        assert_null(strstr(client_read_until(&lo, fd, "GET /again", &answer), "Connection:"));
        gx_buffer_free(&answer);
    }
    assert_int_equal(lo.handled, 3);
    assert_int_equal(gx_http_server_connections(lo.server), 1);
    close(fd);
    WAIT_FOR(&lo, gx_http_server_connections(lo.server) == 0);
    loopback_close(&lo);
}

static void http_1_0_goes_on_only_when_asked(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    expect(&lo, "GET /old HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n", "GET /old  0 ");
    int fd = client_connect(&lo);
    gx_buffer answer = GX_BUFFER_INIT(0);
    client_say(&lo, fd, "GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert_non_null(strstr(client_read_until(&lo, fd, "GET /1", &answer), "Connection: keep-alive\r\n"));
    client_say(&lo, fd, "GET /2 HTTP/1.0\r\n\r\n");
    assert_non_null(strstr(client_read_to_end(&lo, fd, &answer), "GET /2"));
    gx_buffer_free(&answer);
    close(fd);
    loopback_close(&lo);
}

/* Also when the bytes come one by one, or in two parts cut anywhere. */
static void pipelined_requests_are_answered_in_order_however_they_are_cut(void **state)
{
    (void)state;
    static const char requests[] = "GET /a HTTP/1.1\r\n" HOST "\r\n\r\n" /* an empty line too many is passed over */
                                   "POST /b HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nhi"
                                   "GET /c HTTP/1.1\r\n" CLOSE;
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    for (size_t cut = 0; cut < sizeof requests - 1; cut++) {
        int fd = client_connect(&lo);
        gx_buffer answer = GX_BUFFER_INIT(0);
        size_t step = cut == 0 ? 1 : cut; /* the first round: byte by byte */
        for (size_t at = 0; at < sizeof requests - 1; at += step) {
            size_t left = sizeof requests - 1 - at;
            step = cut == 0 ? 1 : at == 0 ? cut : left;
            client_send(&lo, fd, requests + at, step);
            loopback_turn(&lo);
        }
        const char *text = client_read_to_end(&lo, fd, &answer);
        const char *a = strstr(text, "GET /a  1 "), *b = strstr(text, "POST /b  2 hi"), *c = strstr(text, "GET /c  2 ");
        assert_true(a && b && c && a < b && b < c);
        assert_int_equal(count_of(text, "HTTP/1.1 200 OK"), 3);
        gx_buffer_free(&answer);
        close(fd);
    }
    loopback_close(&lo);
}

static void what_comes_behind_a_request_waits_for_its_answer(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    int fd = client_connect(&lo);
    gx_buffer answer = GX_BUFFER_INIT(0);
    client_say(&lo, fd, "GET /hold HTTP/1.1\r\n" HOST "\r\nGET /hold HTTP/1.1\r\n" HOST "\r\nGET /b HTTP/1.1\r\n");
    WAIT_FOR(&lo, lo.held_count == 1);
    client_say(&lo, fd, CLOSE); /* the rest of the third comes while the first is out */
    for (int i = 0; i < 5; i++)
        loopback_turn(&lo);
    assert_int_equal(lo.handled, 1);
    loopback_answer(lo.held[0], "first");
    WAIT_FOR(&lo, lo.held_count == 2);
    loopback_answer(lo.held[1], "second");
    const char *text = client_read_to_end(&lo, fd, &answer);
    assert_true(strstr(text, "first") < strstr(text, "second") && strstr(text, "second") < strstr(text, "GET /b"));
    gx_buffer_free(&answer);
    close(fd);
    loopback_close(&lo);
}

static void pipelining_abuse_a_flood_behind_a_request_is_not_read(void **state)
{
    (void)state;
    static char flood[4 * 1024 * 1024];
    memset(flood, 'A', sizeof flood);
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    int fd = client_connect(&lo), small = 65536;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    client_say(&lo, fd, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
    WAIT_FOR(&lo, lo.held_count == 1);
    size_t sent = 0;
    for (int idle = 0; idle < 20; loopback_turn(&lo)) {
        ssize_t n = send(fd, flood + sent, sizeof flood - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        idle = n > 0 ? 0 : idle + 1;
        sent += n > 0 ? (size_t)n : 0;
        if (sent == sizeof flood)
            break;
    }
    /* The kernel's buffers may take much, but not without end, and nothing of it is in ours but one read. */
    long before = gx_allocation_count();
    for (int i = 0; i < 5; i++)
        loopback_turn(&lo);
    assert_int_equal(gx_allocation_count(), before);
    loopback_answer(lo.held[0], "");
    WAIT_FOR(&lo, lo.rejected == 1); /* "AAAA…" is no request */
    close(fd);
    loopback_close(&lo);
}

static void limits_are_told_by_their_status(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){.most_header_bytes = 300, .most_body_bytes = 10});
    char request[600] = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
    memset(request + strlen(request), 'a', 400);
    expect(&lo, request, "HTTP/1.1 431 ", NULL);
    expect(&lo, "POST / HTTP/1.1\r\n" HOST "Content-Length: 11\r\n\r\n", "HTTP/1.1 413 ", NULL);
    expect(&lo, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n5\r\n", "HTTP/1.1 413 ",
           NULL);
    expect(&lo, "POST / HTTP/1.1\r\n" HOST "Expect: tea\r\nContent-Length: 1\r\n\r\n", "HTTP/1.1 417 ", NULL);
    expect(&lo, "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 ", "no Host header");
    expect(&lo, "BREW / HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 400 ", NULL);
    assert_int_equal(lo.rejected, 6);
    assert_int_equal(lo.handled, 0);
    loopback_close(&lo);
}

static void take_turns(loopback *lo)
{
    for (int i = 0; i < 5; i++)
        loopback_turn(lo);
}

/* Were the server to close at once, bytes under way to it would reset the connection, and with it the answer. */
static void a_refusal_reaches_a_peer_that_still_sends(void **state)
{
    (void)state;
    static char body[64 * 1024];
    loopback lo;
    loopback_open(&lo, (gx_http_options){.most_body_bytes = 1000});
    int fd = client_connect(&lo);
    gx_buffer answer = GX_BUFFER_INIT(0);
    client_say(&lo, fd, "POST / HTTP/1.1\r\n" HOST "Content-Length: 524288\r\n\r\n");
    assert_non_null(strstr(client_read_to_end(&lo, fd, &answer), "HTTP/1.1 413 Content Too Large\r\n"));
    assert_non_null(strstr(gx_buffer_text(&answer), "Connection: close\r\n"));
    for (int i = 0; i < 8; i++) {
        assert_true(send(fd, body, sizeof body, MSG_NOSIGNAL) > 0);
        take_turns(&lo);
    }
    assert_int_equal(gx_http_server_connections(lo.server), 1);
    close(fd);
    WAIT_FOR(&lo, gx_http_server_connections(lo.server) == 0);
    assert_int_equal(lo.handled, 0);
    gx_buffer_free(&answer);
    loopback_close(&lo);
}

static void a_peer_that_never_ends_is_left_after_a_while(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    int fd = client_connect(&lo);
    client_say(&lo, fd, "GET / HTTP/1.1\r\n" CLOSE);
    WAIT_FOR(&lo, lo.handled == 1);
    assert_int_equal(gx_http_server_connections(lo.server), 1);
    WAIT_FOR(&lo, gx_http_server_connections(lo.server) == 0);
    close(fd);
    loopback_close(&lo);
}

static void half_a_request_behind_which_nothing_can_come_is_refused(void **state)
{
    (void)state;
    static const char *const halves[] = {
        "GET / HT",
        "GET / HTTP/1.1\r\n" HOST,
        "POST / HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\nhalf",
        "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n6\r\nabc",
    };
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    for (size_t i = 0; i < sizeof halves / sizeof *halves; i++) {
        int fd = client_connect(&lo);
        gx_buffer answer = GX_BUFFER_INIT(0);
        client_say(&lo, fd, halves[i]);
        assert_int_equal(shutdown(fd, SHUT_WR), 0);
        assert_non_null(strstr(client_read_to_end(&lo, fd, &answer), "HTTP/1.1 400 "));
        gx_buffer_free(&answer);
        close(fd);
    }
    assert_int_equal(lo.handled, 0);
    loopback_close(&lo);
}

static void a_peer_or_a_server_may_go_in_the_middle_of_a_request(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    int fd = client_connect(&lo), other = client_connect(&lo);
    client_say(&lo, fd, "POST / HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\nhalf");
    client_say(&lo, other, "GET / HT");
    WAIT_FOR(&lo, gx_http_server_connections(lo.server) == 2);
    take_turns(&lo);
    close(fd);
    WAIT_FOR(&lo, gx_http_server_connections(lo.server) == 1);
    loopback_close(&lo);
    assert_int_equal(lo.handled, 0);
    close(other);
}

static void a_peer_that_asks_first_gets_100_continue(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    int fd = client_connect(&lo);
    gx_buffer answer = GX_BUFFER_INIT(0);
    client_say(&lo, fd, "POST /p HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n" CLOSE);
    client_read_until(&lo, fd, "HTTP/1.1 100 Continue\r\n\r\n", &answer);
    assert_int_equal(lo.handled, 0);
    client_say(&lo, fd, "hi");
    const char *text = client_read_to_end(&lo, fd, &answer);
    assert_int_equal(count_of(text, "100 Continue"), 1);
    assert_non_null(strstr(text, "POST /p  4 hi"));
    gx_buffer_free(&answer);
    close(fd);
    loopback_close(&lo);
}

/* Once with its end right behind the request, once with another request before it. */
static void a_peer_that_stopped_sending_still_gets_its_answers(void **state)
{
    (void)state;
    static const char *const behind[] = {"", "GET /next HTTP/1.1\r\n" HOST "\r\n"};
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    for (int i = 0; i < 2; i++) {
        int fd = client_connect(&lo);
        gx_buffer answer = GX_BUFFER_INIT(0);
        client_say(&lo, fd, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
        client_say(&lo, fd, behind[i]);
        assert_int_equal(shutdown(fd, SHUT_WR), 0);
        WAIT_FOR(&lo, lo.held_count == 1);
        take_turns(&lo);
        loopback_answer(lo.held[0], "late");
        lo.held_count = 0;
        const char *text = client_read_to_end(&lo, fd, &answer); /* the server closes: no more can come */
        assert_non_null(strstr(text, "late"));
        assert_int_equal(count_of(text, "HTTP/1.1 200"), 1 + i);
        gx_buffer_free(&answer);
        close(fd);
    }
    loopback_close(&lo);
}

static void reset(int fd)
{
    struct linger hard = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close(fd);
}

static void an_exchange_outlives_its_peer(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    for (int hard = 0; hard <= 1; hard++) {
        int fd = client_connect(&lo);
        client_say(&lo, fd, "POST /hold HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nbody");
        WAIT_FOR(&lo, lo.held_count == 1);
        if (hard)
            reset(fd);
        else
            close(fd);
        if (hard)
            WAIT_FOR(&lo, gx_http_server_connections(lo.server) == 0);
        for (int i = 0; i < 5; i++)
            loopback_turn(&lo);
        assert_true(gx_span_equal(gx_http_exchange_request(lo.held[0])->body, GX_SPAN("body")));
        loopback_answer(lo.held[0], "to nobody");
        lo.held_count = 0;
        WAIT_FOR(&lo, gx_http_server_connections(lo.server) == 0);
    }
    loopback_close(&lo);
}

static void an_exchange_outlives_its_server(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    int fd = client_connect(&lo), other = client_connect(&lo);
    client_say(&lo, fd, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
    client_say(&lo, other, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
    WAIT_FOR(&lo, lo.held_count == 2);
    loopback_close(&lo);
    loopback_answer(lo.held[0], "to nobody");
    assert_null(gx_http_take_over(lo.held[1], GX_SPAN(STREAM_HEAD), &loopback_stream_events, &lo));
    close(fd);
    close(other);
}

static void a_big_answer_arrives_whole_through_a_narrow_socket(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){.send_buffer_bytes = 65536});
    gx_buffer answer = GX_BUFFER_INIT(0);
    loopback_ask(&lo, "GET /big HTTP/1.1\r\n" CLOSE, &answer);
    const char *body = body_of(gx_buffer_text(&answer));
    assert_int_equal(answer.length, (size_t)(body - answer.data) + BIG_BODY);
    for (size_t i = 0; i < BIG_BODY; i++)
        if (body[i] != loopback_big_byte(i))
            fail_msg("byte %zu is another", i);
    gx_buffer_free(&answer);
    loopback_close(&lo);
}

static void an_answer_that_nobody_reads_is_given_up(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){.send_buffer_bytes = 8192, .send_timeout_ms = 100});
    int fd = client_connect(&lo);
    client_say(&lo, fd, "GET /big HTTP/1.1\r\n" HOST "\r\n");
    WAIT_FOR(&lo, lo.handled == 1);
    assert_int_equal(gx_http_server_connections(lo.server), 1);
    WAIT_FOR(&lo, gx_http_server_connections(lo.server) == 0);
    close(fd);
    loopback_close(&lo);
}

/* A thousandth of `rate` bytes a second, at most, each time the clock has gone on by one. */
static bool read_slowly(int fd, size_t rate, uint64_t *last_ms)
{
    char bytes[4096];
    uint64_t now_ms = uv_hrtime() / 1000000;
    if (now_ms == *last_ms)
        return true;
    *last_ms = now_ms;
    ssize_t n = recv(fd, bytes, rate / 1000, 0);
    return n > 0 || (n < 0 && errno == EAGAIN);
}

static void an_answer_that_is_read_too_slowly_is_given_up(void **state)
{
    (void)state;
    loopback lo;
    uint64_t last_ms = 0;
    loopback_open(&lo, (gx_http_options){.send_buffer_bytes = 8192, .send_timeout_ms = 1000});
    int fd = client_connect_narrow(&lo, 4096);
    client_say(&lo, fd, "GET /big HTTP/1.1\r\n" HOST "\r\n");
    WAIT_FOR(&lo, lo.handled == 1);
    WAIT_FOR(&lo, !read_slowly(fd, 12000, &last_ms) || gx_http_server_connections(lo.server) == 0);
    assert_int_equal(gx_http_server_connections(lo.server), 0);
    close(fd);
    loopback_close(&lo);
}

static void a_tls_handshake_that_never_ends_is_cut(void **state)
{
    (void)state;
    loopback lo;
    gx_tls *tls = tls_of_a_new_certificate();
    loopback_open(&lo, (gx_http_options){.tls = tls, .request_timeout_ms = 60, .idle_timeout_ms = 3600000});
    int silent = client_connect(&lo), slow = client_connect(&lo);
    client_send(&lo, slow, "\x16\x03\x01\x02", 4);
    gx_buffer heard = GX_BUFFER_INIT(0);
    WAIT_FOR(&lo, client_read(silent, &heard));
    WAIT_FOR(&lo, client_read(slow, &heard));
    assert_int_equal(lo.handled + lo.rejected, 0);
    close(silent);
    close(slow);
    gx_buffer_free(&heard);
    loopback_close(&lo);
    gx_tls_free(tls);
}

/* Where this thread has stood still for the limit, the server may rightly have hung up before it read a byte. */
static void ask_awake(loopback *lo, const char *request, gx_buffer *answer, uint64_t limit_ms)
{
    do {
        lo->longest_pause = 0;
        loopback_ask(lo, request, answer);
    } while (answer->length == 0 && lo->longest_pause >= limit_ms * 1000000);
}

static void slow_loris_is_told_408_and_an_idle_connection_nothing(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){.request_timeout_ms = 60, .idle_timeout_ms = 90});
    gx_buffer answer = GX_BUFFER_INIT(0);
    ask_awake(&lo, "POST /slow HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nab", &answer, 60);
    assert_non_null(strstr(gx_buffer_text(&answer), "HTTP/1.1 408 Request Timeout\r\n"));
    gx_buffer_clear(&answer);
    loopback_ask(&lo, "\r\n", &answer);
    assert_int_equal(answer.length, 0);
    ask_awake(&lo, "GET /once HTTP/1.1\r\n" HOST "\r\n", &answer, 90);
    assert_int_equal(count_of(gx_buffer_text(&answer), "HTTP/1.1"), 1);
    assert_int_equal(lo.rejected, 1);
    gx_buffer_free(&answer);
    loopback_close(&lo);
}

static void one_connection_too_many_is_closed_at_once(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){.most_connections = 2});
    int first = client_connect(&lo), second = client_connect(&lo);
    WAIT_FOR(&lo, gx_http_server_connections(lo.server) == 2);
    gx_buffer answer = GX_BUFFER_INIT(0);
    loopback_ask(&lo, "", &answer);
    assert_int_equal(answer.length, 0);
    close(first);
    WAIT_FOR(&lo, gx_http_server_connections(lo.server) == 1);
    expect(&lo, "GET /room HTTP/1.1\r\n" CLOSE, "HTTP/1.1 200 OK\r\n", "GET /room  2 ");
    gx_buffer_free(&answer);
    close(second);
    loopback_close(&lo);
}

static void one_connection_too_many_of_an_address_is_closed_and_others_get_in(void **state)
{
    (void)state;
    loopback lo;
    gx_http_peers *peers = gx_http_peers_new(2);
    loopback_open(&lo, (gx_http_options){.peers = peers});
    int first = client_connect(&lo), second = client_connect(&lo);
    WAIT_FOR(&lo, gx_http_server_connections(lo.server) == 2);
    gx_buffer answer = GX_BUFFER_INIT(0);
    loopback_ask(&lo, "", &answer);
    assert_int_equal(answer.length, 0);
    int stranger = client_connect_from(&lo, "127.0.0.2");
    client_say(&lo, stranger, "GET /room HTTP/1.1\r\n" CLOSE);
    assert_non_null(strstr(client_read_to_end(&lo, stranger, &answer), "HTTP/1.1 200 OK\r\n"));
    close(first);
    WAIT_FOR(&lo, gx_http_server_connections(lo.server) == 1);
    expect(&lo, "GET /room HTTP/1.1\r\n" CLOSE, "HTTP/1.1 200 OK\r\n", "GET /room  2 ");
    gx_buffer_free(&answer);
    close(second);
    loopback_close(&lo);
    gx_http_peers_free(peers);
}

static void a_server_that_stops_accepting_lets_open_exchanges_end(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    int idle = client_connect(&lo), busy = client_connect(&lo);
    gx_buffer answer = GX_BUFFER_INIT(0);
    client_say(&lo, busy, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
    WAIT_FOR(&lo, lo.held_count == 1 && gx_http_server_connections(lo.server) == 2);
    gx_http_server_stop_accepting(lo.server);
    assert_string_equal(client_read_to_end(&lo, idle, &answer), "");
    loopback_answer(lo.held[0], "the last one");
    const char *text = client_read_to_end(&lo, busy, &answer);
    assert_non_null(strstr(text, "Connection: close\r\n"));
    assert_non_null(strstr(text, "the last one"));
    gx_buffer_free(&answer);
    close(idle);
    close(busy);
    loopback_close(&lo);
}

/* The n-th allocation fails while one request is served, for every n: the connection is answered or closed, and the
 * next one finds everything as before. */
static void no_memory_costs_one_connection_at_most(void **state)
{
    (void)state;
    static const char request[] = "POST /big HTTP/1.1\r\nContent-Length: 2\r\n" CLOSE "hi";
    loopback lo;
    loopback_open(&lo, (gx_http_options){.send_buffer_bytes = 65536});
    bool failed = true;
    for (long n = 1; failed; n++) {
        assert_true(n < 60);
        gx_buffer answer = GX_BUFFER_INIT(0);
        gx_buffer_reserve(&answer, BIG_BODY + 4096);
        int fd = client_connect(&lo);
        client_say(&lo, fd, request);
        gx_fail_allocation(n);
        WAIT_FOR(&lo, client_read(fd, &answer));
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_true(failed || answer.length > BIG_BODY);
        close(fd);
        gx_buffer_free(&answer);
        expect(&lo, "GET /next HTTP/1.1\r\n" CLOSE, "HTTP/1.1 200 OK\r\n", "GET /next  2 ");
    }
    WAIT_FOR(&lo, gx_http_server_connections(lo.server) == 0);
    loopback_close(&lo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_has_what_a_client_needs),
        cmocka_unit_test(the_peer_has_a_name),
        cmocka_unit_test(head_and_204_have_no_body),
        cmocka_unit_test(a_header_cannot_smuggle_another),
        cmocka_unit_test(a_connection_serves_one_request_after_the_other),
        cmocka_unit_test(http_1_0_goes_on_only_when_asked),
        cmocka_unit_test(pipelined_requests_are_answered_in_order_however_they_are_cut),
        cmocka_unit_test(what_comes_behind_a_request_waits_for_its_answer),
        cmocka_unit_test(pipelining_abuse_a_flood_behind_a_request_is_not_read),
        cmocka_unit_test(limits_are_told_by_their_status),
        cmocka_unit_test(a_refusal_reaches_a_peer_that_still_sends),
        cmocka_unit_test(a_peer_that_never_ends_is_left_after_a_while),
        cmocka_unit_test(half_a_request_behind_which_nothing_can_come_is_refused),
        cmocka_unit_test(a_peer_or_a_server_may_go_in_the_middle_of_a_request),
        cmocka_unit_test(a_peer_that_asks_first_gets_100_continue),
        cmocka_unit_test(a_peer_that_stopped_sending_still_gets_its_answers),
        cmocka_unit_test(an_exchange_outlives_its_peer),
        cmocka_unit_test(an_exchange_outlives_its_server),
        cmocka_unit_test(a_big_answer_arrives_whole_through_a_narrow_socket),
        cmocka_unit_test(an_answer_that_nobody_reads_is_given_up),
        cmocka_unit_test(an_answer_that_is_read_too_slowly_is_given_up),
        cmocka_unit_test(slow_loris_is_told_408_and_an_idle_connection_nothing),
        cmocka_unit_test(one_connection_too_many_is_closed_at_once),
        cmocka_unit_test(one_connection_too_many_of_an_address_is_closed_and_others_get_in),
        cmocka_unit_test(a_server_that_stops_accepting_lets_open_exchanges_end),
        cmocka_unit_test(no_memory_costs_one_connection_at_most),
        cmocka_unit_test(a_tls_handshake_that_never_ends_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
