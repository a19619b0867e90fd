#include "store/fixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "store/driver.h"

static gx_database *with_table(const store_fixture *f)
{
    gx_database *database = open_or_fail(f->location, false);
    assert_true(gx_statement_run(
        gx_query(database, "CREATE TABLE things (name TEXT PRIMARY KEY, size BIGINT UNIQUE, note TEXT NOT NULL)")));
    return database;
}

static gx_statement *insert(gx_database *database, const char *name, int64_t size)
{
    gx_statement *statement = gx_query(database, "INSERT INTO things (name, size, note) VALUES ($1, $2, '')");
    gx_bind_text(statement, 1, name);
    gx_bind_int(statement, 2, size);
    return statement;
}

static void a_parameter_is_known_by_its_number_and_not_by_where_it_stands(void **state)
{
    const store_fixture *f = *state;
    gx_database *database = open_or_fail(f->location, false);
    gx_statement *statement = gx_query(database, "SELECT $3, $1, $2, $1");
    gx_bind_int(statement, 1, 11);
    gx_bind_int(statement, 2, 22);
    gx_bind_int(statement, 3, 33);
    assert_int_equal(gx_statement_step(statement), GX_STEP_ROW);
    assert_int_equal(gx_column_int(statement, 0), 33);
    assert_int_equal(gx_column_int(statement, 1), 11);
    assert_int_equal(gx_column_int(statement, 2), 22);
    assert_int_equal(gx_column_int(statement, 3), 11);
    gx_database_close(database);
}

static void a_parameter_that_the_statement_does_not_have_fails_the_step(void **state)
{
    (void)state;
    static const int wrong[] = {-1, 0, 2, 32, 33, 1000000};
    gx_database *database = open_or_fail(":memory:", false);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        gx_statement *statement = gx_query(database, "SELECT $1");
        gx_bind_int(statement, 1, 1);
        gx_bind_int(statement, wrong[i], 1);
        gx_query(database, "SELECT 1"); /* forgets the fault, not that the other statement is broken */
        assert_int_equal(gx_statement_step(statement), GX_STEP_ERROR);
        assert_int_equal(gx_database_fault_of(database), GX_FAULT_OTHER);
    }
    assert_null(gx_query(database, "SELECT :name"));
    assert_null(gx_query(database, "SELECT $33"));
    assert_int_equal(gx_database_fault_of(database), GX_FAULT_OTHER);
    gx_database_close(database);
}

static void text_comes_back_as_it_was_bound(void **state)
{
    const store_fixture *f = *state;
    gx_database *database = open_or_fail(f->location, false);
    gx_statement *statement = gx_query(database, "SELECT $1, $2, $3, $4, $5");
    char text[] = "gr\xc3\xbc\xc3\x9f";
    gx_bind_text(statement, 1, text);
    memset(text, 'x', sizeof text - 1); /* was copied */
    gx_bind_span(statement, 2, (gx_span){"abcdef", 3});
    gx_bind_span(statement, 3, (gx_span){NULL, 0});
    gx_bind_text(statement, 4, NULL);
    gx_bind_int(statement, 5, INT64_MIN);
    assert_int_equal(gx_statement_step(statement), GX_STEP_ROW);
    assert_string_equal(gx_column_text(statement, 0), "gr\xc3\xbc\xc3\x9f");
    assert_string_equal(gx_column_text(statement, 1), "abc");
    assert_int_equal(gx_column_span(statement, 1).len, 3);
    assert_false(gx_column_is_null(statement, 2));
    assert_int_equal(gx_column_span(statement, 2).len, 0);
    assert_true(gx_column_is_null(statement, 3));
    assert_null(gx_column_text(statement, 3));
    assert_int_equal(gx_column_int(statement, 3), 0);
    assert_true(gx_column_int(statement, 4) == INT64_MIN);
    gx_database_close(database);
}

static void a_statement_is_prepared_once_and_comes_back_without_parameters(void **state)
{
    (void)state;
    static const char sql[] = "SELECT $1";
    gx_database *database = open_or_fail(":memory:", false);
    gx_statement *first = gx_query(database, sql);
    gx_bind_text(first, 1, "left over");
    assert_int_equal(gx_statement_step(first), GX_STEP_ROW);
    assert_ptr_equal(gx_query(database, sql), first);
    assert_int_equal(gx_statement_step(first), GX_STEP_ROW);
    assert_true(gx_column_is_null(first, 0));
    gx_database_close(database);
}

