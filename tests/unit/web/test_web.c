#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "web/web.h"

static const char *text_at(const char *path)
{
    const gx_web_file *file = gx_web_find(gx_span_of(path));
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
    assert_non_null(strstr(text_at("/permissions"), "<title>Your permissions</title>"));
    assert_non_null(strstr(text_at("/page.css"), "prefers-color-scheme"));
    assert_string_equal(gx_web_find(GX_SPAN("/consent"))->content_type, "text/html; charset=utf-8");
    assert_string_equal(gx_web_find(GX_SPAN("/permissions.js"))->content_type, "text/javascript; charset=utf-8");
    assert_string_equal(gx_web_find(GX_SPAN("/page.css"))->content_type, "text/css; charset=utf-8");
}

static void nothing_else_is_served(void **state)
{
    (void)state;
    assert_null(gx_web_find(GX_SPAN("/consent.html")));
    assert_null(gx_web_find(GX_SPAN("/../consent")));
    assert_null(gx_web_find(GX_SPAN("")));
}

/* The policy of the pages allows script and style only from files of their own, and a script must never write markup.
 */
static void the_pages_keep_to_their_content_security_policy(void **state)
{
    (void)state;
    static const char *const NOT_IN_PAGE[] = {
        "<style", " style=", " onclick=", " onload=", "javascript:", "http://", "https://"};
    static const char *const PAGES[][2] = {
        {"/consent", "<script type=\"module\" src=\"consent.js\"></script>"},
        {"/permissions", "<script type=\"module\" src=\"permissions.js\"></script>"},
        {"/monitor", "<script type=\"module\" src=\"monitor/main.js\"></script>"},
    };
    for (size_t i = 0; i < sizeof PAGES / sizeof *PAGES; i++) {
        const char *page = text_at(PAGES[i][0]), *tag = PAGES[i][1], *script = strstr(page, "<script");
        for (size_t j = 0; j < sizeof NOT_IN_PAGE / sizeof *NOT_IN_PAGE; j++)
            assert_null(strstr(page, NOT_IN_PAGE[j]));
        assert_memory_equal(script, tag, strlen(tag));
        assert_null(strstr(script + 1, "<script"));
    }
}

static void no_script_writes_markup(void **state)
{
    (void)state;
    static const char *const NOT_IN_SCRIPT[] = {"innerHTML",      "outerHTML", "insertAdjacentHTML",
                                                "document.write", "eval(",     "createContextualFragment",
                                                "cssText",        "srcdoc",    "new Function"};
    size_t scripts = 0;
    for (size_t i = 0; gx_web_at(i) != NULL; i++) {
        if (strncmp(gx_web_at(i)->content_type, "text/javascript", strlen("text/javascript")) != 0)
            continue;
        scripts++;
        for (size_t j = 0; j < sizeof NOT_IN_SCRIPT / sizeof *NOT_IN_SCRIPT; j++)
            assert_null(strstr(text_at(gx_web_at(i)->path), NOT_IN_SCRIPT[j]));
    }
    assert_true(scripts > 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_page_is_found_by_its_path_with_its_type),
        cmocka_unit_test(nothing_else_is_served),
        cmocka_unit_test(the_pages_keep_to_their_content_security_policy),
        cmocka_unit_test(no_script_writes_markup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
