/* TLS without a socket: the same comes out however the peer's bytes are cut, sessions that share pipes do not touch
 * each other, and what is no TLS breaks one session only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/tls_peer.h"
#include "http/tls_session.h"
#include "support/failing_alloc.h"

typedef struct side {
    gx_tls_session *session;
    tls_peer peer;
    gx_buffer to_server, to_peer; /* on the way */
    gx_buffer at_server, at_peer; /* plain text that arrived */
    gx_tls_read last;             /* what the server's last read found */
} side;

static gx_tls *the_tls;
static gx_tls_pipes pipes;

static int set_up(void **state)
{
    (void)state;
    the_tls = tls_of_a_new_certificate();
    assert_true(gx_tls_pipes_open(&pipes));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    gx_tls_pipes_close(&pipes);
    gx_tls_free(the_tls);
    return 0;
}

static void take_out(side *one)
{
    gx_buffer_append_span(&one->to_peer, gx_tls_pipes_out(&pipes));
    gx_tls_pipes_taken(&pipes);
}

static void server_takes(side *one, gx_span bytes)
{
    char *exact = malloc(bytes.len), text[100];
    size_t taken;
    memcpy(exact, bytes.ptr, bytes.len);
    assert_true(gx_tls_session_feed(one->session, (gx_span){exact, bytes.len}));
    while ((one->last = gx_tls_session_read(one->session, text, sizeof text, &taken)) == GX_TLS_READ_SOME)
        gx_buffer_append(&one->at_server, text, taken);
    take_out(one);
    free(exact);
}

/* Both sides in turn until neither has anything to say; the server gets pieces of `step` bytes (0: all at once), the
 * first one of `first` bytes. */
static void converse(side *one, size_t first, size_t step)
{
    tls_peer_turn(&one->peer, (gx_span){"", 0}, &one->at_peer, &one->to_server);
    while (one->to_server.length > 0 || one->to_peer.length > 0) {
        while (one->to_server.length > 0) {
            size_t wanted = first > 0 ? first : step > 0 ? step : one->to_server.length;
            size_t n = wanted < one->to_server.length ? wanted : one->to_server.length;
            server_takes(one, (gx_span){one->to_server.data, n});
            gx_buffer_consume(&one->to_server, n);
            first = 0;
        }
        gx_buffer bytes = one->to_peer;
        one->to_peer = GX_BUFFER_INIT(0);
        tls_peer_turn(&one->peer, gx_buffer_span(&bytes), &one->at_peer, &one->to_server);
        gx_buffer_free(&bytes);
    }
}

static void open_side(side *one)
{
    *one = (side){.session = gx_tls_session_new(the_tls, &pipes)};
    assert_non_null(one->session);
    tls_peer_open(&one->peer);
}

static void close_side(side *one)
{
    gx_tls_session_free(one->session);
    tls_peer_close(&one->peer);
    gx_buffer_free(&one->to_server);
    gx_buffer_free(&one->to_peer);
    gx_buffer_free(&one->at_server);
    gx_buffer_free(&one->at_peer);
}

static void assert_text(gx_buffer *buffer, const char *expected)
{
    assert_string_equal(gx_buffer_text(buffer), expected);
    gx_buffer_clear(buffer);
}

static void say_to_server(side *one, const char *text, size_t first, size_t step)
{
    tls_peer_write(&one->peer, text, &one->to_server);
    converse(one, first, step);
    assert_text(&one->at_server, text);
}

static void say_to_peer(side *one, const char *text)
{
    assert_true(gx_tls_session_write(one->session, gx_span_of(text)));
    take_out(one);
    converse(one, 0, 0);
    assert_text(&one->at_peer, text);
}

static void check_cut(size_t first, size_t step)
{
    side one;
    open_side(&one);
    assert_false(gx_tls_session_ready(one.session));
    converse(&one, first, step);
    assert_true(gx_tls_session_ready(one.session));
    say_to_server(&one, "GET / HTTP/1.1\r\n\r\n", first, step);
    say_to_peer(&one, "HTTP/1.1 200 OK\r\n\r\n");
    close_side(&one);
}

