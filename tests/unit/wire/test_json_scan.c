#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "wire/json_scan.h"

#define DEPTH_1_TO_63 "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
#define CLOSE_63      "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"

/* The members as `key=value;`, and whether the text was whole. */
static bool members_of(gx_span json, gx_buffer *out)
{
    gx_json_scan scan = gx_json_scan_object(json);
    gx_span key, value;
    while (gx_json_scan_next(&scan, &key, &value))
        gx_buffer_printf(out, "%.*s=%.*s;", (int)key.len, key.ptr, (int)value.len, value.ptr);
    assert_false(gx_json_scan_next(&scan, &key, &value)); /* an end is an end */
    return !scan.failed;
}

static void members_come_as_they_stand(void **state)
{
    (void)state;
    static const struct {
        const char *json, *members;
    } cases[] = {
        {"{}", ""},
        {" \t\r\n{ \t\r\n} \t\r\n", ""},
        {"{\"a\":1}", "a=1;"},
        {" { \"a\" : 1 , \"b\" : \"x\" } ", "a=1;b=\"x\";"},
        {"{\"a\":{\"b\":[1,2,{}]},\"c\":[]}", "a={\"b\":[1,2,{}]};c=[];"},
        {"{\"a\":true,\"b\":false,\"c\":null}", "a=true;b=false;c=null;"},
        {"{\"a\":0,\"b\":-0,\"c\":-12.50e+3,\"d\":1E5,\"e\":0.1e-9}", "a=0;b=-0;c=-12.50e+3;d=1E5;e=0.1e-9;"},
        {"{\"\":\"\",\"\":\"\"}", "=\"\";=\"\";"},
        {"{\"k\\\"\\u00e4\":\"\\\\\\/\\b\\f\\n\\r\\t\\uD83D\\uDE00\"}",
         "k\\\"\\u00e4=\"\\\\\\/\\b\\f\\n\\r\\t\\uD83D\\uDE00\";"},
        {"{\"a\":\"}],\\\"{[\"}", "a=\"}],\\\"{[\";"},
        {"{\"a\":\"\xc3\xa4 is longer than eight bytes\x7f\"}", "a=\"\xc3\xa4 is longer than eight bytes\x7f\";"},
        {"{\"a\":" DEPTH_1_TO_63 CLOSE_63 "}", "a=" DEPTH_1_TO_63 CLOSE_63 ";"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gx_buffer members = GX_BUFFER_INIT(0);
        if (!members_of(gx_span_of(cases[i].json), &members))
            fail_msg("refused: %s", cases[i].json);
        assert_string_equal(gx_buffer_text(&members), cases[i].members);
        gx_buffer_free(&members);
    }
}

static void what_is_no_whole_object_fails(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        " ",
        "[]",
        "1",
        "\"a\"",
        "null",
        "{",
        "}",
        "{}}",
        "{}x",
        "{},",
        "{}{}",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1;}",
        "{\"a\" 1}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":1,,\"b\":2}",
        "{1:2}",
        "{\"a\"::1}",
        "x{}",
        /* brackets */
        "{\"a\":[}",
        "{\"a\":[1,]}",
        "{\"a\":[,1]}",
        "{\"a\":[1 2]}",
        "{\"a\":[1}",
        "{\"a\":{]}",
        "{\"a\":{\"b\"]}",
        "{\"a\":" DEPTH_1_TO_63 "[]" CLOSE_63 "}",
        /* numbers */
        "{\"a\":01}",
        "{\"a\":-}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":1.}",
        "{\"a\":1e}",
        "{\"a\":1e+}",
        "{\"a\":0x1}",
        "{\"a\":-01}",
        "{\"a\":1.e5}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":1_0}",
        "{\"a\":--1}",
        /* literals */
        "{\"a\":tru}",
        "{\"a\":TRUE}",
        "{\"a\":nulll}",
        "{\"a\":undefined}",
        "{\"a\":fals",
        "{\"a\":truefalse}",
        /* strings */
        "{\"a\":\"}",
        "{\"a\":\"\\\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\\u",
        "{\"a\":\"\\",
        "{\"a\":\"\n\"}",
        "{\"a\":\"long enough\tfor words\"}",
        "{\"a\":\"\x1f\"}",
        "{\"a\n\":1}",
        "{\"a\\q\":1}",
        "{\"a\":'x'}",
        "{/**/}",
        "\xef\xbb\xbf{}",
        "{\"a\":\x0b 1}",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gx_buffer members = GX_BUFFER_INIT(0);
        if (members_of(gx_span_of(cases[i]), &members))
            fail_msg("taken: %s", cases[i]);
        gx_buffer_free(&members);
    }
    gx_buffer members = GX_BUFFER_INIT(0);
    assert_false(members_of((gx_span){0}, &members));
    assert_false(members_of(GX_SPAN("{}\0"), &members));
    assert_false(members_of(GX_SPAN("{\"a\":\"\0\"}"), &members));
    assert_false(members_of(GX_SPAN("{\"a\":\"\\\0\"}"), &members));
    gx_buffer_free(&members);
}

static void every_shorter_beginning_fails(void **state)
{
    (void)state;
    gx_span json = GX_SPAN("{\"a\":[1.5e-3,true,{\"b\":\"\\u00e4\\n\"}],\"c\":null,\"d\":-0.1}");
    gx_buffer members = GX_BUFFER_INIT(0);
    assert_true(members_of(json, &members));
    for (size_t length = 0; length < json.len; length++) {
        char *exact = malloc(length + 1); /* so that a sanitizer sees a read beyond */
        memcpy(exact + 1, json.ptr, length);
        assert_false(members_of((gx_span){exact + 1, length}, &members));
        free(exact);
    }
    gx_buffer_free(&members);
}

static void a_member_is_found_by_its_key(void **state)
{
    (void)state;
    gx_span json = GX_SPAN("{\"a\":1,\"b\":{\"c\":3},\"a\":2}"), value = GX_SPAN("untouched");
    assert_false(gx_json_scan_find(json, "c", &value));
    assert_false(gx_json_scan_find(GX_SPAN("[1]"), "a", &value));
    assert_false(gx_json_scan_find(GX_SPAN("{\"a\":1"), "a", &value));
    assert_true(gx_span_equal(value, GX_SPAN("untouched")));
    assert_true(gx_json_scan_find(json, "b", &value));
    assert_true(gx_span_equal(value, GX_SPAN("{\"c\":3}")));
    assert_true(gx_json_scan_find(json, "a", &value)); /* the last one counts */
    assert_true(gx_span_equal(value, GX_SPAN("2")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_come_as_they_stand),
        cmocka_unit_test(what_is_no_whole_object_fails),
        cmocka_unit_test(every_shorter_beginning_fails),
        cmocka_unit_test(a_member_is_found_by_its_key),
    };
    return cmocka_run_group_tests_name("json_scan", tests, NULL, NULL);
}
