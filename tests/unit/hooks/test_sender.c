/* The sender refuses an address, whatever name or notation led to it, before a byte goes out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hooks/sender.h"
#include "support/failing_alloc.h"

enum { MOST_TURNS = 600, TURN_MS = 100 };

static const char *const NO_HEADERS[] = {NULL};

typedef struct outcome {
    int calls;
    char error[GX_SENDER_ERROR_SIZE];
} outcome;

static void done(void *owner, const char *error)
{
    outcome *out = owner;
    out->calls++;
    snprintf(out->error, sizeof out->error, "%s", error);
}

/* A listening socket that takes connections on every address of this machine and never answers. */
static int listen_everywhere(int *port)
{
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), off = 0;
    struct sockaddr_in6 address = {.sin6_family = AF_INET6};
    socklen_t size = sizeof address;
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 16), 0);
    getsockname(fd, (struct sockaddr *)&address, &size);
    *port = ntohs(address.sin6_port);
    return fd;
}

static outcome post(gx_sender *sender, const char *host, int port)
{
    char url[128];
    outcome out = {0};
    snprintf(url, sizeof url, "http://%s:%d/", host, port);
    gx_post request = {.url = url, .headers = NO_HEADERS, .body = GX_SPAN("{}"), .done = done, .owner = &out};
    assert_true(gx_sender_post(sender, &request));
    for (int turn = 0; out.calls == 0 && turn < MOST_TURNS; turn++)
        gx_sender_wait(sender, TURN_MS);
    assert_int_equal(out.calls, 1);
    return out;
}

static void ssrf_addresses_inside_the_house_are_refused(void **state)
{
    (void)state;
    static const char *const HOSTS[] = {"127.0.0.1",   "localhost", "[::1]",    "[::ffff:127.0.0.1]", "2130706433",
                                        "0x7f.1",      "0.0.0.0",   "[::]",     "10.1.2.3",           "169.254.169.254",
                                        "192.168.1.1", "[fe80::1]", "[fd00::1]"};
    int port, fd = listen_everywhere(&port);
    gx_sender *sender = gx_sender_new(&(gx_sender_options){.timeout_ms = 60000});
    assert_non_null(sender);
    for (size_t i = 0; i < sizeof HOSTS / sizeof *HOSTS; i++) {
        outcome out = post(sender, HOSTS[i], port);
        if (strcmp(out.error, "the address is not allowed") != 0)
            fail_msg("%s: %s", HOSTS[i], out.error);
    }
    gx_sender_free(sender);
    assert_int_equal(accept(fd, NULL, NULL), -1); /* nobody has knocked */
    close(fd);
}

static void where_they_are_allowed_they_are_connected_to(void **state)
{
    (void)state;
    int port, fd = listen_everywhere(&port);
    gx_sender *sender = gx_sender_new(&(gx_sender_options){.timeout_ms = 100, .allow_private = true});
    outcome out = post(sender, "127.0.0.1", port);
    assert_string_equal(out.error, "timed out after 100 ms");
    close(accept(fd, NULL, NULL));
    gx_sender_free(sender);
    close(fd);
}

static void only_http_is_spoken(void **state)
{
    (void)state;
    gx_sender *sender = gx_sender_new(&(gx_sender_options){.timeout_ms = 100, .allow_private = true});
    outcome out = {0};
    gx_post request = {
        .url = "file:///etc/hostname", .headers = NO_HEADERS, .body = GX_SPAN("{}"), .done = done, .owner = &out};
    assert_true(gx_sender_post(sender, &request));
    for (int turn = 0; out.calls == 0 && turn < MOST_TURNS; turn++)
        gx_sender_wait(sender, TURN_MS);
    assert_string_equal(out.error, "the URL is neither http nor https");
    gx_sender_free(sender);
}

static void what_is_cut_is_not_told(void **state)
{
    (void)state;
    int port, fd = listen_everywhere(&port);
    char url[64];
    outcome out = {0};
    gx_sender *sender = gx_sender_new(&(gx_sender_options){.timeout_ms = 60000, .allow_private = true});
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", port);
    gx_post request = {.url = url, .headers = NO_HEADERS, .body = GX_SPAN("{}"), .done = done, .owner = &out};
    assert_true(gx_sender_post(sender, &request));
    gx_sender_wait(sender, 10);
    gx_sender_cut(sender);
    gx_sender_wait(sender, 10);
    gx_sender_free(sender);
    assert_int_equal(out.calls, 0);
    close(fd);
}

static void without_memory_there_is_no_sender(void **state)
{
    (void)state;
    gx_fail_allocation(1);
    assert_null(gx_sender_new(&(gx_sender_options){.timeout_ms = 100}));
    gx_fail_allocation(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ssrf_addresses_inside_the_house_are_refused),
        cmocka_unit_test(where_they_are_allowed_they_are_connected_to),
        cmocka_unit_test(only_http_is_spoken),
        cmocka_unit_test(what_is_cut_is_not_told),
        cmocka_unit_test(without_memory_there_is_no_sender),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
