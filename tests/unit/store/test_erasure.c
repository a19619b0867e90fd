/* Erasing a developer: whose rows go, in steps of a bounded size, and from where it goes on. */
#include "store/fixture.h"

#include <stdio.h>
#include <string.h>

#include "store/erasure.h"

static void run_sql(gx_database *database, const char *sql)
{
    assert_true(gx_statement_run(gx_query(database, sql)));
}

/* More of each than a step takes. */
#define MANY "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) "

static void fill(gx_database *database)
{
    static const char *const SQL[] = {
        MANY "INSERT INTO agents SELECT 'ag_' || d.id || i, d.id, '', '', '[]', 'active', 0, 0 FROM developers d, n",
        MANY "INSERT INTO tokens SELECT 'tok_' || i || d.id, d.id, 'g', 0, 0, NULL FROM developers d, n",
        MANY "INSERT INTO refresh_tokens SELECT 1 + i / 7, d.id || i, d.id, 'g', 'a', 0, NULL FROM developers d, n",
        MANY "INSERT INTO auth_requests (id, developer_id, agent_id, principal_id, scopes, grant_life_ms, status, "
             "created_at, expires_at) SELECT 'areq_' || i || d.id, d.id, '', '', '', 0, '', 0, 0 FROM developers d, n",
        MANY "INSERT INTO budgets (id, developer_id, grant_id, initial, remaining, currency, created_at, updated_at) "
             "SELECT 'bdg_' || d.id || i, d.id, d.id || i, 9, 9, '', 0, 0 FROM developers d, n WHERE i <= 300",
        MANY "INSERT INTO budget_crossings SELECT id, 50, 0 FROM budgets",
        MANY "INSERT INTO budget_transactions (id, budget_id, number, amount, metadata, created_at) "
             "SELECT 'btx_' || i || d.id, 'bdg_' || d.id || (i % 300 + 1), i, 1, '', 0 FROM developers d, n",
        MANY "INSERT INTO events SELECT d.id, i, 'evt_' || i, 'grant.created', i, '{}' FROM developers d, n",
        MANY "INSERT INTO trimmed_events SELECT d.id, i, 'grant.created', '', 0 FROM developers d, n WHERE i <= 300",
    };
    assert_true(gx_database_begin(database, true));
    for (size_t i = 0; i < sizeof SQL / sizeof *SQL; i++)
        run_sql(database, SQL[i]);
    assert_true(gx_database_commit(database));
}

/* How many rows all tables have of theirs. Statements are kept by the address of their text, so it must be a constant.
 */
#define ROWS_OF(table, id)    "(SELECT COUNT(*) FROM " table " WHERE developer_id = '" id "')"
#define ROWS_BELOW(table, id) "(SELECT COUNT(*) FROM " table " WHERE budget_id LIKE 'bdg_" id "%')"
#define COUNT_OF(database, id)                                                                                         \
    number_from(                                                                                                       \
        database,                                                                                                      \
        "SELECT " ROWS_OF("agents", id) "+" ROWS_OF("tokens", id) "+" ROWS_OF("refresh_tokens", id) "+" ROWS_OF(       \
            "auth_requests",                                                                                           \
            id) "+" ROWS_OF("budgets",                                                                                 \
                            id) "+" ROWS_OF("events",                                                                  \
                                            id) "+" ROWS_OF("trimmed_events",                                          \
                                                            id) "+" ROWS_BELOW("budget_transactions",                  \
                                                                               id) "+" ROWS_BELOW("budget_crossings",  \
                                                                                                  id))

#define EACH_HAS (6 * 2500 + 3 * 300)

static gx_database *filled_with_bob_deleted(const store_fixture *f)
{
    gx_database *database = open_or_fail(f->location, false);
    fill(database);
    run_sql(database, "UPDATE developers SET deleted_at = 1 WHERE id = '" BOB "'");
    assert_int_equal(COUNT_OF(database, BOB), EACH_HAS);
    return database;
}

/* False when there was nothing left to do. */
static bool step(gx_database *database, gx_erasure *erasure)
{
    gx_txn txn = {.database = database};
    bool done;
    assert_true(gx_database_begin(database, true));
    assert_true(gx_erase(&txn, erasure, erasure, &done));
    assert_true(gx_database_commit(database));
    return !done;
}

static void whose_rows_they_are_decides_and_a_step_takes_only_so_many(void **state)
{
    gx_database *database = filled_with_bob_deleted(*state);
    gx_erasure erasure;
    assert_int_equal(gx_erasure_next(database, &erasure), GX_LOG_FOUND);
    assert_string_equal(erasure.developer_id, BOB);
    int64_t left = EACH_HAS;
    while (step(database, &erasure)) {
        int64_t now_left = COUNT_OF(database, BOB);
        assert_true(left - now_left <= 1007); /* a slice, and those of the same millisecond */
        left = now_left;
    }
    assert_int_equal(left, 0);
    assert_int_equal(COUNT_OF(database, ADA), EACH_HAS);
    assert_int_equal(number_from(database, "SELECT COUNT(*) FROM developers"), 1);
    assert_int_equal(gx_erasure_next(database, &erasure), GX_LOG_NOT_FOUND);
    gx_database_close(database);
}

static void who_begins_anew_at_any_moment_comes_to_the_end(void **state)
{
    gx_database *database = filled_with_bob_deleted(*state);
    gx_erasure erasure;
    for (int steps = 1; gx_erasure_next(database, &erasure) == GX_LOG_FOUND; steps *= 3) {
        for (int i = 0; i < steps; i++)
            step(database, &erasure);
    }
    assert_int_equal(COUNT_OF(database, BOB), 0);
    assert_int_equal(COUNT_OF(database, ADA), EACH_HAS);
    gx_database_close(database);
}

static void another_program_may_be_first(void **state)
{
    gx_database *database = filled_with_bob_deleted(*state);
    gx_erasure here, there;
    assert_int_equal(gx_erasure_next(database, &here), GX_LOG_FOUND);
    there = here;
    assert_true(step(database, &here));
    while (step(database, &there))
        ;
    assert_false(step(database, &here));
    gx_database_close(database);
}

static void nobody_is_erased_who_was_not_deleted(void **state)
{
    gx_database *database = open_or_fail(((store_fixture *)*state)->location, false);
    gx_erasure erasure = {.developer_id = ADA};
    assert_int_equal(gx_erasure_next(database, &erasure), GX_LOG_NOT_FOUND);
    assert_false(step(database, &erasure));
    assert_int_equal(number_from(database, "SELECT COUNT(*) FROM developers"), 2);
    gx_database_close(database);
}

#define IN_A_STORE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_STORE(whose_rows_they_are_decides_and_a_step_takes_only_so_many),
        IN_A_STORE(who_begins_anew_at_any_moment_comes_to_the_end),
        IN_A_STORE(another_program_may_be_first),
        IN_A_STORE(nobody_is_erased_who_was_not_deleted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
