#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "authority/api_key.h"
#include "authority/developer.h"
#include "authority/key_scope.h"
#include "authority/support.h"
#include "support/failing_alloc.h"

enum { HOUR_MS = 60 * 60 * 1000 };

/* --- scopes --- */

static void the_store_s_words_are_scopes_and_unknown_ones_count_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        unsigned scopes;
    } CASES[] = {
        {"", 0},
        {"events:read", GX_SCOPE_EVENTS_READ},
        {"grants:write", GX_SCOPE_GRANTS_WRITE},
        {"admin", GX_SCOPE_ADMIN},
        {"admin events:read", GX_SCOPE_ADMIN | GX_SCOPE_EVENTS_READ},
        {"events:read events:read", GX_SCOPE_EVENTS_READ},
        {"  events:read  grants:write ", GX_SCOPE_EVENTS_READ | GX_SCOPE_GRANTS_WRITE},
        {"Admin admi admins events:readgrants:write root", 0},
        {"root grants:write", GX_SCOPE_GRANTS_WRITE},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        assert_int_equal(gx_key_scopes_read(CASES[i].words), CASES[i].scopes);
}

static void every_set_of_scopes_comes_back_as_it_was_written(void **state)
{
    (void)state;
    for (unsigned scopes = 0; scopes <= GX_SCOPE_ANY; scopes++) {
        bool failed = true;
        for (long n = 1; failed; n++) {
            gx_buffer words = GX_BUFFER_INIT(0);
            gx_fail_allocation(n);
            gx_key_scopes_write(scopes, &words);
            failed = gx_allocation_failed();
            gx_fail_allocation(0);
            assert_int_equal(words.failed, failed);
            if (!failed && scopes != 0)
                assert_int_equal(gx_key_scopes_read(gx_buffer_text(&words)), scopes);
            gx_buffer_free(&words);
        }
    }
}

static void a_key_may_what_one_of_its_scopes_may_and_admin_may_all(void **state)
{
    (void)state;
    static const char *const LEAST[] = {NULL,    "events:read", "grants:write", "events:read",
                                        "admin", "events:read", "grants:write", "events:read"};
    for (unsigned has = 0; has <= GX_SCOPE_ANY; has++)
        for (unsigned needs = 1; needs <= GX_SCOPE_ANY; needs++) {
            gx_problem problem = {0};
            gx_act act = {.key_scopes = has, .problem = &problem};
            bool may = (has & GX_SCOPE_ADMIN) != 0 || (has & needs) != 0;
            assert_int_equal(gx_key_may(&act, needs), may);
            assert_int_equal(gx_key_must(&act, needs), may);
            assert_int_equal(problem.status, may ? 0 : 403);
            if (!may) {
                assert_string_equal(problem.code, "FORBIDDEN");
                assert_non_null(strstr(problem.message, LEAST[needs]));
            }
        }
}

/* --- keys --- */

/* An act of who has that key. */
static gx_act *begin_by(house *h, const char *key)
{
    gx_act *act = house_begin(h, NULL, false);
    assert_true(gx_api_key_authenticate(act, gx_span_of(key)));
    return act;
}

static const char *sign_up(house *h)
{
    gx_signed_up made;
    assert_true(house_done(h, gx_developer_add(house_begin(h, NULL, false),
                                               &(gx_sign_up_request){.name = "Acme", .mode = "live"}, &made)));
    return made.api_key;
}

static gx_new_api_key create(house *h, const char *by, unsigned scopes, int64_t life_ms)
{
    gx_new_api_key made;
    const gx_api_key_request in = {.name = "robot", .scopes = scopes, .life_ms = life_ms};
    assert_true(house_done(h, gx_api_key_create(begin_by(h, by), &in, &made)));
    return made;
}

static bool lets_in(house *h, const char *key)
{
    return house_done(h, gx_api_key_authenticate(house_begin(h, NULL, false), gx_span_of(key)));
}

static size_t count(house *h, const char *by)
{
    gx_api_key_row *row;
    size_t count = 0;
    gx_act *act = begin_by(h, by);
    assert_true(house_done(h, gx_api_key_list(act, &row)));
    for (; row != NULL; row = row->next)
        count++;
    return count;
}

static void a_key_lets_in_with_its_scopes_until_it_expires(void **state)
{
    const char *first = sign_up(*state);
    gx_new_api_key made = create(*state, first, GX_SCOPE_EVENTS_READ, HOUR_MS);
    gx_act *act = begin_by(*state, made.text);
    assert_int_equal(act->key_scopes, GX_SCOPE_EVENTS_READ);
    assert_string_equal(act->key_id, made.row.id);
    house_done(*state, true);
    house_pass_time(*state, HOUR_MS / 2); /* the real clock goes on too */
    assert_true(lets_in(*state, made.text));
    house_pass_time(*state, HOUR_MS / 2);
    assert_false(lets_in(*state, made.text));
    assert_true(lets_in(*state, first));
    assert_int_equal(count(*state, first), 1);
}

