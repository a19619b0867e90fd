/* Listening sockets and what shares them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/resource.h>
#include <unistd.h>

#include "loopback.h"

static void a_free_port_is_found_and_told(void **state)
{
    (void)state;
    int first_port = 0, second_port = 0;
    int first = gx_http_listen("127.0.0.1", 0, true, &first_port, NULL);
    int second = gx_http_listen("localhost", 0, true, &second_port, NULL);
    assert_true(first >= 0 && second >= 0);
    assert_in_range(first_port, 1, 65535);
    assert_in_range(second_port, 1, 65535);
    close(first);
    close(second);
}

static void an_exclusive_listener_does_not_share(void **state)
{
    (void)state;
    gx_error error = {""};
    int port, again = -7;
    int fd = gx_http_listen("127.0.0.1", 0, false, &port, NULL);
    assert_true(fd >= 0);
    assert_int_equal(gx_http_listen("127.0.0.1", port, true, &again, &error), -1);
    assert_int_equal(again, -7);
    assert_non_null(strstr(error.message, "Address already in use"));
    int shared = gx_http_listen("127.0.0.1", port, false, &again, NULL);
    assert_true(shared >= 0);
    assert_int_equal(again, port);
    close(fd);
    close(shared);
    fd = gx_http_listen("127.0.0.1", port, true, &again, NULL);
    assert_true(fd >= 0); /* nobody is left */
    close(fd);
}

static void what_cannot_be_listened_on_is_said(void **state)
{
    (void)state;
    gx_error error = {""};
    int port;
    assert_int_equal(gx_http_listen("127.0.0.1", 65536, false, &port, &error), -1);
    assert_non_null(strstr(error.message, "65536"));
    assert_int_equal(gx_http_listen("no such host", 0, false, &port, &error), -1);
    assert_non_null(strstr(error.message, "no such host"));
    assert_int_equal(gx_http_listen("192.0.2.1", 0, false, &port, &error), -1); /* not an address of ours */
    assert_non_null(strstr(error.message, "192.0.2.1"));
}

static void count(void *context, gx_http_exchange *exchange)
{
    ++*(int *)context;
    loopback_answer(exchange, "here");
}

static void note_closed(void *context)
{
    *(bool *)context = true;
}

/* Which of the two gets a connection is the kernel's choice by its ports: so many that both get some. */
static void two_servers_on_one_port_share_the_connections(void **state)
{
    (void)state;
    loopback lo;
    int others = 0, port;
    bool closed = false;
    loopback_open(&lo, (gx_http_options){0});
    int fd = gx_http_listen("127.0.0.1", lo.port, false, &port, NULL);
    gx_http_options options = {.handle = count, .context = &others};
    gx_http_server *other = gx_http_server_open(&lo.loop, fd, &options, NULL);
    assert_non_null(other);
    for (int i = 0; i < 200 && (others == 0 || lo.handled == 0); i++) {
        gx_buffer answer = GX_BUFFER_INIT(0);
        loopback_ask(&lo, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &answer);
        assert_non_null(strstr(gx_buffer_text(&answer), "HTTP/1.1 200 OK"));
        gx_buffer_free(&answer);
    }
    assert_true(others > 0 && lo.handled > 0);
    gx_http_server_close(other, note_closed, &closed);
    WAIT_FOR(&lo, closed);
    loopback_close(&lo);
}

/* Lowers the limit to what is open, so that the server cannot accept. */
static void a_connection_without_a_descriptor_is_turned_away(void **state)
{
    (void)state;
    loopback lo;
    struct rlimit before, none;
    gx_buffer answer = GX_BUFFER_INIT(0);
    loopback_open(&lo, (gx_http_options){0});
    int fd = client_connect(&lo), probe = dup(fd);
    close(probe);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = (struct rlimit){.rlim_cur = (rlim_t)probe, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    assert_string_equal(client_read_to_end(&lo, fd, &answer), "");
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    loopback_ask(&lo, "GET /after HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &answer);
    assert_non_null(strstr(gx_buffer_text(&answer), "GET /after"));
    gx_buffer_free(&answer);
    close(fd);
    loopback_close(&lo);
}

static void a_descriptor_that_is_none_is_refused(void **state)
{
    (void)state;
    uv_loop_t loop;
    gx_error error = {""};
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_null(gx_http_server_open(&loop, -1, &(gx_http_options){0}, &error));
    assert_non_null(strstr(error.message, "cannot serve"));
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_free_port_is_found_and_told),
        cmocka_unit_test(an_exclusive_listener_does_not_share),
        cmocka_unit_test(what_cannot_be_listened_on_is_said),
        cmocka_unit_test(two_servers_on_one_port_share_the_connections),
        cmocka_unit_test(a_connection_without_a_descriptor_is_turned_away),
        cmocka_unit_test(a_descriptor_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
