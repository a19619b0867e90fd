/* Connections that were taken over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/engine.h"
#include "loopback.h"

#define ASK "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n"

static char plenty[65536];

static int begin_stream(loopback *lo)
{
    int fd = client_connect(lo);
    client_say(lo, fd, ASK);
    WAIT_FOR(lo, lo->stream);
    return fd;
}

static int64_t write_text(gx_http_stream *stream, const char *text)
{
    uv_buf_t piece = uv_buf_init((char *)(uintptr_t)text, (unsigned)strlen(text));
    return gx_http_stream_write(stream, &piece, 1);
}

/* Writes until the socket is full. */
static int64_t fill(gx_http_stream *stream)
{
    int64_t sum = 0, n;
    memset(plenty, 'p', sizeof plenty);
    uv_buf_t piece = uv_buf_init(plenty, sizeof plenty);
    while ((n = gx_http_stream_write(stream, &piece, 1)) > 0)
        sum += n;
    return n < 0 ? n : sum;
}

static void release(void *reference)
{
    ((loopback *)reference)->released++;
}

static void its_head_comes_first_and_its_pieces_as_one(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    int fd = begin_stream(&lo);
    gx_buffer got = GX_BUFFER_INIT(0);
    uv_buf_t pieces[] = {uv_buf_init((char[]){'o', 'n', 'e'}, 3), uv_buf_init((char[]){'t', 'w', 'o'}, 3)};
    assert_int_equal(gx_http_stream_write(lo.stream, pieces, 2), 6);
    assert_string_equal(client_read_until(&lo, fd, "onetwo", &got), STREAM_HEAD "onetwo");
    gx_buffer_free(&got);
    close(fd);
    WAIT_FOR(&lo, lo.closed == 1);
    loopback_close(&lo);
}

static void a_full_socket_takes_nothing_until_its_peer_reads(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){.send_buffer_bytes = 16384});
    int fd = begin_stream(&lo);
    int64_t taken = fill(lo.stream);
    assert_true(taken > 0);
    assert_int_equal(write_text(lo.stream, "more"), 0);
    gx_http_stream_finish(lo.stream, GX_SPAN("the rest"), release, &lo);
    assert_int_equal(write_text(lo.stream, "out of turn"), 0);
    for (int i = 0; i < 5; i++)
        loopback_turn(&lo);
    assert_int_equal(lo.released + lo.writable, 0);

    gx_buffer got = GX_BUFFER_INIT(0);
    client_read_until(&lo, fd, "the rest", &got);
    WAIT_FOR(&lo, lo.writable == 1);
    assert_int_equal(lo.released, 1);
    assert_int_equal(got.length, sizeof STREAM_HEAD - 1 + (size_t)taken + 8);
    assert_int_equal(write_text(lo.stream, "again"), 5);
    gx_buffer_free(&got);
    close(fd);
    WAIT_FOR(&lo, lo.closed == 1);
    loopback_close(&lo);
}

static void what_the_peer_sends_is_forgotten(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    int fd = client_connect(&lo);
    client_say(&lo, fd, ASK "GET /never HTTP/1.1\r\nHost: x\r\n\r\n");
    WAIT_FOR(&lo, lo.stream);
    for (int i = 0; i < 32; i++)
        client_send(&lo, fd, plenty, sizeof plenty); /* would block for ever if nobody read */
    gx_buffer got = GX_BUFFER_INIT(0);
    write_text(lo.stream, "still here");
    client_read_until(&lo, fd, "still here", &got);
    assert_int_equal(lo.handled, 1);
    gx_buffer_free(&got);
    close(fd);
    WAIT_FOR(&lo, lo.closed == 1);
    loopback_close(&lo);
}

