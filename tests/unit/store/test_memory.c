/* Out of memory at every allocation in turn, SQLite's own included: no crash, no leak, and never a half of anything. */
#include "store/fixture.h"

#include <stdlib.h>
#include <string.h>

#include "store/log_batch.h"
#include "store/log_trim.h"
#include "store/schema.h"
#include "support/failing_alloc.h"
#include "support/sqlite_allocations.h"

enum { MOST_ALLOCATIONS = 40000 };

/* --- SQLite's allocations, led through the ones that can be told to fail --- */

static void *take(int size)
{
    return malloc((size_t)size);
}

static void *retake(void *old, int size)
{
    return realloc(old, (size_t)size);
}

/* --- scenarios: true when all of it worked --- */

static bool append_three(gx_database *database, gx_log_batch *log)
{
    gx_txn txn = {.database = database, .now_ms = 1000, .log = log};
    return gx_log_append(&txn, ADA, GX_EVENT_GRANT_CREATED, GX_SPAN("{\"grantId\":\"grnt_1\"}")) &&
           gx_log_append(&txn, ADA, GX_EVENT_TOKEN_ISSUED, GX_SPAN("{}")) &&
           gx_log_append(&txn, ADA, GX_EVENT_TOKEN_ISSUED, GX_SPAN("{}")) && gx_log_batch_write_heads(log, database);
}

static bool append_and_commit(gx_database *database)
{
    gx_log_batch *log = gx_log_batch_new();
    bool kept =
        log != NULL && gx_database_begin(database, true) && append_three(database, log) && gx_database_commit(database);
    gx_database_rollback(database);
    gx_log_batch_free(log);
    return kept;
}

static bool count_one(void *context, const gx_logged_event *event)
{
    (void)event;
    ++*(int *)context;
    return true;
}

static void opening_works_or_says_why_with_any_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long n = 1; failed && n < MOST_ALLOCATIONS; n++) {
        gx_error error = {""};
        gx_fail_allocation(n);
        gx_database *database = gx_sqlite_open(":memory:", false, &error);
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_true(database != NULL || (failed && error.message[0] != '\0'));
        gx_database_close(database);
    }
    assert_false(failed);
}

static void a_migration_that_ran_out_of_memory_can_go_on(void **state)
{
    (void)state;
    bool failed = true;
    for (long n = 1; failed && n < MOST_ALLOCATIONS; n += 1 + n / 200) { /* thousands, nearly all of them SQLite's */
        gx_error error = {""};
        gx_database *database = open_or_fail(":memory:", false);
        gx_fail_allocation(n);
        bool whole = gx_schema_migrate(database, &error) == 0;
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_true(whole || (failed && error.message[0] != '\0'));
        assert_true(!whole || !gx_database_in_transaction(database));
        gx_database_rollback(database); /* of a step that had no memory to end */
        assert_int_equal(gx_schema_migrate(database, NULL), 0);
        gx_database_close(database);
    }
    assert_false(failed);
}

static gx_database *fresh_store(void)
{
    gx_database *database = open_or_fail(":memory:", false);
    assert_int_equal(gx_schema_migrate(database, NULL), 0);
    add_developer(database, ADA);
    return database;
}

static void appending_is_whole_or_not_at_all_with_any_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long n = 1; failed && n < MOST_ALLOCATIONS; n++) {
        gx_database *database = fresh_store();
        gx_fail_allocation(n);
        bool kept = append_and_commit(database);
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_true(kept || failed);
        assert_int_equal(number_from(database, "SELECT COUNT(*) FROM events"), kept ? 3 : 0);
        assert_log_whole(database, ADA);
        assert_true(append_and_commit(database)); /* the connection is as good as before */
        assert_log_whole(database, ADA);
        gx_database_close(database);
    }
    assert_false(failed);
}

static void a_lookup_is_right_or_a_fault_with_any_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long n = 1; failed && n < MOST_ALLOCATIONS; n++) {
        gx_database *database = fresh_store();
        assert_true(append_and_commit(database));
        gx_log_position head = {0}, by_id = {0}, since = {0};
        int count = 0;
        gx_fail_allocation(n);
        gx_log_lookup first = gx_log_head(database, ADA, &head);
        gx_log_lookup second = gx_log_find_id(database, ADA, gx_span_of(head.id), &by_id);
        gx_log_lookup third = gx_log_find_since(database, ADA, 1000, &since);
        int64_t read = gx_log_read(database, ADA, 0, 10, count_one, &count);
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_true(first == GX_LOG_ERROR || head.seq == 3);
        assert_true(first == GX_LOG_ERROR || second == GX_LOG_ERROR || by_id.seq == 3);
        assert_true(third == GX_LOG_ERROR || (third == GX_LOG_FOUND && since.seq == 0));
        assert_true(read == -1 || (read == 3 && count == 3));
        if (!failed)
            assert_true(first == GX_LOG_FOUND && second == GX_LOG_FOUND && third == GX_LOG_FOUND && read == 3);
        gx_database_close(database);
    }
    assert_false(failed);
}

