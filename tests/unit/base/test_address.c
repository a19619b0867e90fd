#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/un.h>

#include "base/address.h"
#include "base/http_url.h"

typedef struct address_case {
    const char *text;
    const char *kind; /* NULL: public */
} address_case;

/* Each block from its first address to its last, and its neighbours on both sides. */
static const address_case CASES[] = {
    {"0.0.0.0", "unspecified"},
    {"0.255.255.255", "unspecified"},
    {"1.0.0.0", NULL},
    {"9.255.255.255", NULL},
    {"10.0.0.0", "private"},
    {"10.255.255.255", "private"},
    {"11.0.0.0", NULL},
    {"100.63.255.255", NULL},
    {"100.64.0.0", "shared"},
    {"100.127.255.255", "shared"},
    {"100.128.0.0", NULL},
    {"126.255.255.255", NULL},
    {"127.0.0.0", "loopback"},
    {"127.255.255.255", "loopback"},
    {"128.0.0.0", NULL},
    {"169.253.255.255", NULL},
    {"169.254.169.254", "link-local"},
    {"169.255.0.0", NULL},
    {"172.15.255.255", NULL},
    {"172.16.0.0", "private"},
    {"172.31.255.255", "private"},
    {"172.32.0.0", NULL},
    {"192.0.0.8", "reserved"},
    {"192.0.1.0", NULL},
    {"192.0.2.1", "documentation"},
    {"192.88.99.1", "reserved"},
    {"192.167.255.255", NULL},
    {"192.168.0.0", "private"},
    {"192.168.255.255", "private"},
    {"192.169.0.0", NULL},
    {"198.17.255.255", NULL},
    {"198.18.0.0", "benchmarking"},
    {"198.19.255.255", "benchmarking"},
    {"198.20.0.0", NULL},
    {"198.51.100.7", "documentation"},
    {"203.0.113.7", "documentation"},
    {"223.255.255.255", NULL},
    {"224.0.0.1", "multicast"},
    {"239.255.255.255", "multicast"},
    {"240.0.0.0", "reserved"},
    {"255.255.255.255", "reserved"},
    /* other ways to write the same */
    {"127.1", "loopback"},
    {"0x7f000001", "loopback"},
    {"0x7f.1", "loopback"},
    {"0177.0.0.1", "loopback"},
    {"017700000001", "loopback"},
    {"2130706433", "loopback"},
    {"0", "unspecified"},
    {"10.1", "private"},
    {"0xa9fea9fe", "link-local"},
    {"134744072", NULL}, /* 8.8.8.8 */
    /* version 6 */
    {"::", "unspecified"},
    {"::1", "loopback"},
    {"0:0:0:0:0:0:0:1", "loopback"},
    {"::2", "unspecified"}, /* 0.0.0.2, compatible */
    {"::127.0.0.1", "loopback"},
    {"::ffff:127.0.0.1", "loopback"},
    {"::ffff:7f00:1", "loopback"},
    {"::ffff:10.0.0.1", "private"},
    {"::ffff:8.8.8.8", NULL},
    {"64:ff9b::10.0.0.1", "private"},
    {"64:ff9b::169.254.169.254", "link-local"},
    {"64:ff9b::8.8.8.8", NULL},
    {"64:ff9b:1::8.8.8.8", "private"},
    {"2002:7f00:1::", "loopback"},
    {"2002:0808:0808::1", NULL},
    {"fc00::1", "unique-local"},
    {"fdff:ffff::1", "unique-local"},
    {"fe80::1", "link-local"},
    {"febf::1", "link-local"},
    {"fec0::1", "site-local"},
    {"ff02::1", "multicast"},
    {"2001::1", "reserved"},
    {"2001:1ff::1", "reserved"},
    {"2001:200::1", NULL},
    {"2001:db8::1", "documentation"},
    {"2001:db9::1", NULL},
    {"2606:4700:4700::1111", NULL},
    {"3fff:fff::1", "documentation"},
    {"3fff:1000::1", NULL},
    {"100::1", "reserved"},
    {"1fff::1", "reserved"},
    {"4000::1", "reserved"},
    {"5f00::1", "reserved"},
};

