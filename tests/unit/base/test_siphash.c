/* SipHash against the values of its authors: key 00 01 … 0f, text 00 01 02 … */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/siphash.h"

static const gx_siphash_key KEY = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};

static const struct {
    size_t length;
    uint64_t hash;
} CASES[] = {
    {0, 0x726fdb47dd0e0e31u}, {1, 0x74f839c593dc67fdu},  {7, 0xab0200f58b01d137u},
    {8, 0x93f5f5799a932462u}, {15, 0xa129ca6149be45e5u},
};

static void texts_of_every_rest_give_the_published_values(void **state)
{
    (void)state;
    char text[16];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)i;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        assert_int_equal(gx_siphash(&KEY, (gx_span){text, CASES[i].length}), CASES[i].hash);
}

static void another_key_gives_another_value(void **state)
{
    (void)state;
    const gx_siphash_key other = {KEY.k0, KEY.k1 ^ 1};
    assert_int_not_equal(gx_siphash(&KEY, GX_SPAN("127.0.0.1")), gx_siphash(&other, GX_SPAN("127.0.0.1")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_of_every_rest_give_the_published_values),
        cmocka_unit_test(another_key_gives_another_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