/* Bytes that waited behind the request had stopped the reading. */
static void reading_goes_on_although_bytes_were_waiting(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    int fd = client_connect(&lo);
    client_say(&lo, fd, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\nGET /never");
    WAIT_FOR(&lo, lo.held_count == 1);
    lo.stream = gx_http_take_over(lo.held[0], GX_SPAN(STREAM_HEAD), &loopback_stream_events, &lo);
    assert_non_null(lo.stream);
    close(fd);
    WAIT_FOR(&lo, lo.closed == 1);
    assert_int_equal(lo.handled, 1);
    loopback_close(&lo);
}

static bool has_received(loopback *lo, const char *text)
{
    return strcmp(gx_buffer_text(&lo->received), text) == 0;
}

/* The server may still be at the request when they come, or have answered within the same read. */
static void an_owner_who_listens_gets_also_what_came_with_the_request(void **state)
{
    (void)state;
    for (int held = 0; held <= 1; held++) {
        loopback lo;
        loopback_open(&lo, (gx_http_options){0});
        int fd = client_connect(&lo);
        client_say(&lo, fd,
                   held ? "GET /hold HTTP/1.1\r\nHost: x\r\n\r\nearly"
                        : "GET /listen HTTP/1.1\r\nHost: x\r\n\r\nearly");
        WAIT_FOR(&lo, lo.stream || lo.held_count == 1);
        if (held) {
            lo.stream = gx_http_take_over(lo.held[0], GX_SPAN(STREAM_HEAD), &loopback_listening_events, &lo);
            assert_int_equal(lo.received.length, 0);
            gx_http_stream_listen(lo.stream);
        }
        WAIT_FOR(&lo, has_received(&lo, "early"));
        client_say(&lo, fd, " and late");
        WAIT_FOR(&lo, has_received(&lo, "early and late"));
        assert_int_equal(lo.handled, 1);
        close(fd);
        WAIT_FOR(&lo, lo.closed == 1);
        loopback_close(&lo);
    }
}

static void a_request_behind_another_may_be_taken_over_too(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    int fd = client_connect(&lo);
    client_say(&lo, fd, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\nGET /listen HTTP/1.1\r\nHost: x\r\n\r\nbytes");
    WAIT_FOR(&lo, lo.held_count == 1);
    loopback_answer(lo.held[0], "first");
    WAIT_FOR(&lo, has_received(&lo, "bytes"));
    close(fd);
    WAIT_FOR(&lo, lo.closed == 1);
    loopback_close(&lo);
}

static void nothing_is_received_before_the_owner_listens(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    int fd = client_connect(&lo);
    client_say(&lo, fd, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    WAIT_FOR(&lo, lo.held_count == 1);
    lo.stream = gx_http_take_over(lo.held[0], GX_SPAN(STREAM_HEAD), &loopback_listening_events, &lo);
    client_say(&lo, fd, "early");
    for (int i = 0; i < 5; i++)
        loopback_turn(&lo);
    assert_int_equal(lo.received.length, 0);
    gx_http_stream_listen(lo.stream);
    WAIT_FOR(&lo, has_received(&lo, "early"));
    close(fd);
    WAIT_FOR(&lo, lo.closed == 1);
    loopback_close(&lo);
}

/* Closed at once, with bytes of his unread, the connection would be reset under him. */
static void a_peer_that_still_sends_can_read_the_last_word(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    int fd = client_connect(&lo);
    client_say(&lo, fd, "GET /listen HTTP/1.1\r\nHost: x\r\n\r\n");
    WAIT_FOR(&lo, lo.stream);
    client_say(&lo, fd, "unread");
    gx_http_stream_close(lo.stream, GX_SPAN("goodbye"));
    assert_int_equal(write_text(lo.stream, "no more"), -1);
    client_say(&lo, fd, "and more of it");
    gx_buffer got = GX_BUFFER_INIT(0);
    assert_string_equal(client_read_to_end(&lo, fd, &got), STREAM_HEAD "goodbye");
    assert_int_equal(lo.closed, 0);
    assert_int_equal(lo.received.length, 0);
    close(fd);
    WAIT_FOR(&lo, lo.closed == 1);
    gx_buffer_free(&got);
    loopback_close(&lo);
}

static void the_end_of_the_peer_closes_it_once(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    int fd = begin_stream(&lo);
    shutdown(fd, SHUT_WR);
    WAIT_FOR(&lo, lo.closed == 1);
    for (int i = 0; i < 5; i++)
        loopback_turn(&lo);
    assert_int_equal(lo.closed, 1);
    assert_int_equal(gx_http_server_connections(lo.server), 0);
    close(fd);
    loopback_close(&lo);
}

/* The write finds out: closed must not come from inside it. */
static void a_reset_is_told_by_a_write_and_closed_later(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    int fd = begin_stream(&lo);
    struct linger hard = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close(fd);
    gx_http_stream *stream = lo.stream;
    struct pollfd gone = {.fd = GX_LIST_ENTRY(stream, gx_http_connection, stream)->fd};
    assert_int_equal(poll(&gone, 1, 60000), 1); /* the kernel may take its time with it */
    assert_int_equal(write_text(stream, "to nobody"), -1);
    assert_int_equal(write_text(stream, "still nobody"), -1);
    gx_http_stream_finish(stream, GX_SPAN("rest"), release, &lo);
    assert_int_equal(lo.released, 1);
    gx_http_stream_close(stream, GX_SPAN("bye"));
    assert_int_equal(lo.closed, 0);
    WAIT_FOR(&lo, lo.closed == 1);
    assert_int_equal(lo.writable, 0);
    loopback_close(&lo);
}

static void a_rest_under_way_is_released_before_closed(void **state)
{
    (void)state;
    for (int by_owner = 0; by_owner <= 1; by_owner++) {
        loopback lo;
        loopback_open(&lo, (gx_http_options){.send_buffer_bytes = 16384});
        int fd = begin_stream(&lo);
        fill(lo.stream);
        gx_http_stream_finish(lo.stream, GX_SPAN("rest"), release, &lo);
        if (by_owner)
            gx_http_stream_close(lo.stream, GX_SPAN("never in the middle"));
        else
            close(fd);
        assert_int_equal(lo.closed, 0);
        WAIT_FOR(&lo, lo.closed == 1);
        assert_int_equal(lo.released, 1);
        assert_int_equal(lo.writable, 0);
        if (by_owner)
            close(fd);
        loopback_close(&lo);
    }
}

static void a_rest_that_went_out_is_not_told_to_an_owner_who_closed(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    int fd = begin_stream(&lo);
    gx_http_stream_finish(lo.stream, GX_SPAN("rest"), release, &lo); /* there is room: it goes at once */
    gx_http_stream_close(lo.stream, GX_SPAN(""));
    WAIT_FOR(&lo, lo.closed == 1);
    assert_int_equal(lo.released, 1);
    assert_int_equal(lo.writable, 0);
    close(fd);
    loopback_close(&lo);
}

static void closing_says_a_last_word(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    int fd = begin_stream(&lo);
    gx_buffer got = GX_BUFFER_INIT(0);
    gx_http_stream_close(lo.stream, GX_SPAN("goodbye"));
    gx_http_stream_close(lo.stream, GX_SPAN("twice"));
    assert_int_equal(lo.closed, 0);
    assert_string_equal(client_read_to_end(&lo, fd, &got), STREAM_HEAD "goodbye");
    WAIT_FOR(&lo, lo.closed == 1);
    gx_buffer_free(&got);
    close(fd);
    loopback_close(&lo);
}

static void closing_the_server_closes_its_streams(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){.send_buffer_bytes = 16384});
    int fd = begin_stream(&lo);
    fill(lo.stream);
    gx_http_stream_finish(lo.stream, GX_SPAN("rest"), release, &lo);
    loopback_close(&lo);
    assert_int_equal(lo.closed, 1);
    assert_int_equal(lo.released, 1);
    close(fd);
}

static void a_peer_that_has_gone_is_not_taken_over(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){0});
    int fd = client_connect(&lo);
    client_say(&lo, fd, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    WAIT_FOR(&lo, lo.held_count == 1);
    close(fd);
    WAIT_FOR(&lo, lo.held[0]->connection->peer_ended);
    assert_null(gx_http_take_over(lo.held[0], GX_SPAN(STREAM_HEAD), &loopback_stream_events, &lo));
    WAIT_FOR(&lo, gx_http_server_connections(lo.server) == 0);
    assert_int_equal(lo.closed, 0);
    loopback_close(&lo);
}

