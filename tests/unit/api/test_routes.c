/* Which endpoint answers which method and path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/routes.h"

typedef struct route_case {
    const char *method, *path;
    gx_route_result result;
    const char *found_path, *param;
} route_case;

static const route_case CASES[] = {
    {"POST", "/v1/budget/debit", GX_ROUTE_FOUND, "/v1/budget/debit", ""},
    {"GET", "/v1/grants", GX_ROUTE_FOUND, "/v1/grants", ""},
    {"GET", "/v1/grants/grnt_1", GX_ROUTE_FOUND, "/v1/grants/:id", "grnt_1"},
    {"DELETE", "/v1/grants/grnt_1", GX_ROUTE_FOUND, "/v1/grants/:id", "grnt_1"},
    {"POST", "/v1/consent/areq_1/approve", GX_ROUTE_FOUND, "/v1/consent/:id/approve", "areq_1"},
    {"GET", "/v1/webhooks/wh_1/deliveries", GX_ROUTE_FOUND, "/v1/webhooks/:id/deliveries", "wh_1"},
    {"POST", "/v1/webhooks/deliveries/whd_1/redeliver", GX_ROUTE_FOUND, "/v1/webhooks/deliveries/:id/redeliver",
     "whd_1"},
    {"HEAD", "/v1/grants", GX_ROUTE_FOUND, "/v1/grants", ""},
    {"GET", "/v1/grants/", GX_ROUTE_NO_PATH, NULL, NULL},
    {"GET", "/v1/grants/a/b", GX_ROUTE_NO_PATH, NULL, NULL},
    {"GET", "/v1//grants", GX_ROUTE_NO_PATH, NULL, NULL},
    {"GET", "v1/grants", GX_ROUTE_NO_PATH, NULL, NULL},
    {"GET", "/v1/Grants", GX_ROUTE_NO_PATH, NULL, NULL},
    {"GET", "/", GX_ROUTE_NO_PATH, NULL, NULL},
    {"GET", "", GX_ROUTE_NO_PATH, NULL, NULL},
    {"GET", "*", GX_ROUTE_NO_PATH, NULL, NULL},
    {"PUT", "/v1/budget/debit", GX_ROUTE_NO_METHOD, NULL, NULL},
    {"get", "/v1/grants", GX_ROUTE_NO_METHOD, NULL, NULL},
    {"HEAD", "/v1/events/stream", GX_ROUTE_NO_METHOD, NULL, NULL}, /* it would never end */
    {"POST", "/v1/events/stream", GX_ROUTE_NO_METHOD, NULL, NULL},
    {"GET", "/v1/events/evt_1", GX_ROUTE_FOUND, "/v1/events/:id", "evt_1"},
    {"HEAD", "/v1/events/evt_1", GX_ROUTE_FOUND, "/v1/events/:id", "evt_1"},
    {"GET", "/v1/events", GX_ROUTE_FOUND, "/v1/events", ""},
    {"HEAD", "/v1/budget/debit", GX_ROUTE_NO_METHOD, NULL, NULL},
};

static void every_path_finds_its_endpoint_or_says_why_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const route_case *want = &CASES[i];
        const gx_endpoint *endpoint = NULL;
        gx_span param = {0};
        gx_route_result result = gx_route_find(gx_span_of(want->method), gx_span_of(want->path), &endpoint, &param);
        if (result != want->result)
            fail_msg("%s %s: %d, not %d", want->method, want->path, (int)result, (int)want->result);
        if (result != GX_ROUTE_FOUND)
            continue;
        assert_string_equal(endpoint->path, want->found_path);
        assert_true(gx_span_equal(param, gx_span_of(want->param)));
    }
}

static void a_refused_method_is_told_the_others(void **state)
{
    (void)state;
    gx_buffer methods = GX_BUFFER_INIT(256);
    gx_route_methods(GX_SPAN("/v1/grants/grnt_1"), &methods);
    assert_string_equal(gx_buffer_text(&methods), "GET, HEAD, DELETE");
    gx_buffer_clear(&methods);
    gx_route_methods(GX_SPAN("/v1/events/stream"), &methods);
    assert_string_equal(gx_buffer_text(&methods), "GET");
    gx_buffer_free(&methods);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_path_finds_its_endpoint_or_says_why_not),
        cmocka_unit_test(a_refused_method_is_told_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
