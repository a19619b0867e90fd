#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>

#include "base/money.h"
#include "wire/json_writer.h"

static void a_document_is_written_compactly_in_the_order_of_the_calls(void **state)
{
    (void)state;
    gx_buffer out = GX_BUFFER_INIT(0);
    gx_json json = gx_json_on(&out);
    gx_json_open_object(&json, NULL);
    gx_json_text(&json, "text", "x");
    gx_json_text(&json, "none", NULL);
    gx_json_open_array(&json, "list");
    gx_json_int(&json, NULL, INT64_MIN);
    gx_json_open_object(&json, NULL);
    gx_json_close_object(&json);
    gx_json_open_array(&json, NULL);
    gx_json_close_array(&json);
    gx_json_bool(&json, NULL, true);
    gx_json_close_array(&json);
    gx_json_bool(&json, "no", false);
    gx_json_time(&json, "at", 1);
    gx_json_money_number(&json, "left", GX_MONEY_UNIT / 2);
    gx_json_money_string(&json, "amount", GX_MONEY_UNIT / 2);
    gx_json_raw(&json, "raw", GX_SPAN("[1,2]"));
    gx_json_close_object(&json);
    assert_string_equal(gx_buffer_text(&out),
                        "{\"text\":\"x\",\"none\":null,\"list\":[-9223372036854775808,{},[],true],\"no\":false,"
                        "\"at\":\"1970-01-01T00:00:00.001Z\",\"left\":0.5,\"amount\":\"0.5000\",\"raw\":[1,2]}");
    gx_buffer_free(&out);
}

static void strings_are_escaped(void **state)
{
    (void)state;
    gx_buffer out = GX_BUFFER_INIT(0);
    gx_json json = gx_json_on(&out);
    gx_json_span(&json, NULL, GX_SPAN("\"\\/\b\f\n\r\t\x1f\x7f\xc3\xa4\0"));
    assert_string_equal(gx_buffer_text(&out), "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u001f\x7f\xc3\xa4\\u0000\"");
    gx_buffer_free(&out);
}

static void keys_are_escaped_too(void **state)
{
    (void)state;
    gx_buffer out = GX_BUFFER_INIT(0);
    gx_json json = gx_json_on(&out);
    gx_json_open_object(&json, NULL);
    gx_json_int(&json, "a\"b", 1);
    gx_json_close_object(&json);
    assert_string_equal(gx_buffer_text(&out), "{\"a\\\"b\":1}");
    gx_buffer_free(&out);
}

/* Every string of two bytes, read back by another library. */
static void whatever_the_bytes_the_string_is_json(void **state)
{
    (void)state;
    gx_buffer out = GX_BUFFER_INIT(0);
    for (unsigned i = 0; i <= 0xffff; i++) {
        char bytes[] = {(char)(i >> 8), (char)(i & 0xff)};
        gx_buffer_clear(&out);
        gx_json json = gx_json_on(&out);
        gx_json_span(&json, NULL, (gx_span){bytes, 2});
        json_t *read = json_loadb(out.data, out.length, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        if (!read)
            fail_msg("%04x gives %s", i, gx_buffer_text(&out));
        if ((i & 0x8080) == 0) {
            assert_int_equal(json_string_length(read), 2);
            assert_memory_equal(json_string_value(read), bytes, 2);
        }
        json_decref(read);
    }
    gx_buffer_free(&out);
}

static void a_full_buffer_shows_at_the_end(void **state)
{
    (void)state;
    gx_buffer out = GX_BUFFER_INIT(10);
    gx_json json = gx_json_on(&out);
    gx_json_open_object(&json, NULL);
    gx_json_text(&json, "key", "more than ten");
    gx_json_close_object(&json);
    assert_true(out.failed);
    gx_buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_is_written_compactly_in_the_order_of_the_calls),
        cmocka_unit_test(strings_are_escaped),
        cmocka_unit_test(keys_are_escaped_too),
        cmocka_unit_test(whatever_the_bytes_the_string_is_json),
        cmocka_unit_test(a_full_buffer_shows_at_the_end),
    };
    return cmocka_run_group_tests_name("json_writer", tests, NULL, NULL);
}
