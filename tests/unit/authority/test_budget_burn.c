/* How fast budgets burn, and which is empty first: against plain arithmetic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "authority/budget.h"
#include "authority/budget_burn.h"
#include "authority/grant.h"
#include "authority/granting.h"
#include "base/money.h"

#define SECOND      INT64_C(1000)
#define MINUTE      (60 * SECOND)
#define WINDOW      (GX_BURN_WINDOW_SECONDS * SECOND)
#define MONEY(some) (INT64_C(some) * GX_MONEY_UNIT)
#define NOW         INT64_C(1800000000000)

/* --- the arithmetic ----------------------------------------------------------------------------------------------- */

static void rates_and_ends_are_exact(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        gx_budget_burn_row row;
        int64_t percent, rate, empty;
    } cases[] = {
        {"nothing spent", {.initial = MONEY(1000), .remaining = MONEY(960)}, 4, 0, -1},
        {"62 a minute over five minutes, 90 left",
         {.initial = MONEY(1000), .remaining = MONEY(90), .spent = MONEY(310), .counted = 5, .debits = 9},
         91,
         MONEY(62),
         87},
        {"all is gone, just now",
         {.initial = MONEY(10), .remaining = 0, .spent = MONEY(1), .counted = 1, .debits = 9},
         100,
         2000,
         0},
        {"all is gone, long ago", {.initial = MONEY(10), .remaining = 0, .debits = 9}, 100, 0, -1},
        {"the last ten-thousandth is left: 99, not 100",
         {.initial = GX_MONEY_MAX, .remaining = 1, .spent = 1, .counted = 1, .debits = 9},
         99,
         0,
         300},
        {"the largest that there are",
         {.initial = GX_MONEY_MAX, .remaining = GX_MONEY_MAX - 1, .spent = 1, .counted = 1, .debits = 1},
         0,
         0,
         INT64_C(3153600000)},
        {"a budget two minutes old is measured by its age",
         {.initial = MONEY(100),
          .remaining = MONEY(80),
          .spent = MONEY(20),
          .counted = 2,
          .debits = 2,
          .created_at = NOW - 2 * MINUTE},
         20,
         MONEY(10),
         480},
        {"a second old: by a minute",
         {.initial = MONEY(100),
          .remaining = MONEY(80),
          .spent = MONEY(20),
          .counted = 1,
          .debits = 1,
          .created_at = NOW - SECOND},
         20,
         MONEY(20),
         240},
        {"more debits than were read: by the time in which those came",
         {.initial = MONEY(100),
          .remaining = MONEY(50),
          .spent = MONEY(5),
          .counted = 32,
          .debits = 500,
          .oldest_at = NOW - 10 * SECOND,
          .cut = true},
         50,
         MONEY(30),
         100},
        {"and when those came at once: a second",
         {.initial = MONEY(100),
          .remaining = MONEY(50),
          .spent = MONEY(5),
          .counted = 32,
          .debits = 500,
          .oldest_at = NOW,
          .cut = true},
         50,
         MONEY(300),
         10},
        {"a rate beyond what money can be",
         {.initial = GX_MONEY_MAX,
          .remaining = 1,
          .spent = GX_MONEY_MAX - 1,
          .counted = 32,
          .debits = 500,
          .oldest_at = NOW,
          .cut = true},
         99,
         GX_MONEY_MAX,
         0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gx_budget_burn burn = gx_budget_burn_of(&cases[i].row, NOW);
        if (burn.used_percent != cases[i].percent || burn.spent_per_minute != cases[i].rate ||
            burn.empty_in_seconds != cases[i].empty)
            fail_msg("%s: %lld%% %lld/min %lld s", cases[i].what, (long long)burn.used_percent,
                     (long long)burn.spent_per_minute, (long long)burn.empty_in_seconds);
    }
}

/* --- the list ----------------------------------------------------------------------------------------------------- */

typedef struct scene {
    house *house;
    const char *developer, *agent;
} scene;

static scene begin(void **state)
{
    scene s = {.house = *state};
    s.developer = house_add_developer(s.house, "sandbox");
    s.agent = house_add_agent(s.house, s.developer, "Buyer");
    return s;
}

static const char *new_budget(const scene *s, int64_t initial)
{
    const char *grant_id = granting_grant(s->house, s->developer, s->agent).grant.id;
    gx_budget_row budget;
    gx_act *act = house_begin(s->house, s->developer, true);
    const gx_budget_allocate_request in = {.grant_id = grant_id, .initial = initial, .currency = "EUR"};
    assert_true(house_done(s->house, gx_budget_allocate(act, &in, &budget)));
    return grant_id;
}

/* `count` debits of the same amount in one transaction: they share their time. */
static void debit(const scene *s, const char *grant_id, int64_t amount, int count)
{
    gx_act *act = house_begin(s->house, s->developer, true);
    const gx_budget_debit_request in = {.grant_id = grant_id, .amount = amount, .metadata = "{}"};
    bool all = true;
    for (int i = 0; i < count && all; i++)
        all = gx_budget_debit(act, &in, &(gx_budget_debit_result){0});
    assert_true(house_done(s->house, all));
}

