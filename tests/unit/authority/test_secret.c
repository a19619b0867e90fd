#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "authority/problem.h"
#include "authority/secret.h"
#include "base/utf8.h"

static void a_hash_is_the_hex_sha256_of_the_secret(void **state)
{
    (void)state;
    char hash[GX_SECRET_HASH_SIZE];
    assert_true(gx_secret_hash(hash, GX_SPAN("abc"))); /* FIPS 180-2, appendix B.1 */
    assert_string_equal(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_true(gx_secret_hash(hash, GX_SPAN("")));
    assert_string_equal(hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void a_key_tells_its_mode_and_is_51_characters_of_base64url(void **state)
{
    (void)state;
    char live[GX_API_KEY_SIZE], test[GX_API_KEY_SIZE];
    assert_true(gx_api_key_new(live, false));
    assert_true(gx_api_key_new(test, true));
    assert_memory_equal(live, "gx_live_", 8);
    assert_memory_equal(test, "gx_test_", 8);
    assert_int_equal(strlen(live), 51);
    assert_int_equal(strspn(live, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), 51);
}

static void no_two_keys_are_the_same(void **state)
{
    (void)state;
    char keys[64][GX_API_KEY_SIZE];
    for (int i = 0; i < 64; i++) {
        assert_true(gx_api_key_new(keys[i], true));
        for (int before = 0; before < i; before++)
            assert_string_not_equal(keys[i], keys[before]);
    }
}

static void secrets_are_equal_only_byte_for_byte(void **state)
{
    (void)state;
    assert_true(gx_secret_equal(GX_SPAN("secret"), GX_SPAN("secret")));
    assert_true(gx_secret_equal(GX_SPAN(""), GX_SPAN("")));
    assert_false(gx_secret_equal(GX_SPAN("secret"), GX_SPAN("secreT")));
    assert_false(gx_secret_equal(GX_SPAN("secret"), GX_SPAN("secre")));
    assert_false(gx_secret_equal(GX_SPAN(""), GX_SPAN("s")));
}

static void a_refusal_says_what_and_why(void **state)
{
    (void)state;
    gx_problem problem = {0};
    assert_false(gx_refuse(&problem, 404, "NOT_FOUND", "%s not found", "Agent"));
    assert_int_equal(problem.status, 404);
    assert_string_equal(problem.code, "NOT_FOUND");
    assert_string_equal(problem.message, "Agent not found");
}

/* Every place at which the end of the message can cut a character of every length. */
static void a_long_message_is_cut_between_characters(void **state)
{
    (void)state;
    static const char *const CHARACTERS[] = {"a", "\u00e9", "\u20ac", "\U0001f511"};
    for (size_t kind = 0; kind < 4; kind++) {
        size_t width = strlen(CHARACTERS[kind]);
        for (size_t lead = 0; lead < 4; lead++) {
            char text[2 * GX_PROBLEM_MESSAGE_SIZE] = "xxx";
            text[lead] = '\0';
            while (strlen(text) + width < sizeof text)
                strcat(text, CHARACTERS[kind]);
            gx_problem problem = {0};
            gx_refuse(&problem, 400, "BAD_REQUEST", "%s", text);
            gx_span message = gx_span_of(problem.message);
            assert_true(gx_utf8_valid(message));
            assert_true(message.len > GX_PROBLEM_MESSAGE_SIZE - 1 - width);
            assert_memory_equal(message.ptr, text, message.len);
        }
    }
}

static void a_message_that_just_fits_is_kept_whole(void **state)
{
    (void)state;
    char text[GX_PROBLEM_MESSAGE_SIZE];
    memset(text, 'x', sizeof text - 3);
    memcpy(text + sizeof text - 3, "\u00e9", 3);
    gx_problem problem = {0};
    gx_refuse(&problem, 400, "BAD_REQUEST", "%s", text);
    assert_string_equal(problem.message, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hash_is_the_hex_sha256_of_the_secret),
        cmocka_unit_test(a_key_tells_its_mode_and_is_51_characters_of_base64url),
        cmocka_unit_test(no_two_keys_are_the_same),
        cmocka_unit_test(secrets_are_equal_only_byte_for_byte),
        cmocka_unit_test(a_refusal_says_what_and_why),
        cmocka_unit_test(a_long_message_is_cut_between_characters),
        cmocka_unit_test(a_message_that_just_fits_is_kept_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
