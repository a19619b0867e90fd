#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "authority/budget.h"
#include "authority/grant.h"
#include "authority/granting.h"
#include "base/money.h"
#include "support/failing_alloc.h"

typedef struct scene {
    house *house;
    const char *developer, *agent, *grant_id;
} scene;

static scene begin_scene(void **state)
{
    scene s = {.house = *state};
    s.developer = house_add_developer(s.house, "sandbox");
    s.agent = house_add_agent(s.house, s.developer, "Buyer");
    s.grant_id = granting_grant(s.house, s.developer, s.agent).grant.id;
    return s;
}

static bool allocate(const scene *s, int64_t initial, gx_budget_row *out, gx_problem *problem)
{
    gx_act *act = house_begin(s->house, s->developer, true);
    const gx_budget_allocate_request in = {.grant_id = s->grant_id, .initial = initial, .currency = "USD"};
    bool said = gx_budget_allocate(act, &in, out);
    *problem = *act->problem;
    return house_done(s->house, said);
}

/* A grant of its own with this budget. */
static scene begin_budget(void **state, int64_t initial)
{
    scene s = begin_scene(state);
    gx_budget_row budget;
    gx_problem problem;
    assert_true(allocate(&s, initial, &budget, &problem));
    return s;
}

static bool debit(const scene *s, int64_t amount, int64_t *remaining, gx_problem *problem)
{
    gx_budget_debit_result out = {.remaining = -1};
    gx_act *act = house_begin(s->house, s->developer, true);
    bool said = gx_budget_debit(
        act, &(gx_budget_debit_request){.grant_id = s->grant_id, .amount = amount, .metadata = "{}"}, &out);
    *problem = *act->problem;
    *remaining = out.remaining;
    return house_done(s->house, said);
}

static gx_budget_row balance(const scene *s)
{
    gx_budget_row budget;
    gx_act *act = house_begin(s->house, s->developer, true);
    assert_true(house_done(s->house, gx_budget_get(act, s->grant_id, &budget)));
    return budget;
}

static void assert_problem(const gx_problem *problem, int status, const char *code)
{
    assert_int_equal(problem->status, status);
    assert_string_equal(problem->code, code);
}

/* --- edge cases, exactly --- */

/* An amount as an event has it, by plain arithmetic. */
static void write_amount(char out[32], int64_t amount)
{
    int length = snprintf(out, 32, "%" PRId64 ".%04d", amount / 10000, (int)(amount % 10000));
    while (out[length - 1] == '0')
        out[--length] = '\0';
    if (out[length - 1] == '.')
        out[--length] = '\0';
}

static void assert_crossing(const scene *s, size_t index, int percentage, int64_t remaining, int64_t initial)
{
    char data[512], left[32], whole[32];
    write_amount(left, remaining);
    write_amount(whole, initial);
    if (percentage == 100) {
        snprintf(data, sizeof data, "{\"grantId\":\"%s\",\"initial\":%s,\"agentId\":\"%s\",\"principalId\":\"user_1\"}",
                 s->grant_id, whole, s->agent);
        assert_event(s->house, index, "budget.exhausted", data);
        return;
    }
    snprintf(data, sizeof data,
             "{\"grantId\":\"%s\",\"percentage\":%d,\"remaining\":%s,\"initial\":%s,\"agentId\":\"%s\","
             "\"principalId\":\"user_1\"}",
             s->grant_id, percentage, left, whole, s->agent);
    assert_event(s->house, index, "budget.threshold", data);
}

typedef struct edge_step {
    int64_t amount;
    int tells[3]; /* percentages, in order; 0 ends */
} edge_step;

typedef struct edge {
    const char *name;
    int64_t initial;
    edge_step steps[6]; /* amount 0 ends */
} edge;

