/* Connections counted by address. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "http/peers.h"

static bool enter(gx_http_peers *peers, const char *text, gx_http_peer_place *place)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        return gx_http_peers_enter(peers, (const struct sockaddr *)&v4, place);
    assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
    return gx_http_peers_enter(peers, (const struct sockaddr *)&v6, place);
}

static void an_address_has_its_limit_and_gets_a_place_back(void **state)
{
    (void)state;
    gx_http_peers *peers = gx_http_peers_new(3);
    gx_http_peer_place place, refused;
    for (int round = 0; round < 3; round++)
        assert_true(enter(peers, "192.0.2.1", &place));
    for (int i = 0; i < 10; i++) /* refusing counts nothing */
        assert_false(enter(peers, "192.0.2.1", &refused));
    gx_http_peers_leave(peers, &place);
    assert_true(enter(peers, "192.0.2.1", &place));
    assert_false(enter(peers, "192.0.2.1", &refused));
    gx_http_peers_free(peers);
}

static const struct {
    const char *one, *other;
    bool same;
} PAIRS[] = {
    {"192.0.2.1", "192.0.2.2", false},
    {"192.0.2.1", "::ffff:192.0.2.1", true}, /* RFC 4291 section 2.5.5.2 */
    {"2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true},
    {"2001:db8:0:1::1", "2001:db8:0:2::1", false},
};

static void an_address_is_one_of_ipv4_or_a_64_of_ipv6(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof PAIRS / sizeof *PAIRS; i++) {
        gx_http_peers *peers = gx_http_peers_new(1);
        gx_http_peer_place place;
        assert_true(enter(peers, PAIRS[i].one, &place));
        assert_int_equal(enter(peers, PAIRS[i].other, &place), !PAIRS[i].same);
        gx_http_peers_free(peers);
    }
}

/* A crowd of others fills many counters; it must keep nobody out who has not his limit. */
static void a_crowd_of_addresses_keeps_nobody_out(void **state)
{
    (void)state;
    gx_http_peers *peers = gx_http_peers_new(100);
    gx_http_peer_place place;
    for (int i = 0; i < 20000; i++) {
        char text[INET_ADDRSTRLEN];
        snprintf(text, sizeof text, "10.0.%d.%d", i / 256, i % 256);
        assert_true(enter(peers, text, &place));
    }
    for (int i = 0; i < 100; i++)
        enter(peers, "192.0.2.1", &place);
    assert_false(enter(peers, "192.0.2.1", &place));
    assert_true(enter(peers, "192.0.2.2", &place));
    gx_http_peers_free(peers);
}

static void without_a_limit_everybody_gets_in(void **state)
{
    (void)state;
    gx_http_peer_place place;
    for (int i = 0; i < 10; i++)
        assert_true(enter(NULL, "192.0.2.1", &place));
    gx_http_peers_leave(NULL, &place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_has_its_limit_and_gets_a_place_back),
        cmocka_unit_test(an_address_is_one_of_ipv4_or_a_64_of_ipv6),
        cmocka_unit_test(a_crowd_of_addresses_keeps_nobody_out),
        cmocka_unit_test(without_a_limit_everybody_gets_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