static void the_same_comes_out_however_the_bytes_are_cut(void **state)
{
    (void)state;
    check_cut(0, 0);
    check_cut(0, 1);
    for (size_t cut = 1; cut < 600; cut++)
        check_cut(cut, 0);
}

static void sessions_that_share_pipes_do_not_touch_each_other(void **state)
{
    (void)state;
    side one, other;
    open_side(&one);
    open_side(&other);
    converse(&one, 5, 0);
    converse(&other, 0, 0);
    /* Half a record of one is kept by its session while the other one speaks. */
    tls_peer_write(&one.peer, "from one", &one.to_server);
    server_takes(&one, (gx_span){one.to_server.data, 10});
    gx_buffer_consume(&one.to_server, 10);
    say_to_server(&other, "from the other", 0, 0);
    converse(&one, 0, 0);
    assert_text(&one.at_server, "from one");
    say_to_peer(&other, "to the other");
    say_to_peer(&one, "to one");
    close_side(&one);
    close_side(&other);
}

static void noise_breaks_its_session_and_no_other(void **state)
{
    (void)state;
    side good, bad;
    open_side(&good);
    open_side(&bad);
    converse(&good, 0, 0);
    char noise[70000];
    memset(noise, 'x', sizeof noise);
    server_takes(&bad, (gx_span){noise, sizeof noise});
    assert_int_equal(bad.last, GX_TLS_READ_BROKEN);
    server_takes(&bad, (gx_span){"more", 4});
    assert_int_equal(bad.last, GX_TLS_READ_BROKEN);
    assert_false(gx_tls_session_write(bad.session, GX_SPAN("text")));
    say_to_server(&good, "still here", 0, 0);
    close_side(&bad);
    say_to_server(&good, "and here", 0, 0);
    close_side(&good);
}

static void a_record_that_was_changed_on_the_way_is_not_taken(void **state)
{
    (void)state;
    side one;
    open_side(&one);
    converse(&one, 0, 0);
    tls_peer_write(&one.peer, "pay 1", &one.to_server);
    one.to_server.data[one.to_server.length - 1] ^= 1;
    server_takes(&one, gx_buffer_span(&one.to_server));
    assert_int_equal(one.last, GX_TLS_READ_BROKEN);
    assert_int_equal(one.at_server.length, 0);
    close_side(&one);
}

static void plain_http_is_recognised(void **state)
{
    (void)state;
    side one;
    open_side(&one);
    server_takes(&one, GX_SPAN("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    assert_int_equal(one.last, GX_TLS_READ_PLAIN);
    close_side(&one);
}

static void the_end_of_the_peer_is_told(void **state)
{
    (void)state;
    side one;
    open_side(&one);
    converse(&one, 0, 0);
    SSL_shutdown(one.peer.ssl);
    converse(&one, 0, 0);
    assert_int_equal(one.last, GX_TLS_READ_END);
    gx_tls_session_end(one.session);
    assert_true(gx_tls_pipes_out(&pipes).len > 0);
    gx_tls_pipes_taken(&pipes);
    close_side(&one);
}

static void a_session_without_memory_is_none(void **state)
{
    (void)state;
    gx_fail_allocation(1);
    assert_null(gx_tls_session_new(the_tls, &pipes));
    gx_fail_allocation(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_comes_out_however_the_bytes_are_cut),
        cmocka_unit_test(sessions_that_share_pipes_do_not_touch_each_other),
        cmocka_unit_test(noise_breaks_its_session_and_no_other),
        cmocka_unit_test(a_record_that_was_changed_on_the_way_is_not_taken),
        cmocka_unit_test(plain_http_is_recognised),
        cmocka_unit_test(the_end_of_the_peer_is_told),
        cmocka_unit_test(a_session_without_memory_is_none),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
