#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "web/web.h"

static const char *text_at(const char *path)
{
    const gx_web_file *file = gx_web_find(path);
    assert_non_null(file);
    gx_span bytes = gx_web_bytes(file);
    assert_true(bytes.len > 0);
    assert_int_equal(strlen(bytes.ptr), bytes.len);
    return bytes.ptr;
}

static void each_page_is_found_by_its_path_with_its_type(void **state)
{
    (void)state;
    assert_non_null(strstr(text_at("/consent"), "<title>Authorization Request</title>"));
    assert_non_null(strstr(text_at("/consent.js"), "\"use strict\""));
    assert_non_null(strstr(text_at("/consent.css"), "prefers-color-scheme"));
    assert_string_equal(gx_web_find("/consent")->content_type, "text/html; charset=utf-8");
    assert_string_equal(gx_web_find("/consent.js")->content_type, "text/javascript; charset=utf-8");
    assert_string_equal(gx_web_find("/consent.css")->content_type, "text/css; charset=utf-8");
}

static void nothing_else_is_served(void **state)
{
    (void)state;
    assert_null(gx_web_find("/consent.html"));
    assert_null(gx_web_find("/../consent"));
    assert_null(gx_web_find(""));
}

/* The page's policy allows script and style only from files of their own, and the script must never write markup. */
static void the_page_keeps_to_its_content_security_policy(void **state)
{
    (void)state;
    static const char *const NOT_IN_PAGE[] = {
        "<style", " style=", " onclick=", " onload=", "javascript:", "http://", "https://"};
    static const char *const NOT_IN_SCRIPT[] = {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write",
                                                "eval(",     ".style",    "new Function"};
    const char *page = text_at("/consent");
    for (size_t i = 0; i < sizeof NOT_IN_PAGE / sizeof *NOT_IN_PAGE; i++)
        assert_null(strstr(page, NOT_IN_PAGE[i]));
    const char *script = strstr(page, "<script");
    assert_memory_equal(script, "<script src=\"consent.js\" defer></script>", 40);
    assert_null(strstr(script + 1, "<script"));
    for (size_t i = 0; i < sizeof NOT_IN_SCRIPT / sizeof *NOT_IN_SCRIPT; i++)
        assert_null(strstr(text_at("/consent.js"), NOT_IN_SCRIPT[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_page_is_found_by_its_path_with_its_type),
        cmocka_unit_test(nothing_else_is_served),
        cmocka_unit_test(the_page_keeps_to_its_content_security_policy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
