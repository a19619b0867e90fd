/* Where a client is, and not who. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/client_address.h"

static const char *class_of(const char *peer)
{
    const gx_http_request request = {.peer = gx_span_of(peer)};
    const gx_client_address address = gx_client_address_of(&request, false);
    return gx_client_address_class(&address);
}

static void each_range_has_its_class_and_its_neighbours_have_not(void **state)
{
    (void)state;
    static const char *const CASES[][2] = {
        {"127.0.0.1", "loopback"},        {"127.255.0.9", "loopback"}, {"::1", "loopback"},
        {"::ffff:127.0.0.1", "loopback"}, {"10.0.0.1", "private"},     {"9.255.255.255", "public"},
        {"11.0.0.0", "public"},           {"172.16.0.1", "private"},   {"172.31.255.255", "private"},
        {"172.15.0.1", "public"},         {"172.32.0.1", "public"},    {"192.168.7.7", "private"},
        {"192.169.0.1", "public"},        {"169.254.1.1", "private"},  {"8.8.8.8", "public"},
        {"fd00::1", "private"},           {"fc00::1", "private"},      {"fe80::1", "private"},
        {"febf::1", "private"},           {"fec0::1", "public"},       {"2001:db8::1", "public"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        assert_string_equal(class_of(CASES[i][0]), CASES[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_range_has_its_class_and_its_neighbours_have_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