static const edge EDGES[] = {
    {"exactly 50 %", 2000000, {{1000000, {50}}, {1, {0}}}},
    {"a hair under 50 %, then exactly", 2000000, {{999999, {0}}, {1, {50}}}},
    {"exactly 80 % after 50 %", 1000000, {{500000, {50}}, {10000, {0}}, {290000, {80}}, {1, {0}}}},
    {"a hair under 80 %", 1000000, {{799999, {50}}, {1, {80}}}},
    {"a jump over both", 1000000, {{850000, {50, 80}}, {10000, {0}}, {140000, {100}}}},
    {"a jump from nothing to zero", 1000000, {{1000000, {50, 80, 100}}}},
    {"a jump from 50 % to zero", 1000000, {{600000, {50}}, {400000, {80, 100}}}},
    {"from 80 % to zero", 1000000, {{800000, {50, 80}}, {199999, {0}}, {1, {100}}}},
    {"0.0003 in three", 3, {{1, {0}}, {1, {50}}, {1, {80, 100}}}},
    {"0.0001 at once", 1, {{1, {50, 80, 100}}}},
    {"0.0005 in five", 5, {{1, {0}}, {1, {0}}, {1, {50}}, {1, {80}}, {1, {100}}}},
    {"0.0001 of much", 10000000, {{1, {0}}, {4999998, {0}}, {1, {50}}}},
    {"the largest", GX_MONEY_MAX, {{GX_MONEY_MAX / 2, {0}}, {1, {50}}, {GX_MONEY_MAX / 2, {80, 100}}}},
    {"the largest to 80 %",
     GX_MONEY_MAX,
     {{GX_MONEY_MAX / 5 * 4, {50}}, {3, {0}}, {1, {80}}}}, /* MAX is 4 over a multiple of 5: 80 % is 3.2 more */
};

static void play(const scene *s, const edge *e)
{
    int64_t remaining = e->initial;
    for (const edge_step *step = e->steps; step->amount != 0; step++) {
        size_t before = house_event_count(s->house), told = 0;
        gx_problem problem;
        int64_t answered;
        assert_true(debit(s, step->amount, &answered, &problem));
        remaining -= step->amount;
        assert_int_equal(answered, remaining);
        while (told < 3 && step->tells[told] != 0)
            told++;
        if (house_event_count(s->house) != before + told)
            fail_msg("%s: %zu events instead of %zu", e->name, house_event_count(s->house) - before, told);
        for (size_t i = 0; i < told; i++)
            assert_crossing(s, before + i, step->tells[i], remaining, e->initial);
    }
}

static void thresholds_are_told_of_exactly_when_they_are_crossed(void **state)
{
    for (size_t i = 0; i < sizeof EDGES / sizeof *EDGES; i++) {
        scene s = begin_budget(state, EDGES[i].initial);
        play(&s, &EDGES[i]);
    }
}

/* --- against a plain model --- */

enum { ROUNDS = 40, MOST_DEBITS = 24, SEED = 20261123 };

typedef struct model {
    int64_t initial, remaining, debits;
    bool told[3];
} model;

static const int PERCENTAGES[] = {50, 80, 100};