static bool trim_two(gx_database *database, gx_log_batch *log)
{
    gx_txn txn = {.database = database, .now_ms = 1000, .log = log};
    int64_t trimmed = 0;
    gx_log_batch_clear(log);
    if (gx_database_begin(database, true) && gx_log_trim(&txn, ADA, &(gx_retention){.events = 1}, &trimmed) &&
        gx_log_batch_write_heads(log, database) && gx_database_commit(database))
        return trimmed == 2;
    gx_database_rollback(database);
    return false;
}

static void trimming_is_whole_or_not_at_all_with_any_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long n = 1; failed && n < MOST_ALLOCATIONS; n++) {
        gx_database *database = fresh_store();
        assert_true(append_and_commit(database));
        gx_log_batch *log = gx_log_batch_new();
        gx_fail_allocation(n);
        bool kept = trim_two(database, log);
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_true(kept || failed);
        assert_int_equal(number_from(database, "SELECT COUNT(*) FROM events"), kept ? 1 : 3);
        assert_int_equal(number_from(database, "SELECT COALESCE(SUM(total), 0) FROM trimmed_events"), kept ? 2 : 0);
        gx_log_batch_free(log);
        gx_database_close(database);
    }
    assert_false(failed);
}

static void a_gap_is_told_exactly_or_a_fault_with_any_failed_allocation(void **state)
{
    (void)state;
    bool failed = true;
    for (long n = 1; failed && n < MOST_ALLOCATIONS; n++) {
        gx_database *database = fresh_store();
        gx_log_batch *log = gx_log_batch_new();
        assert_true(append_and_commit(database) && trim_two(database, log));
        gx_log_gap gap;
        gx_fail_allocation(n);
        gx_log_lookup found = gx_log_gap_after(database, ADA, &(gx_log_position){0}, 0, &gap);
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_true(found == GX_LOG_FOUND || (found == GX_LOG_ERROR && failed));
        assert_true(found == GX_LOG_ERROR || gx_log_counts_sum(&gap.missed, GX_EVENT_FILTER_ALL) == 2);
        gx_log_batch_free(log);
        gx_database_close(database);
    }
    assert_false(failed);
}

static bool append_in_a_lane(void *context, gx_txn *txn)
{
    (void)context;
    return append_three(txn->database, txn->log);
}

static void lanes_start_or_say_why_with_any_failed_allocation(void **state)
{
    store_fixture *f = *state;
    bool failed = true;
    for (long n = 1; failed && n < MOST_ALLOCATIONS; n += 1 + n / 40) { /* a file each time: in growing steps */
        gx_error error = {""};
        gx_fail_allocation(n);
        f->lanes = gx_lanes_start(&(gx_lanes_options){.location = f->location, .readers = 1}, &error);
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_true(f->lanes != NULL || (failed && error.message[0] != '\0'));
        if (f->lanes != NULL)
            assert_int_equal(run_write(f, append_in_a_lane, NULL), GX_JOB_KEPT);
        fixture_stop(f);
    }
    assert_false(failed);
}

/* The driver's own part, of either kind of store. */
static void opening_and_appending_is_whole_or_not_at_all_with_any_failed_allocation(void **state)
{
    store_fixture *f = *state;
    int64_t kept = 0;
    bool failed = true;
    for (long n = 1; failed && n < MOST_ALLOCATIONS; n += 1 + n / 40) {
        gx_error error = {""};
        gx_fail_allocation(n);
        gx_database *database = gx_database_open(f->location, false, &error);
        bool done = database != NULL && append_and_commit(database);
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_true(done || failed);
        assert_true(database != NULL || error.message[0] != '\0');
        kept += done ? 3 : 0;
        gx_database_close(database);
        assert_int_equal(fixture_number(f, "SELECT COUNT(*) FROM events"), kept);
    }
    assert_false(failed);
}

int main(void)
{
    assert_true(lead_sqlite_through(take, retake));
    const struct CMUnitTest tests_of_places[] = {
        cmocka_unit_test_setup_teardown(opening_and_appending_is_whole_or_not_at_all_with_any_failed_allocation,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(lanes_start_or_say_why_with_any_failed_allocation, fixture_setup,
                                        fixture_teardown),
    };
    const struct CMUnitTest tests_in_memory[] = {
        cmocka_unit_test(opening_works_or_says_why_with_any_failed_allocation),
        cmocka_unit_test(a_migration_that_ran_out_of_memory_can_go_on),
        cmocka_unit_test(appending_is_whole_or_not_at_all_with_any_failed_allocation),
        cmocka_unit_test(a_lookup_is_right_or_a_fault_with_any_failed_allocation),
        cmocka_unit_test(trimming_is_whole_or_not_at_all_with_any_failed_allocation),
        cmocka_unit_test(a_gap_is_told_exactly_or_a_fault_with_any_failed_allocation),
    };
    int failed = cmocka_run_group_tests(tests_of_places, NULL, NULL);
    return store_place_on_postgres() ? failed : failed + cmocka_run_group_tests(tests_in_memory, NULL, NULL);
}