static void more_statements_than_buckets_are_all_kept(void **state)
{
    const store_fixture *f = *state;
    enum { MANY = 3 * GX_STATEMENT_BUCKETS };
    static char sql[MANY][24];
    gx_statement *statements[MANY];
    gx_database *database = open_or_fail(f->location, false);
    for (int i = 0; i < MANY; i++) {
        snprintf(sql[i], sizeof sql[i], "SELECT %d", i);
        statements[i] = gx_query(database, sql[i]);
    }
    for (int i = 0; i < MANY; i++) {
        assert_ptr_equal(gx_query(database, sql[i]), statements[i]);
        assert_int_equal(number_from(database, sql[i]), i);
    }
    gx_database_close(database);
}

static void sql_that_is_wrong_fails_at_the_step_and_the_calls_between_do_nothing(void **state)
{
    (void)state;
    gx_database *database = open_or_fail(":memory:", false);
    gx_statement *statement = gx_query(database, "SELECT no_such FROM nothing WHERE a = $1");
    assert_null(statement);
    gx_bind_text(statement, 1, "a");
    gx_bind_span(statement, 1, GX_SPAN("a"));
    gx_bind_int(statement, 1, 1);
    gx_bind_null(statement, 1);
    gx_statement_reset(statement);
    assert_int_equal(gx_statement_step(statement), GX_STEP_ERROR);
    assert_false(gx_statement_run(statement));
    assert_int_equal(gx_statement_changes(statement), 0);
    assert_int_equal(gx_database_fault_of(database), GX_FAULT_OTHER);
    assert_non_null(strstr(gx_database_message(database), "nothing"));
    assert_null(gx_query(database, "SELECT \"a string by mistake\""));
    gx_database_close(database);
}

static void a_unique_key_that_says_no_is_told_from_other_faults(void **state)
{
    const store_fixture *f = *state;
    gx_database *database = with_table(f);
    assert_true(gx_statement_run(insert(database, "a", 1)));
    assert_false(gx_statement_run(insert(database, "a", 2)));
    assert_int_equal(gx_database_fault_of(database), GX_FAULT_UNIQUE);
    assert_false(gx_statement_run(insert(database, "b", 1)));
    assert_int_equal(gx_database_fault_of(database), GX_FAULT_UNIQUE);
    assert_false(gx_statement_run(gx_query(database, "INSERT INTO things (name, note) VALUES ('c', NULL)")));
    assert_int_equal(gx_database_fault_of(database), GX_FAULT_OTHER);
    assert_int_equal(number_from(database, "SELECT COUNT(*) FROM things"), 1);
    assert_int_equal(gx_database_fault_of(database), GX_FAULT_NONE);
    gx_database_close(database);
}

static void changes_counts_the_rows_of_its_own_statement(void **state)
{
    const store_fixture *f = *state;
    gx_database *database = with_table(f);
    for (int i = 0; i < 3; i++)
        assert_true(gx_statement_run(insert(database, (const char *[]){"a", "b", "c"}[i], i)));
    gx_statement *all = gx_query(database, "UPDATE things SET note = 'seen'");
    assert_true(gx_statement_run(all));
    gx_statement *none = gx_query(database, "UPDATE things SET note = 'seen' WHERE name = 'z'");
    assert_true(gx_statement_run(none));
    gx_statement *look = gx_query(database, "SELECT 1 FROM things");
    assert_true(gx_statement_run(look));
    assert_int_equal(gx_statement_changes(all), 3);
    assert_int_equal(gx_statement_changes(none), 0);
    assert_int_equal(gx_statement_changes(look), 0);
    gx_database_close(database);
}

static void a_savepoint_takes_back_what_came_after_it_and_nothing_else(void **state)
{
    const store_fixture *f = *state;
    gx_database *database = with_table(f);
    assert_false(gx_database_in_transaction(database));
    assert_true(gx_database_begin(database, true));
    assert_true(gx_database_in_transaction(database));
    assert_true(gx_statement_run(insert(database, "before", 1)));
    assert_true(gx_database_savepoint(database));
    assert_true(gx_statement_run(insert(database, "undone", 2)));
    assert_true(gx_database_rollback_to(database));
    assert_true(gx_database_savepoint(database));
    assert_true(gx_statement_run(insert(database, "after", 3)));
    assert_true(gx_database_release(database));
    assert_true(gx_database_commit(database));
    assert_false(gx_database_in_transaction(database));
    assert_int_equal(number_from(database, "SELECT SUM(size) FROM things"), 4);
    gx_database_rollback(database); /* no-op */
    assert_int_equal(number_from(database, "SELECT SUM(size) FROM things"), 4);
    gx_database_close(database);
}