static uint64_t draw(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static int64_t draw_between(uint64_t *seed, int64_t least, int64_t most)
{
    return least + (int64_t)(draw(seed) % ((uint64_t)(most - least) + 1));
}

static int64_t draw_initial(uint64_t *seed)
{
    static const int64_t MOST[] = {3, 10, 999, 1000000, INT64_C(1) << 45, GX_MONEY_MAX};
    return draw_between(seed, 1, MOST[draw(seed) % 6]);
}

/* The least use that crosses: the part of each whole hundred, and of the rest rounded up. No product is too large. */
static int64_t crossing_of(int64_t initial, int percentage)
{
    return initial / 100 * percentage + (initial % 100 * percentage + 99) / 100;
}

static int64_t draw_amount(uint64_t *seed, const model *m)
{
    int64_t used = m->initial - m->remaining;
    int64_t to_threshold = crossing_of(m->initial, PERCENTAGES[draw(seed) % 3]) - used;
    switch (draw(seed) % 8) {
    case 0:
        return 1;
    case 1:
        return m->remaining > 0 ? m->remaining : 1;
    case 2:
        return m->remaining + 1;
    case 3:
        return to_threshold > 0 ? to_threshold : 1;
    case 4:
        return to_threshold > 1 ? to_threshold - 1 : 1;
    case 5:
        return draw_between(seed, 1, GX_MONEY_MAX);
    default:
        return draw_between(seed, 1, m->remaining / 4 + 1);
    }
}

/* What the debit must do: the percentages that it tells of, in order. */
static size_t expect(model *m, int64_t amount, int tells[3])
{
    size_t count = 0;
    m->remaining -= amount;
    m->debits++;
    for (size_t i = 0; i < 3; i++) {
        if (m->told[i] || m->initial - m->remaining < crossing_of(m->initial, PERCENTAGES[i]))
            continue;
        m->told[i] = true;
        tells[count++] = PERCENTAGES[i];
    }
    return count;
}

static void debit_like(const scene *s, model *m, int64_t amount)
{
    size_t before = house_event_count(s->house);
    gx_problem problem;
    int64_t answered;
    bool taken = debit(s, amount, &answered, &problem);
    assert_int_equal(taken, amount <= m->remaining);
    if (!taken) {
        assert_problem(&problem, 402, "INSUFFICIENT_BUDGET");
        assert_int_equal(house_event_count(s->house), before);
        return;
    }
    int tells[3];
    size_t count = expect(m, amount, tells);
    assert_int_equal(answered, m->remaining);
    assert_int_equal(house_event_count(s->house), before + count);
    for (size_t i = 0; i < count; i++)
        assert_crossing(s, before + i, tells[i], m->remaining, m->initial);
}

static int64_t ledger_sum(const scene *s, const model *m)
{
    gx_budget_transaction_list list = {0};
    gx_act *act = house_begin(s->house, s->developer, true);
    assert_true(
        house_done(s->house, gx_budget_list_transactions(act, s->grant_id, (gx_paging){1, MOST_DEBITS}, &list)));
    assert_int_equal(list.total, m->debits);
    int64_t sum = 0, number = m->debits;
    for (const gx_budget_transaction_row *row = list.first; row != NULL; row = row->next) {
        assert_int_equal(row->number, number--);
        sum += row->amount;
    }
    assert_int_equal(number, 0);
    return sum;
}

static void random_debits_agree_with_a_plain_model(void **state)
{
    uint64_t seed = SEED;
    scene s = begin_scene(state);
    for (int round = 0; round < ROUNDS; round++) {
        model m = {.initial = draw_initial(&seed)};
        m.remaining = m.initial;
        gx_budget_row budget;
        gx_problem problem;
        s.grant_id = granting_grant(s.house, s.developer, s.agent).grant.id;
        assert_true(allocate(&s, m.initial, &budget, &problem));
        for (int i = 0; i < MOST_DEBITS; i++)
            debit_like(&s, &m, draw_amount(&seed, &m));
        assert_int_equal(balance(&s).remaining, m.remaining);
        assert_int_equal(ledger_sum(&s, &m), m.initial - m.remaining);
    }
}

/* --- refusals --- */

static void a_debit_larger_than_the_remainder_is_refused_whole(void **state)
{
    scene s = begin_budget(state, 1000000);
    size_t before = house_event_count(s.house);
    int64_t remaining;
    gx_problem problem;
    assert_true(debit(&s, 10000, &remaining, &problem));
    assert_false(debit(&s, 990001, &remaining, &problem));
    assert_problem(&problem, 402, "INSUFFICIENT_BUDGET");
    gx_budget_row budget = balance(&s);
    assert_int_equal(budget.remaining, 990000);
    assert_int_equal(budget.debits, 1);
    assert_int_equal(house_event_count(s.house), before);
    assert_int_equal(granting_count(s.house, "SELECT COUNT(*) FROM budget_transactions"), 1);
}

static void a_grant_without_a_budget_has_none_to_debit(void **state)
{
    scene s = begin_scene(state);
    int64_t remaining;
    gx_problem problem;
    assert_false(debit(&s, 1, &remaining, &problem));
    assert_problem(&problem, 402, "INSUFFICIENT_BUDGET");
    gx_budget_row budget;
    gx_act *act = house_begin(s.house, s.developer, true);
    assert_false(house_done(s.house, gx_budget_get(act, s.grant_id, &budget)));
    assert_problem(act->problem, 404, "NOT_FOUND");
}

static void a_grant_that_is_unknown_or_foreign_has_no_budget(void **state)
{
    scene s = begin_budget(state, 1000000), foreign = s, unknown = s;
    foreign.developer = house_add_developer(s.house, "sandbox");
    unknown.grant_id = "grnt_unknown";
    const scene *const OTHERS[] = {&foreign, &unknown};
    for (size_t i = 0; i < 2; i++) {
        int64_t remaining;
        gx_problem problem;
        gx_budget_row budget;
        assert_false(debit(OTHERS[i], 1, &remaining, &problem));
        assert_problem(&problem, 404, "NOT_FOUND");
        assert_false(allocate(OTHERS[i], 1, &budget, &problem));
        assert_problem(&problem, 404, "NOT_FOUND");
        gx_act *act = house_begin(s.house, OTHERS[i]->developer, true);
        assert_false(house_done(s.house, gx_budget_get(act, OTHERS[i]->grant_id, &budget)));
        assert_problem(act->problem, 404, "NOT_FOUND");
        gx_budget_transaction_list list;
        act = house_begin(s.house, OTHERS[i]->developer, true);
        assert_true(
            house_done(s.house, gx_budget_list_transactions(act, OTHERS[i]->grant_id, (gx_paging){1, 50}, &list)));
        assert_int_equal(list.total, 0);
        assert_null(list.first);
    }
    assert_int_equal(balance(&s).remaining, 1000000);
}

static void a_dead_grant_neither_gets_a_budget_nor_spends_one(void **state)
{
    scene revoked = begin_budget(state, 1000000), expired = begin_budget(state, 1000000);
    scene bare = begin_scene(state);
    gx_act *act = house_begin(revoked.house, revoked.developer, true);
    assert_true(house_done(revoked.house, gx_grant_revoke(act, revoked.grant_id, GX_REVOKER_DEVELOPER)));
    int64_t remaining;
    gx_problem problem;
    gx_budget_row budget;
    assert_false(debit(&revoked, 1, &remaining, &problem));
    assert_problem(&problem, 409, "GRANT_INACTIVE");
    assert_string_equal(problem.message, "Grant is revoked");
    house_pass_time(expired.house, HOUR_MS);
    assert_false(debit(&expired, 1, &remaining, &problem));
    assert_problem(&problem, 409, "GRANT_INACTIVE");
    assert_string_equal(problem.message, "Grant is expired");
    assert_false(allocate(&bare, 1, &budget, &problem));
    assert_problem(&problem, 409, "GRANT_INACTIVE");
    assert_int_equal(balance(&revoked).remaining, 1000000);
    assert_int_equal(balance(&expired).remaining, 1000000);
}

static void a_grant_gets_one_budget_only(void **state)
{
    scene s = begin_budget(state, 1000000);
    gx_budget_row budget;
    gx_problem problem;
    assert_false(allocate(&s, 5, &budget, &problem));
    assert_problem(&problem, 409, "CONFLICT");
    assert_int_equal(balance(&s).initial, 1000000);
}

static void a_debit_that_is_not_kept_crosses_nothing(void **state)
{
    scene s = begin_budget(state, 1000000);
    size_t before = house_event_count(s.house);
    gx_budget_debit_result out;
    gx_act *act = house_begin(s.house, s.developer, true);
    const gx_budget_debit_request in = {.grant_id = s.grant_id, .amount = 900000, .metadata = "{}"};
    assert_true(gx_budget_debit(act, &in, &out));
    house_end(s.house, false);
    assert_int_equal(house_event_count(s.house), before);
    int64_t remaining;
    gx_problem problem;
    assert_true(debit(&s, 900000, &remaining, &problem));
    assert_int_equal(house_event_count(s.house), before + 2);
}

static void a_debit_without_memory_is_refused_and_can_be_tried_again(void **state)
{
    scene s = begin_budget(state, 1000000);
    const gx_budget_debit_request in = {.grant_id = s.grant_id, .amount = 1000000, .metadata = "{}"};
    size_t before = house_event_count(s.house);
    bool failed = true;
    for (long n = 1; failed; n++) {
        gx_arena arena = GX_ARENA_INIT(0); /* the house's own would stay failed */
        gx_budget_debit_result out;
        gx_act *act = house_begin(s.house, s.developer, true);
        act->arena = &arena;
        gx_fail_allocation(n);
        bool taken = gx_budget_debit(act, &in, &out);
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_int_equal(taken, !failed);
        assert_int_equal(act->problem->status, failed ? 503 : 0);
        house_done(s.house, taken);
        assert_int_equal(house_event_count(s.house), before + (failed ? 0 : 3));
        gx_arena_free(&arena);
    }
    assert_int_equal(balance(&s).remaining, 0);
}

/* --- lists --- */

static void the_ledger_is_paged_newest_first(void **state)
{
    scene s = begin_budget(state, 1000000);
    int64_t remaining;
    gx_problem problem;
    for (int64_t amount = 1; amount <= 5; amount++)
        assert_true(debit(&s, amount, &remaining, &problem));
    static const int64_t PAGES[][2] = {{5, 4}, {3, 2}, {1, 0}, {0, 0}};
    for (int64_t page = 1; page <= 4; page++) {
        gx_budget_transaction_list list;
        gx_act *act = house_begin(s.house, s.developer, true);
        assert_true(house_done(s.house, gx_budget_list_transactions(act, s.grant_id, (gx_paging){page, 2}, &list)));
        assert_int_equal(list.total, 5);
        const gx_budget_transaction_row *row = list.first;
        for (int i = 0; i < 2; i++) {
            assert_int_equal(row == NULL ? 0 : row->amount, PAGES[page - 1][i]);
            row = row == NULL ? NULL : row->next;
        }
        assert_null(row);
    }
}

static void a_transaction_keeps_what_the_caller_said_of_it(void **state)
{
    scene s = begin_budget(state, 1000000);
    const gx_budget_debit_request in = {
        .grant_id = s.grant_id, .amount = 7, .description = "a book", .metadata = "{\"order\":[1,2]}"};
    gx_budget_debit_result out;
    gx_budget_transaction_list list;
    gx_act *act = house_begin(s.house, s.developer, true);
    assert_true(house_done(s.house, gx_budget_debit(act, &in, &out)));
    act = house_begin(s.house, s.developer, true);
    assert_true(house_done(s.house, gx_budget_list_transactions(act, s.grant_id, (gx_paging){1, 50}, &list)));
    assert_string_equal(list.first->id, out.transaction_id);
    assert_string_equal(list.first->description, "a book");
    assert_string_equal(list.first->metadata, "{\"order\":[1,2]}");
    assert_string_equal(list.first->budget_id, balance(&s).id);
}

static void allocations_are_those_of_the_developer_newest_first(void **state)
{
    scene s = begin_budget(state, 1000000);
    const char *first = s.grant_id;
    begin_budget(state, 5); /* somebody else's */
    house_pass_time(s.house, 1000);
    s.grant_id = granting_grant(s.house, s.developer, s.agent).grant.id;
    gx_budget_row budget;
    gx_problem problem;
    gx_budget_list list;
    assert_true(allocate(&s, 2000000, &budget, &problem));
    gx_act *act = house_begin(s.house, s.developer, true);
    assert_true(house_done(s.house, gx_budget_list_page(act, (gx_paging){1, 10}, &list)));
    assert_int_equal(list.total, 2);
    assert_string_equal(list.first->grant_id, s.grant_id);
    assert_string_equal(list.first->next->grant_id, first);
    assert_null(list.first->next->next);
}

#define IN_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, granting_setup, house_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_HOUSE(thresholds_are_told_of_exactly_when_they_are_crossed),
        IN_A_HOUSE(random_debits_agree_with_a_plain_model),
        IN_A_HOUSE(a_debit_larger_than_the_remainder_is_refused_whole),
        IN_A_HOUSE(a_grant_without_a_budget_has_none_to_debit),
        IN_A_HOUSE(a_grant_that_is_unknown_or_foreign_has_no_budget),
        IN_A_HOUSE(a_dead_grant_neither_gets_a_budget_nor_spends_one),
        IN_A_HOUSE(a_grant_gets_one_budget_only),
        IN_A_HOUSE(a_debit_that_is_not_kept_crosses_nothing),
        IN_A_HOUSE(a_debit_without_memory_is_refused_and_can_be_tried_again),
        IN_A_HOUSE(the_ledger_is_paged_newest_first),
        IN_A_HOUSE(a_transaction_keeps_what_the_caller_said_of_it),
        IN_A_HOUSE(allocations_are_those_of_the_developer_newest_first),
    };
    return cmocka_run_group_tests(tests, granting_group_setup, granting_group_teardown);
}
