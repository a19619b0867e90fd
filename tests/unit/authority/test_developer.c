#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "authority/api_key.h"
#include "authority/developer.h"
#include "authority/secret.h"
#include "authority/support.h"
#include "support/failing_alloc.h"

static bool sign_up(house *h, const gx_sign_up_request *in, gx_signed_up *out)
{
    return house_done(h, gx_developer_sign_up(house_begin(h, NULL, false), in, out));
}

static const gx_problem *refused(house *h, const gx_sign_up_request *in, gx_problem *problem)
{
    gx_signed_up ignored;
    gx_act *act = house_begin(h, NULL, false);
    assert_false(house_done(h, gx_developer_sign_up(act, in, &ignored)));
    *problem = *act->problem;
    return problem;
}

static bool authenticate(house *h, gx_span key, gx_act *out)
{
    gx_act *act = house_begin(h, NULL, false);
    bool known = gx_api_key_authenticate(act, key);
    *out = *act;
    house_end(h, known);
    return known;
}

static void who_signs_up_gets_a_key_that_lets_them_in(void **state)
{
    gx_signed_up made;
    gx_act act;
    assert_true(sign_up(*state, &(gx_sign_up_request){.name = "Acme", .email = "ops@acme.example"}, &made));
    assert_memory_equal(made.api_key, "gx_live_", 8);
    assert_memory_equal(made.developer.id, "dev_", 4);
    assert_true(authenticate(*state, gx_span_of(made.api_key), &act));
    assert_string_equal(act.developer_id, made.developer.id);
    assert_false(act.sandbox);
}

static void a_sandbox_developer_is_known_as_one(void **state)
{
    gx_signed_up made;
    gx_act act;
    assert_true(sign_up(*state, &(gx_sign_up_request){.name = "Acme", .mode = "sandbox"}, &made));
    assert_memory_equal(made.api_key, "gx_test_", 8);
    assert_true(authenticate(*state, gx_span_of(made.api_key), &act));
    assert_true(act.sandbox);
}

static void the_store_keeps_only_the_hash_of_the_key(void **state)
{
    gx_signed_up made;
    char hash[GX_SECRET_HASH_SIZE];
    assert_true(sign_up(*state, &(gx_sign_up_request){.name = "Acme"}, &made));
    assert_true(gx_secret_hash(hash, gx_span_of(made.api_key)));
    gx_statement *row = gx_query(house_look(*state), "SELECT hash FROM api_keys");
    assert_int_equal(gx_statement_step(row), GX_STEP_ROW);
    assert_string_equal(gx_column_text(row, 0), hash);
    gx_statement_reset(row);
}

static void an_email_is_kept_in_lower_case_and_taken_once(void **state)
{
    gx_signed_up made;
    gx_problem problem;
    assert_true(sign_up(*state, &(gx_sign_up_request){.name = "A", .email = " Ops@ACME.example\t"}, &made));
    assert_string_equal(made.developer.email, "ops@acme.example");
    refused(*state, &(gx_sign_up_request){.name = "B", .email = "OPS@acme.EXAMPLE"}, &problem);
    assert_int_equal(problem.status, 409);
    assert_string_equal(problem.code, "CONFLICT");
}

static void any_number_may_sign_up_without_an_email(void **state)
{
    gx_signed_up one, two;
    assert_true(sign_up(*state, &(gx_sign_up_request){.name = "A"}, &one));
    assert_true(sign_up(*state, &(gx_sign_up_request){.name = "A"}, &two));
    assert_null(one.developer.email);
    assert_string_not_equal(one.developer.id, two.developer.id);
}

static void what_is_no_email_is_refused(void **state)
{
    static const char *const ODD[] = {
        "",        " ",         "acme",        "@acme.example", "ops@",          "ops@acme",           "ops@.example",
        "ops@a..", "ops@acme.", "a b@acme.ex", "a@b@acme.ex",   "ops@ac me.exa", "ops@acme.ex\nample", "dev@localhost",
    };
    gx_problem problem;
    for (size_t i = 0; i < sizeof ODD / sizeof *ODD; i++) {
        refused(*state, &(gx_sign_up_request){.name = "A", .email = ODD[i]}, &problem);
        assert_int_equal(problem.status, 400);
        assert_memory_equal(problem.message, "email: ", 7);
    }
}

static void an_email_may_have_254_bytes_and_no_more(void **state)
{
    char email[256];
    memset(email, 'a', 255);
    memcpy(email + 255 - 10, "@acme.exam", 11); /* 255 bytes */
    gx_problem problem;
    gx_signed_up made;
    refused(*state, &(gx_sign_up_request){.name = "A", .email = email}, &problem);
    assert_int_equal(problem.status, 400);
    assert_true(sign_up(*state, &(gx_sign_up_request){.name = "A", .email = email + 1}, &made));
}

static void a_closed_server_lets_nobody_in_but_by_its_operator(void **state)
{
    gx_problem problem;
    house_authority(*state)->open_signup = false;
    refused(*state, &(gx_sign_up_request){.name = "A"}, &problem);
    assert_int_equal(problem.status, 403);
    assert_non_null(house_add_developer(*state, "live"));
}

static void a_key_that_nobody_has_is_refused(void **state)
{
    char long_key[513];
    memset(long_key, 'k', sizeof long_key);
    const gx_span keys[] = {
        {0},
        GX_SPAN(""),
        GX_SPAN("fifteen-letters"),
        GX_SPAN("sixteen-letters!"),
        GX_SPAN("with a blank in the middle"),
        {long_key, 512},
        {long_key, 513},
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        gx_act act;
        gx_act *begun = house_begin(*state, NULL, false);
        assert_false(house_done(*state, gx_api_key_authenticate(begun, keys[i])));
        act = *begun;
        assert_int_equal(act.problem->status, 401);
        assert_string_equal(act.problem->code, "UNAUTHORIZED");
        assert_string_equal(act.problem->message, "Invalid API key");
        assert_null(act.developer_id);
    }
}