static void a_savepoint_that_is_released_is_gone(void **state)
{
    store_fixture *f = *state;
    gx_database *database = open_or_fail(f->location, false);
    assert_true(gx_database_begin(database, true));
    assert_true(gx_database_savepoint(database));
    assert_true(gx_database_release(database));
    assert_false(gx_database_release(database)); /* there is one level */
    gx_database_rollback(database);
    assert_false(gx_database_in_transaction(database));
    gx_database_close(database);
}

static void a_forgotten_row_does_not_hold_the_snapshot_beyond_the_transaction(void **state)
{
    store_fixture *f = *state;
    gx_database *writer = open_or_fail(f->location, false), *reader = open_or_fail(f->location, true);
    assert_true(gx_database_begin(reader, false));
    assert_int_equal(gx_statement_step(gx_query(reader, "SELECT id FROM developers")), GX_STEP_ROW);
    gx_database_rollback(reader);
    assert_true(gx_statement_run(gx_query(writer, "DELETE FROM developers")));
    assert_int_equal(number_from(reader, "SELECT COUNT(*) FROM developers"), 0);
    gx_database_close(reader);
    gx_database_close(writer);
}

static void a_reader_sees_one_state_while_its_transaction_lasts(void **state)
{
    store_fixture *f = *state;
    gx_database *writer = open_or_fail(f->location, false), *reader = open_or_fail(f->location, true);
    assert_true(gx_database_begin(reader, false));
    assert_int_equal(number_from(reader, "SELECT COUNT(*) FROM developers"), 2);
    assert_true(gx_statement_run(gx_query(writer, "DELETE FROM developers")));
    assert_int_equal(number_from(reader, "SELECT COUNT(*) FROM developers"), 2);
    gx_database_rollback(reader);
    assert_int_equal(number_from(reader, "SELECT COUNT(*) FROM developers"), 0);
    assert_false(gx_statement_run(gx_query(reader, "INSERT INTO events VALUES ('d', 1, 'e', 't', 0, '{}')")));
    gx_database_close(reader);
    gx_database_close(writer);
}