static void nobody_makes_a_key_that_may_more_than_his_own(void **state)
{
    const char *first = sign_up(*state);
    gx_new_api_key reads = create(*state, first, GX_SCOPE_EVENTS_READ, 0), ignored;
    const gx_api_key_request in = {.name = "x", .scopes = GX_SCOPE_EVENTS_READ | GX_SCOPE_GRANTS_WRITE};
    gx_act *act = begin_by(*state, reads.text);
    assert_false(house_done(*state, gx_api_key_create(act, &in, &ignored)));
    assert_int_equal(act->problem->status, 403);
    assert_int_equal(count(*state, first), 2);
}

static void the_last_lasting_admin_key_stays_and_a_rotated_one_may_go(void **state)
{
    const char *first = sign_up(*state);
    gx_act *act = begin_by(*state, first);
    assert_false(house_done(*state, gx_api_key_revoke(act, act->key_id)));
    assert_string_equal(act->problem->code, "LAST_ADMIN_KEY");
    gx_new_api_key next;
    assert_true(house_done(*state, gx_api_key_rotate(begin_by(*state, first), HOUR_MS, &next)));
    assert_true(lets_in(*state, first));
    act = begin_by(*state, first);
    assert_true(house_done(*state, gx_api_key_revoke(act, act->key_id)));
    assert_false(lets_in(*state, first));
    assert_true(lets_in(*state, next.text));
}

static void an_overlap_does_not_lengthen_the_life_of_a_key(void **state)
{
    const char *first = sign_up(*state);
    gx_new_api_key brief = create(*state, first, GX_SCOPE_GRANTS_WRITE, HOUR_MS / 2), next;
    assert_true(house_done(*state, gx_api_key_rotate(begin_by(*state, brief.text), HOUR_MS, &next)));
    assert_true(next.row.expires_at == brief.row.expires_at);
    house_pass_time(*state, HOUR_MS / 2);
    assert_false(lets_in(*state, brief.text));
    assert_false(lets_in(*state, next.text));
}

/* --- want of memory --- */

typedef bool changing(gx_act *act);

static bool creates(gx_act *act)
{
    gx_new_api_key made;
    return gx_api_key_create(act, &(gx_api_key_request){.name = "x", .scopes = GX_SCOPE_ANY}, &made);
}

static bool rotates(gx_act *act)
{
    gx_new_api_key made;
    return gx_api_key_rotate(act, HOUR_MS, &made);
}

static bool revokes(gx_act *act)
{
    return gx_api_key_revoke(act, act->key_id);
}

static bool lists(gx_act *act)
{
    gx_api_key_row *row;
    return gx_api_key_list(act, &row);
}

/* Whichever allocation fails, the answer is 503 and the key that asks is as good as before. */
static void without_memory_nothing_is_half_done(void **state)
{
    static changing *const CALLS[] = {creates, rotates, revokes, lists};
    for (size_t i = 0; i < sizeof CALLS / sizeof *CALLS; i++) {
        const char *first = sign_up(*state);
        const char *by = create(*state, first, GX_SCOPE_ADMIN, 0).text;
        bool failed = true;
        for (long n = 1; failed; n++) {
            gx_arena arena = GX_ARENA_INIT(0); /* a fresh one has everything to allocate */
            gx_act *act = house_begin(*state, NULL, false);
            act->arena = &arena;
            gx_fail_allocation(n);
            bool done = gx_api_key_authenticate(act, gx_span_of(by)) && CALLS[i](act);
            failed = gx_allocation_failed();
            gx_fail_allocation(0);
            if (!done) {
                assert_true(failed);
                assert_int_equal(act->problem->status, 503);
            }
            house_end(*state, false);
            gx_arena_free(&arena);
            assert_true(n < 1000);
        }
        assert_true(lets_in(*state, by));
        assert_int_equal(count(*state, first), 2);
    }
}

#define IN_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, house_setup, house_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_store_s_words_are_scopes_and_unknown_ones_count_nothing),
        cmocka_unit_test(every_set_of_scopes_comes_back_as_it_was_written),
        cmocka_unit_test(a_key_may_what_one_of_its_scopes_may_and_admin_may_all),
        IN_A_HOUSE(a_key_lets_in_with_its_scopes_until_it_expires),
        IN_A_HOUSE(nobody_makes_a_key_that_may_more_than_his_own),
        IN_A_HOUSE(the_last_lasting_admin_key_stays_and_a_rotated_one_may_go),
        IN_A_HOUSE(an_overlap_does_not_lengthen_the_life_of_a_key),
        IN_A_HOUSE(without_memory_nothing_is_half_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