static void a_long_head_goes_before_everything_else(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){.send_buffer_bytes = 65536});
    int fd = client_connect(&lo);
    client_say(&lo, fd, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    WAIT_FOR(&lo, lo.held_count == 1);
    size_t length = 4u * 1024 * 1024;
    char *head = malloc(length);
    assert_non_null(head);
    memset(head, 'h', length);
    lo.stream = gx_http_take_over(lo.held[0], (gx_span){head, length}, &loopback_stream_events, &lo);
    free(head);
    assert_non_null(lo.stream);
    assert_int_equal(write_text(lo.stream, "too early"), 0);
    gx_http_stream_finish(lo.stream, GX_SPAN("the rest"), release, &lo);
    gx_buffer got = GX_BUFFER_INIT(0);
    WAIT_FOR(&lo, client_read(fd, &got) || got.length == length + 8);
    assert_memory_equal(got.data + length, "the rest", 8);
    WAIT_FOR(&lo, lo.writable == 1);
    gx_buffer_free(&got);
    close(fd);
    WAIT_FOR(&lo, lo.closed == 1);
    loopback_close(&lo);
}

static int option_of(gx_http_stream *stream, int level, int name)
{
    uv_os_fd_t fd;
    int value = -1;
    socklen_t size = sizeof value;
    gx_http_connection *connection = GX_LIST_ENTRY(stream, gx_http_connection, stream);
    assert_int_equal(uv_fileno((uv_handle_t *)&connection->socket, &fd), 0);
    assert_int_equal(getsockopt(fd, level, name, &value, &size), 0);
    return value;
}