static void the_file_and_its_companions_are_for_the_owner_only(void **state)
{
    store_fixture *f = *state;
    mode_t before = umask(0);
    char fresh[128], companion[136];
    snprintf(fresh, sizeof fresh, "%s-fresh", f->location);
    gx_database *database = open_or_fail(fresh, false);
    assert_true(gx_statement_run(gx_query(database, "CREATE TABLE t (a BIGINT)")));
    static const char *const endings[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < 3; i++) {
        struct stat status;
        snprintf(companion, sizeof companion, "%s%s", fresh, endings[i]);
        assert_int_equal(stat(companion, &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
    }
    gx_database_close(database);
    umask(before);
    assert_int_equal(remove(fresh), 0);
}

static void a_commit_is_synced_and_the_log_is_written_ahead(void **state)
{
    store_fixture *f = *state;
    gx_database *database = open_or_fail(f->location, false);
    gx_statement *mode = gx_query(database, "PRAGMA journal_mode");
    assert_int_equal(gx_statement_step(mode), GX_STEP_ROW);
    assert_string_equal(gx_column_text(mode, 0), "wal");
    gx_statement_reset(mode);
    assert_int_equal(number_from(database, "PRAGMA synchronous"), 2); /* FULL */
    assert_int_equal(number_from(database, "PRAGMA foreign_keys"), 1);
    gx_database_close(database);
}

static void what_cannot_be_opened_says_why(void **state)
{
    store_fixture *f = *state;
    static const char *const wrong[] = {"", "/no/such/folder/store.db", "/tmp"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        gx_error error = {""};
        assert_null(gx_database_open(wrong[i], false, &error));
        assert_true(error.message[0] != '\0');
    }
    gx_error error = {""};
    char missing[128];
    snprintf(missing, sizeof missing, "%s-missing", f->location);
    assert_null(gx_sqlite_open(missing, true, &error));
    assert_null(gx_sqlite_open(":memory:", true, &error));
}

static void a_store_url_names_its_driver_and_an_unknown_one_is_told_without_its_password(void **state)
{
    store_fixture *f = *state;
    char url[128];
    gx_error error = {""};
    snprintf(url, sizeof url, "sqlite:%s", f->location);
    gx_database *database = gx_database_open(url, true, &error);
    assert_non_null(database);
    assert_int_equal(number_from(database, "SELECT COUNT(*) FROM developers"), 2);
    gx_database_close(database);

    assert_null(gx_database_open("mysql://ada:secret@example.com/grantex", false, &error));
    assert_non_null(strstr(error.message, "mysql"));
    assert_null(strstr(error.message, "secret"));
}

static void a_file_that_is_no_store_is_refused_and_left_as_it_is(void **state)
{
    store_fixture *f = *state;
    char path[128], content[64] = {0};
    snprintf(path, sizeof path, "%s-text", f->location);
    FILE *file = fopen(path, "w");
    fputs("a letter, not a database; long enough to have a header", file);
    fclose(file);
    gx_error error = {""};
    assert_null(gx_sqlite_open(path, false, &error));
    assert_non_null(strstr(error.message, "not a database"));
    file = fopen(path, "r");
    assert_non_null(fgets(content, sizeof content, file));
    fclose(file);
    assert_string_equal(content, "a letter, not a database; long enough to have a header");
    remove(path);
}

static void a_full_store_says_so_and_serves_again_when_there_is_room(void **state)
{
    store_fixture *f = *state;
    gx_database *database = open_or_fail(f->location, false);
    assert_true(gx_statement_run(gx_query(database, "CREATE TABLE big (a TEXT)")));
    int64_t pages = number_from(database, "PRAGMA page_count");
    assert_true(number_from(database, "PRAGMA max_page_count=1") >= pages); /* as small as it can be */
    gx_statement *statement = gx_query(database, "INSERT INTO big VALUES (hex(randomblob(100000)))");
    assert_false(gx_statement_run(statement));
    assert_int_equal(gx_database_fault_of(database), GX_FAULT_FULL);
    number_from(database, "PRAGMA max_page_count=100000");
    assert_true(gx_statement_run(gx_query(database, "INSERT INTO big VALUES (hex(randomblob(100001)))")));
    gx_database_close(database);
}

#define ON_A_STORE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_STORE(a_parameter_is_known_by_its_number_and_not_by_where_it_stands),
        ON_A_STORE(text_comes_back_as_it_was_bound),
        ON_A_STORE(more_statements_than_buckets_are_all_kept),
        ON_A_STORE(a_unique_key_that_says_no_is_told_from_other_faults),
        ON_A_STORE(changes_counts_the_rows_of_its_own_statement),
        ON_A_STORE(a_savepoint_takes_back_what_came_after_it_and_nothing_else),
        ON_A_STORE(a_savepoint_that_is_released_is_gone),
        ON_A_STORE(a_forgotten_row_does_not_hold_the_snapshot_beyond_the_transaction),
        ON_A_STORE(a_reader_sees_one_state_while_its_transaction_lasts),
    };
    const struct CMUnitTest tests_of_files[] = {
        cmocka_unit_test(a_parameter_that_the_statement_does_not_have_fails_the_step),
        cmocka_unit_test(a_statement_is_prepared_once_and_comes_back_without_parameters),
        cmocka_unit_test(sql_that_is_wrong_fails_at_the_step_and_the_calls_between_do_nothing),
        ON_A_STORE(the_file_and_its_companions_are_for_the_owner_only),
        ON_A_STORE(a_commit_is_synced_and_the_log_is_written_ahead),
        ON_A_STORE(what_cannot_be_opened_says_why),
        ON_A_STORE(a_store_url_names_its_driver_and_an_unknown_one_is_told_without_its_password),
        ON_A_STORE(a_file_that_is_no_store_is_refused_and_left_as_it_is),
        ON_A_STORE(a_full_store_says_so_and_serves_again_when_there_is_room),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return store_place_on_postgres() ? failed : failed + cmocka_run_group_tests(tests_of_files, NULL, NULL);
}