static gx_budget_burn_list_result burning(const scene *s, int64_t limit)
{
    gx_budget_burn_list_result list = {0};
    gx_act *act = house_begin(s->house, s->developer, true);
    assert_true(house_done(s->house, gx_budget_burn_first(act, limit, &list)));
    return list;
}

static void what_is_empty_first_comes_first(void **state)
{
    scene s = begin(state);
    const char *quiet = new_budget(&s, MONEY(1000)), *used = new_budget(&s, MONEY(1000));
    const char *slow = new_budget(&s, MONEY(1000)), *fast = new_budget(&s, MONEY(1000));
    debit(&s, used, MONEY(900), 1);
    house_pass_time(s.house, WINDOW + SECOND);
    debit(&s, slow, MONEY(10), 1);
    debit(&s, fast, MONEY(50), 5);
    gx_budget_burn_list_result list = burning(&s, 500);
    const char *order[] = {fast, slow, used, quiet};
    assert_int_equal(list.count, 4);
    for (int i = 0; i < 4; i++)
        assert_string_equal(list.items[i].budget->grant_id, order[i]);
    const gx_budget_burn *first = &list.items[0];
    assert_int_equal(first->spent_per_minute, MONEY(50)); /* 250 in five minutes */
    assert_int_equal(first->empty_in_seconds, 750 / 50 * 60);
    assert_int_equal(first->used_percent, 25);
    assert_string_equal(first->budget->agent_name, "Buyer");
    assert_string_equal(first->budget->currency, "EUR");
    assert_int_equal(list.items[2].used_percent, 90); /* what was spent before the window is no rate */
    assert_int_equal(list.items[2].empty_in_seconds, -1);
    assert_int_equal(burning(&s, 2).count, 2);
    assert_string_equal(burning(&s, 1).items[0].budget->grant_id, fast);
}

static void a_debit_leaves_the_rate_when_the_window_has_passed(void **state)
{
    scene s = begin(state);
    const char *grant = new_budget(&s, MONEY(1000));
    house_pass_time(s.house, WINDOW);
    debit(&s, grant, MONEY(100), 1);
    house_pass_time(s.house, MINUTE);
    debit(&s, grant, MONEY(50), 1);
    assert_int_equal(burning(&s, 1).items[0].spent_per_minute, MONEY(30));
    house_pass_time(s.house, WINDOW - MINUTE + 1);
    assert_int_equal(burning(&s, 1).items[0].spent_per_minute, MONEY(10));
    house_pass_time(s.house, MINUTE);
    assert_int_equal(burning(&s, 1).items[0].empty_in_seconds, -1);
}

static void only_active_grants_of_the_developer_count(void **state)
{
    scene s = begin(state), other = begin(state);
    const char *kept = new_budget(&s, MONEY(10)), *revoked = new_budget(&s, MONEY(10));
    new_budget(&other, MONEY(10));
    gx_act *act = house_begin(s.house, s.developer, true);
    assert_true(house_done(s.house, gx_grant_revoke(act, revoked, GX_REVOKER_DEVELOPER)));
    gx_budget_burn_list_result list = burning(&s, 500);
    assert_int_equal(list.count, 1);
    assert_string_equal(list.items[0].budget->grant_id, kept);
    house_pass_time(s.house, 2 * HOUR_MS); /* it has expired */
    assert_int_equal(burning(&s, 500).count, 0);
}

/* More debits than one answer reads: the newest of them are counted, and the time that they took. */
static void the_work_for_one_answer_is_bounded(void **state)
{
    scene s = begin(state);
    const char *grant = new_budget(&s, MONEY(100000));
    house_pass_time(s.house, WINDOW);
    debit(&s, grant, MONEY(1), 8200);
    house_pass_time(s.house, MINUTE);
    debit(&s, grant, MONEY(2), 8200); /* the newest 8192 are all of these */
    house_pass_time(s.house, MINUTE);
    gx_budget_burn_list_result list = burning(&s, 1);
    gx_budget_burn burn = list.items[0];
    int64_t took = list.as_of - burn.budget->oldest_at;
    assert_true(took >= MINUTE);
    assert_true(burn.budget->cut);
    assert_int_equal(burn.budget->counted, 8192);
    assert_int_equal(burn.spent_per_minute, MONEY(2 * 8192) * MINUTE / took);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_and_ends_are_exact),
        cmocka_unit_test_setup_teardown(what_is_empty_first_comes_first, granting_setup, house_teardown),
        cmocka_unit_test_setup_teardown(a_debit_leaves_the_rate_when_the_window_has_passed, granting_setup,
                                        house_teardown),
        cmocka_unit_test_setup_teardown(only_active_grants_of_the_developer_count, granting_setup, house_teardown),
        cmocka_unit_test_setup_teardown(the_work_for_one_answer_is_bounded, granting_setup, house_teardown),
    };
    return cmocka_run_group_tests(tests, granting_group_setup, granting_group_teardown);
}