static void its_socket_sends_at_once_and_notices_a_dead_peer(void **state)
{
    (void)state;
    loopback lo;
    loopback_open(&lo, (gx_http_options){.send_buffer_bytes = 20000});
    int fd = begin_stream(&lo);
    assert_true(option_of(lo.stream, IPPROTO_TCP, TCP_NODELAY) > 0);
    assert_true(option_of(lo.stream, SOL_SOCKET, SO_KEEPALIVE) > 0);
    assert_int_equal(option_of(lo.stream, IPPROTO_TCP, TCP_USER_TIMEOUT), 60000);
    assert_int_equal(option_of(lo.stream, SOL_SOCKET, SO_SNDBUF), 2 * 20000); /* Linux doubles it */
    close(fd);
    WAIT_FOR(&lo, lo.closed == 1);
    loopback_close(&lo);
}

static void an_idle_one_costs_less_than_a_kilobyte(void **state)
{
    (void)state;
    assert_in_range(sizeof(gx_http_connection), 1, 1023); /* the only memory that is left to it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_head_comes_first_and_its_pieces_as_one),
        cmocka_unit_test(a_full_socket_takes_nothing_until_its_peer_reads),
        cmocka_unit_test(what_the_peer_sends_is_forgotten),
        cmocka_unit_test(reading_goes_on_although_bytes_were_waiting),
        cmocka_unit_test(an_owner_who_listens_gets_also_what_came_with_the_request),
        cmocka_unit_test(a_request_behind_another_may_be_taken_over_too),
        cmocka_unit_test(nothing_is_received_before_the_owner_listens),
        cmocka_unit_test(a_peer_that_still_sends_can_read_the_last_word),
        cmocka_unit_test(the_end_of_the_peer_closes_it_once),
        cmocka_unit_test(a_reset_is_told_by_a_write_and_closed_later),
        cmocka_unit_test(a_rest_under_way_is_released_before_closed),
        cmocka_unit_test(a_rest_that_went_out_is_not_told_to_an_owner_who_closed),
        cmocka_unit_test(closing_says_a_last_word),
        cmocka_unit_test(closing_the_server_closes_its_streams),
        cmocka_unit_test(a_peer_that_has_gone_is_not_taken_over),
        cmocka_unit_test(a_long_head_goes_before_everything_else),
        cmocka_unit_test(its_socket_sends_at_once_and_notices_a_dead_peer),
        cmocka_unit_test(an_idle_one_costs_less_than_a_kilobyte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
