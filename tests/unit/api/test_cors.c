/* What is an origin, and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/cors.h"

static void origins_are_known_by_their_form(void **state)
{
    (void)state;
    static const struct row {
        const char *text;
        bool is;
    } ROWS[] = {
        {"https://app.example", true},
        {"http://localhost:3000", true},
        {"http://127.0.0.1:8080", true},
        {"http://[::1]:8080", true},
        {"https://[2001:db8::1]", true},
        {"https://a.b-c.example:8443", true},
        {"http://app.example:443", true},
        {"https://app.example:443", false}, /* browsers leave the usual port out */
        {"http://app.example:80", false},
        {"https://app.example:", false},
        {"https://app.example:0", false},
        {"https://app.example:08", false},
        {"https://app.example:65536", false},
        {"https://app.example/", false},
        {"https://app.example?x", false},
        {"https://user@app.example", false},
        {"https://App.example", false},
        {"https://[]", false},
        {"https://[::1", false},
        {"https://", false},
        {"ftp://app.example", false},
        {"app.example", false},
        {"null", false},
        {"*", false},
        {"", false},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        if (gx_cors_is_origin(gx_span_of(ROWS[i].text)) != ROWS[i].is)
            fail_msg("%s", ROWS[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(origins_are_known_by_their_form)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
