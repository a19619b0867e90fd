#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire/json_number.h"

/* The right column is what JSON.stringify of Node.js 20 makes of the left one. */
static void a_number_is_written_as_ecmascript_writes_it(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } CASES[] = {
        {0x0p+0, "0"},
        {-0.0, "0"},
        {0x1p+0, "1"},
        {-0x1p+0, "-1"},
        {0x1.999999999999ap-4, "0.1"},
        {0x1p-1, "0.5"},
        {0x1.9p+6, "100"},
        {0x1.d6f3454p+26, "123456789"},
        {0x1.5af1d78b58c4p+66, "100000000000000000000"},
        {0x1.b1ae4d6e2ef5p+69, "1e+21"},
        {0x1.ac53a7e04bcdap+66, "123456789012345680000"},
        {0x1.0c6f7a0b5ed8dp-20, "0.000001"},
        {0x1.ad7f29abcaf48p-24, "1e-7"},
        {0x1.421f5f40d8376p-23, "1.5e-7"},
        {0x1.4b3fd5942cd96p-20, "0.000001234"},
        {0x0.0000000000001p-1022, "5e-324"},
        {0x1.fffffffffffffp+1023, "1.7976931348623157e+308"},
        {0x1p-1017, "7.120236347223045e-307"},
        {0x1p+53, "9007199254740992"},
        {0x1p-44, "5.684341886080802e-14"},
        {0x1.5555555555555p-2, "0.3333333333333333"},
        {-0x1.5798ee2308c3ap-29, "-2.5e-9"},
        {0x1.1666666666666p+2, "4.35"},
        {0x1.52d02c7e14af6p+76, "1e+23"},
        {0x1p-20, "9.5367431640625e-7"},
        {0x1p-1022, "2.2250738585072014e-308"},
        {0x1.4e9ca52eb182ap+73, "1.2345e+22"},
        {0x1.3333333333334p-2, "0.30000000000000004"},
        {0x1p+53, "9007199254740992"},
        {0x1p+70, "1.1805916207174113e+21"},
        {-0x1.56e1fc2f8f359p-997, "-1e-300"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        char text[GX_JSON_NUMBER_SIZE];
        gx_json_number_write(text, CASES[i].value);
        assert_string_equal(text, CASES[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_written_as_ecmascript_writes_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
