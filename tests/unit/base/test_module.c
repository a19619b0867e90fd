/* Modules: found beside the program, wherever it is started, or told to be missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <unistd.h>

#include "base/module.h"

static void a_module_is_found_from_any_working_directory_and_is_one(void **state)
{
    (void)state;
    gx_error error;
    assert_int_equal(chdir("/"), 0);
    const void *table = gx_module_load("grantex-curl", "gx_curl_poster", &error);
    assert_non_null(table);
    assert_ptr_equal(gx_module_load("grantex-curl", "gx_curl_poster", &error), table);
}

static void what_cannot_be_loaded_is_named(void **state)
{
    (void)state;
    gx_error error = {""};
    assert_null(gx_module_load("grantex-nothing", "gx_nothing", &error));
    assert_non_null(strstr(error.message, "grantex-nothing cannot be loaded: /"));
    assert_null(gx_module_load("grantex-curl", "gx_nothing", &error));
    assert_non_null(strstr(error.message, "gx_nothing"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_module_is_found_from_any_working_directory_and_is_one),
        cmocka_unit_test(what_cannot_be_loaded_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