static void an_address_is_public_or_of_a_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct sockaddr_storage address;
        if (!gx_address_read(gx_span_of(CASES[i].text), &address))
            fail_msg("%s is no address", CASES[i].text);
        const char *kind = gx_address_reserved((const struct sockaddr *)&address);
        if ((kind == NULL) != (CASES[i].kind == NULL) || (kind != NULL && strcmp(kind, CASES[i].kind) != 0))
            fail_msg("%s is %s", CASES[i].text, kind == NULL ? "public" : kind);
    }
}

static void a_name_is_no_address(void **state)
{
    (void)state;
    static const char *const NAMES[] = {
        "localhost", "acme.example", "127.0.0.1.nip.io", "1.2.3.4.5", "256.256.256.256", "", "[::1]",
        ":::",       "0x",           "1.2.3.x",
    };
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        struct sockaddr_storage address = {.ss_family = AF_UNIX};
        assert_false(gx_address_read(gx_span_of(NAMES[i]), &address));
        assert_int_equal(address.ss_family, AF_UNIX);
    }
}

static void a_host_is_read_to_its_last_byte_and_no_further(void **state)
{
    (void)state;
    static char longest[300];
    struct sockaddr_storage address;
    memset(longest, '1', sizeof longest);
    assert_false(gx_address_read((gx_span){longest, sizeof longest}, &address));
    assert_false(gx_address_read((gx_span){"127.0.0.1\0.acme", 15}, &address));
    assert_true(gx_address_read((gx_span){"10.0.0.1x", 8}, &address));
    assert_string_equal(gx_address_reserved((const struct sockaddr *)&address), "private");
}

static void what_is_not_of_the_internet_is_not_public(void **state)
{
    (void)state;
    const struct sockaddr_un path = {.sun_family = AF_UNIX, .sun_path = "/run/docker.sock"};
    assert_string_equal(gx_address_reserved((const struct sockaddr *)&path), "local");
}

static void the_host_of_a_url_is_what_a_request_would_go_to(void **state)
{
    (void)state;
    static const struct {
        const char *url, *host;
        bool secure, has_fragment;
    } GOOD[] = {
        {"https://acme.example", "acme.example", true, false},
        {"http://acme.example:8080/a?b", "acme.example", false, false},
        {"HTTPS://[::1]:443/#x", "::1", true, true},
        {"http://[::ffff:127.0.0.1]", "::ffff:127.0.0.1", false, false},
        {"https://127.1?x=http://acme.example/", "127.1", true, false},
        {"https://acme.example#", "acme.example", true, true},
    };
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
        gx_http_url url;
        assert_true(gx_http_url_read(gx_span_of(GOOD[i].url), &url));
        assert_int_equal(url.host.len, strlen(GOOD[i].host));
        assert_memory_equal(url.host.ptr, GOOD[i].host, url.host.len);
        assert_int_equal(url.secure, GOOD[i].secure);
        assert_int_equal(url.has_fragment, GOOD[i].has_fragment);
    }
}

static void what_two_readers_could_read_differently_is_no_url(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "",
        "https://",
        "https:///x",
        "https://u@a.example",
        "https://a.example:x",
        "https://[::1",
        "https://[]",
        "https://[::1]x",
        "https://:80",
        "https://a.example:",
        "https://a::1/",
        "ftp://a.example",
        "https://[",
        "https://a b/",
        "https://a\\@b.de",
        "https://a.example:65536",
    };
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        gx_http_url url = {.secure = true};
        if (gx_http_url_read(gx_span_of(BAD[i]), &url))
            fail_msg("%s was read", BAD[i]);
        assert_true(url.secure && url.host.len == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_public_or_of_a_kind),
        cmocka_unit_test(a_name_is_no_address),
        cmocka_unit_test(a_host_is_read_to_its_last_byte_and_no_further),
        cmocka_unit_test(what_is_not_of_the_internet_is_not_public),
        cmocka_unit_test(the_host_of_a_url_is_what_a_request_would_go_to),
        cmocka_unit_test(what_two_readers_could_read_differently_is_no_url),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
