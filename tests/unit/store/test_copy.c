/* A store moves into another of its kind; tests/e2e/test_migrate.py moves between kinds. */
#include "store/fixture.h"

#include <string.h>

#include "store/copy.h"
#include "store/log_batch.h"
#include "store/schema.h"
#include "support/failing_alloc.h"

enum { MOST_ALLOCATIONS = 20000, EVENTS = 1500 /* more than a cursor reads at once */ };

static void append_many(const char *location, int count)
{
    gx_database *database = open_or_fail(location, false);
    gx_log_batch *log = gx_log_batch_new();
    gx_txn txn = {.database = database, .now_ms = 1000, .log = log};
    assert_true(gx_database_begin(database, true));
    for (int i = 0; i < count; i++)
        assert_true(gx_log_append(&txn, ADA, GX_EVENT_TOKEN_ISSUED, GX_SPAN("{}")));
    assert_true(gx_log_batch_write_heads(log, database) && gx_database_commit(database));
    gx_log_batch_free(log);
    gx_database_close(database);
}

static void make_empty_store(store_place *place)
{
    store_place_make(place);
    gx_database *database = open_or_fail(place->location, false);
    assert_int_equal(gx_schema_migrate(database, NULL), 0);
    gx_database_close(database);
}

static void sum_up(void *context, const char *table, int64_t rows)
{
    (void)table;
    *(int64_t *)context += rows;
}

/* As many rows as were told; -1 and an error when it went wrong. */
static int64_t copy(gx_database *from, gx_database *to, gx_error *error)
{
    gx_arena arena = GX_ARENA_INIT(0);
    int64_t told = 0;
    int failed = gx_store_copy(from, to, &arena, sum_up, &told, error);
    gx_database_close(to);
    gx_database_close(from);
    gx_arena_free(&arena);
    return failed ? -1 : told;
}

static int64_t count_in(const store_place *place, const char *sql)
{
    gx_database *database = open_or_fail(place->location, true);
    int64_t number = number_from(database, sql);
    gx_database_close(database);
    return number;
}

static void every_row_is_there_and_told(void **state)
{
    store_fixture *f = *state;
    store_place target;
    gx_error error = {""};
    append_many(f->location, EVENTS);
    make_empty_store(&target);
    int64_t told = copy(open_or_fail(f->location, true), open_or_fail(target.location, false), &error);
    assert_string_equal(error.message, "");
    assert_int_equal(told, EVENTS + 2); /* two developers */
    gx_database *database = open_or_fail(target.location, true);
    assert_log_whole(database, ADA);
    assert_int_equal(number_from(database, "SELECT COUNT(*) FROM events"), EVENTS);
    gx_database_close(database);
    store_place_remove(&target);
}

static void a_copy_is_whole_or_not_at_all_with_any_failed_allocation(void **state)
{
    store_fixture *f = *state;
    store_place target;
    append_many(f->location, 3);
    make_empty_store(&target);
    bool failed = true;
    for (long n = 1; failed && n < MOST_ALLOCATIONS; n += 1 + n / 20) {
        gx_error error = {""};
        gx_database *from = open_or_fail(f->location, true), *to = open_or_fail(target.location, false);
        gx_fail_allocation(n);
        int64_t told = copy(from, to, &error);
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_true(told == 5 || (failed && told == -1 && error.message[0] != '\0'));
        assert_int_equal(count_in(&target, "SELECT COUNT(*) FROM events"), told == 5 ? 3 : 0);
        assert_int_equal(count_in(&target, "SELECT COUNT(*) FROM developers"), told == 5 ? 2 : 0);
        failed = failed && told == -1;
    }
    assert_false(failed);
    store_place_remove(&target);
}

static void a_store_that_has_something_is_left_as_it_is(void **state)
{
    store_fixture *f = *state;
    store_place target;
    gx_error error = {""};
    make_empty_store(&target);
    gx_database *database = open_or_fail(target.location, false);
    add_developer(database, BOB);
    gx_database_close(database);
    assert_int_equal(copy(open_or_fail(f->location, true), open_or_fail(target.location, false), &error), -1);
    assert_non_null(strstr(error.message, "not empty"));
    assert_int_equal(count_in(&target, "SELECT COUNT(*) FROM developers"), 1);
    store_place_remove(&target);
}

#define ON_A_STORE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_STORE(every_row_is_there_and_told),
        ON_A_STORE(a_copy_is_whole_or_not_at_all_with_any_failed_allocation),
        ON_A_STORE(a_store_that_has_something_is_left_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
