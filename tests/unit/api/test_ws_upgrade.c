#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/ws_upgrade.h"

#define KEY "dGhlIHNhbXBsZSBub25jZQ=="

static gx_call a_call(const gx_http_request *request)
{
    return (gx_call){.request = request};
}

static gx_http_request a_request(const char *upgrade, const char *connection, const char *version, const char *key)
{
    return (gx_http_request){
        .headers =
            {
                {GX_SPAN("Host"), GX_SPAN("x")},
                {GX_SPAN("upgrade"), gx_span_of(upgrade)},
                {GX_SPAN("CONNECTION"), GX_SPAN("keep-alive")},
                {GX_SPAN("Connection"), gx_span_of(connection)},
                {GX_SPAN("Sec-WebSocket-Version"), gx_span_of(version)},
                {GX_SPAN("Sec-WebSocket-Key"), gx_span_of(key)},
            },
        .header_count = 6,
        .minor_version = 1,
    };
}

static void the_answer_to_a_key_is_that_of_the_rfc(void **state) /* RFC 6455 section 1.3 */
{
    (void)state;
    char accept[GX_WS_ACCEPT_SIZE];
    assert_true(gx_ws_upgrade_accept(GX_SPAN(KEY), accept));
    assert_string_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

static void an_upgrade_is_known_by_its_headers(void **state)
{
    (void)state;
    static const struct {
        const char *upgrade, *connection, *version, *key;
        int status; /* 0: taken */
    } rows[] = {
        {"websocket", "Upgrade", "13", KEY, 0},
        {"WebSocket", "keep-alive, upgrade", "13", KEY, 0},
        {"h2c, websocket", "Upgrade", " 13 ", KEY, 0},
        {"h2c", "Upgrade", "13", KEY, 426},
        {"websockets", "Upgrade", "13", KEY, 426},
        {"websocket", "keep-alive", "13", KEY, 426},
        {"websocket", "Upgrade", "8", KEY, 426},
        {"websocket", "Upgrade", "13, 8", KEY, 426},
        {"websocket", "Upgrade", "", KEY, 426},
        {"websocket", "Upgrade", "13", "", 400},
        {"websocket", "Upgrade", "13", "dGhlIHNhbXBsZSBub25jZQ=", 400},
        {"websocket", "Upgrade", "13", "dGhlIHNhbXBsZSBub25jZQAA", 400}, /* 18 bytes */
        {"websocket", "Upgrade", "13", "dGhlIHNhb!BsZSBub25jZQ==", 400},
        {"websocket", "Upgrade", "13", "dGhlIHNhbXBsZSBub25jZQAAdGhlIHNhbXBsZSBub25jZQ==", 400},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gx_http_request request = a_request(rows[i].upgrade, rows[i].connection, rows[i].version, rows[i].key);
        gx_call call = a_call(&request);
        assert_int_equal(gx_ws_upgrade_check(&call), rows[i].status == 0);
        assert_int_equal(call.problem.status, rows[i].status);
    }
}

static void http_1_0_is_not_upgraded(void **state)
{
    (void)state;
    gx_http_request request = a_request("websocket", "Upgrade", "13", KEY);
    request.minor_version = 0;
    gx_call call = a_call(&request);
    assert_false(gx_ws_upgrade_check(&call));
    assert_int_equal(call.problem.status, 426);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_answer_to_a_key_is_that_of_the_rfc),
        cmocka_unit_test(an_upgrade_is_known_by_its_headers),
        cmocka_unit_test(http_1_0_is_not_upgraded),
    };
    return cmocka_run_group_tests_name("ws_upgrade", tests, NULL, NULL);
}