static bool ensure(house *h, gx_span key, gx_developer_row *out)
{
    return house_done(h, gx_developer_ensure(house_begin(h, NULL, false), key, out));
}

static void the_dev_developer_is_made_once_and_takes_each_new_key(void **state)
{
    gx_developer_row first, second;
    gx_act act;
    assert_true(ensure(*state, GX_SPAN("dev-api-key-local"), &first));
    assert_true(ensure(*state, GX_SPAN("dev-api-key-local"), &second));
    assert_string_equal(first.id, second.id);
    assert_true(ensure(*state, GX_SPAN("another-api-key-local"), &second));
    assert_string_equal(first.id, second.id);
    assert_false(authenticate(*state, GX_SPAN("dev-api-key-local"), &act));
    assert_true(authenticate(*state, GX_SPAN("another-api-key-local"), &act));
    assert_string_equal(act.developer_id, first.id);
    assert_true(act.sandbox);
}

static void the_dev_developer_cannot_take_another_ones_key(void **state)
{
    gx_signed_up made;
    gx_developer_row ignored;
    assert_true(sign_up(*state, &(gx_sign_up_request){.name = "A"}, &made));
    gx_act *act = house_begin(*state, NULL, false);
    assert_false(house_done(*state, gx_developer_ensure(act, gx_span_of(made.api_key), &ignored)));
    assert_int_equal(act->problem->status, 409);
}

static void the_dev_developer_needs_a_key_that_can_be_sent(void **state)
{
    gx_developer_row ignored;
    gx_act *act = house_begin(*state, NULL, false);
    assert_false(house_done(*state, gx_developer_ensure(act, GX_SPAN("short"), &ignored)));
    assert_int_equal(act->problem->status, 400);
}

/* Whichever allocation of a sign-up fails: a 503, and nobody is half there. */
static void a_sign_up_without_memory_leaves_nothing_behind(void **state)
{
    bool failed = true;
    for (long n = 1; failed; n++) {
        gx_signed_up made = {0};
        gx_arena arena = GX_ARENA_INIT(0); /* a fresh one has everything to allocate */
        gx_act *act = house_begin(*state, NULL, false);
        act->arena = &arena;
        gx_fail_allocation(n);
        bool signed_up = gx_developer_sign_up(act, &(gx_sign_up_request){.name = "A", .email = "a@b.example"}, &made);
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        if (!signed_up) {
            assert_true(failed);
            assert_int_equal(act->problem->status, 503);
            assert_null(made.api_key);
        }
        house_end(*state, signed_up && !failed);
        gx_arena_free(&arena);
        assert_true(n < 1000);
    }
    gx_statement *count = gx_query(house_look(*state), "SELECT COUNT(*) FROM developers");
    assert_int_equal(gx_statement_step(count), GX_STEP_ROW);
    assert_int_equal(gx_column_int(count, 0), 1);
    gx_statement_reset(count);
}

static bool lets_in(house *h, const char *key, gx_developer_row *who)
{
    gx_act *act = house_begin(h, NULL, false);
    return house_done(h, gx_api_key_authenticate(act, gx_span_of(key)) && gx_developer_get(act, who));
}

static void a_rotated_key_lets_in_and_the_old_one_no_more(void **state)
{
    static const char *const MODES[] = {"sandbox", "live"};
    for (size_t i = 0; i < 2; i++) {
        const gx_sign_up_request in = {.name = "Acme", .mode = MODES[i]};
        gx_signed_up made;
        gx_developer_row who;
        gx_new_api_key rotated;
        assert_true(house_done(*state, gx_developer_add(house_begin(*state, NULL, false), &in, &made)));
        gx_act *act = house_begin(*state, made.developer.id, i == 0);
        assert_true(gx_api_key_authenticate(act, gx_span_of(made.api_key)));
        assert_true(house_done(*state, gx_api_key_rotate(act, 0, &rotated)));
        const char *key = rotated.text;
        assert_memory_equal(key, made.api_key, 8); /* "gx_test_" stays "gx_test_" */
        assert_false(lets_in(*state, made.api_key, &who));
        assert_true(lets_in(*state, key, &who));
        assert_string_equal(who.id, made.developer.id);
        assert_string_equal(who.mode, MODES[i]);
        assert_string_equal(who.name, "Acme");
    }
}

#define IN_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, house_setup, house_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_HOUSE(who_signs_up_gets_a_key_that_lets_them_in),
        IN_A_HOUSE(a_sandbox_developer_is_known_as_one),
        IN_A_HOUSE(the_store_keeps_only_the_hash_of_the_key),
        IN_A_HOUSE(an_email_is_kept_in_lower_case_and_taken_once),
        IN_A_HOUSE(any_number_may_sign_up_without_an_email),
        IN_A_HOUSE(what_is_no_email_is_refused),
        IN_A_HOUSE(an_email_may_have_254_bytes_and_no_more),
        IN_A_HOUSE(a_closed_server_lets_nobody_in_but_by_its_operator),
        IN_A_HOUSE(a_key_that_nobody_has_is_refused),
        IN_A_HOUSE(the_dev_developer_is_made_once_and_takes_each_new_key),
        IN_A_HOUSE(the_dev_developer_cannot_take_another_ones_key),
        IN_A_HOUSE(the_dev_developer_needs_a_key_that_can_be_sent),
        IN_A_HOUSE(a_rotated_key_lets_in_and_the_old_one_no_more),
        IN_A_HOUSE(a_sign_up_without_memory_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
