#include "store/fixture.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "store/schema.h"

GX_EMBEDDED(schema);

static void migrate(gx_database *database)
{
    gx_error error = {""};
    if (gx_schema_migrate(database, &error) != 0)
        fail_msg("%s", error.message);
}

static void the_steps_are_numbered_from_one_without_holes(void **state)
{
    (void)state;
    int number = 0;
    for (const gx_embedded_file *step = gx_embedded_schema; step->name != NULL; step++) {
        char start[16];
        snprintf(start, sizeof start, "%04d_", ++number);
        assert_memory_equal(step->name, start, 5);
    }
    assert_int_equal(gx_schema_newest(), number);
    assert_true(number >= 2);
}

static void what_is_embedded_is_what_the_files_have(void **state)
{
    (void)state;
    static char content[1 << 16];
    for (const gx_embedded_file *step = gx_embedded_schema; step->name != NULL; step++) {
        char path[512];
        snprintf(path, sizeof path, GX_SOURCE_DIR "/src/store/schema/%s", step->name);
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        size_t length = fread(content, 1, sizeof content, file);
        fclose(file);
        assert_int_equal(step->length, length);
        assert_memory_equal(step->bytes, content, length);
        assert_int_equal(step->bytes[length], '\0');
    }
}

/* A place in which nothing is yet. */
static int setup_nothing(void **state)
{
    store_place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    store_place_make(place);
    *state = place;
    return 0;
}

static int teardown_place(void **state)
{
    store_place_remove(*state);
    free(*state);
    return 0;
}

static void each_step_runs_once_and_is_written_down(void **state)
{
    const store_place *place = *state;
    gx_database *database = open_or_fail(place->location, false);
    for (int i = 0; i < 3; i++) { /* a second run of any step would fail: the tables are there */
        migrate(database);
        assert_int_equal(number_from(database, "SELECT COUNT(*) FROM schema_steps"), gx_schema_newest());
    }
    assert_int_equal(number_from(database, "SELECT COUNT(*) FROM schema_steps WHERE step = 2 AND name = '0002_log.sql' "
                                           "AND applied_at > 1700000000000"),
                     1);
    assert_false(gx_database_in_transaction(database));
    gx_database_close(database);
}

static void a_store_that_stopped_half_way_goes_on_from_there(void **state)
{
    const store_place *place = *state;
    gx_error error = {""};
    gx_database *database = open_or_fail(place->location, false);
    assert_true(gx_statement_run(gx_query(database, "CREATE TABLE events (in_the_way BIGINT)")));
    assert_int_equal(gx_schema_migrate(database, &error), -1);
    assert_int_equal(number_from(database, "SELECT MAX(step) FROM schema_steps"), 1);
    assert_true(gx_statement_run(gx_query(database, "DROP TABLE events")));
    migrate(database);
    assert_int_equal(number_from(database, "SELECT COUNT(*) FROM schema_steps"), gx_schema_newest());
    assert_int_equal(number_from(database, "SELECT COUNT(seq) FROM events"), 0);
    gx_database_close(database);
}

static void a_step_that_fails_leaves_nothing_of_itself_and_keeps_those_before(void **state)
{
    const store_place *place = *state;
    gx_error error = {""};
    gx_database *database = open_or_fail(place->location, false);
    assert_true(gx_statement_run(gx_query(database, "CREATE TABLE events (in_the_way BIGINT)")));
    assert_int_equal(gx_schema_migrate(database, &error), -1);
    assert_non_null(strstr(error.message, "0002_log.sql"));
    assert_false(gx_database_in_transaction(database));
    assert_int_equal(number_from(database, "SELECT MAX(step) FROM schema_steps"), 1);
    gx_database_close(database);
}

static void the_log_lies_in_the_order_of_its_key(void **state)
{
    (void)state;
    gx_database *database = open_or_fail(":memory:", false);
    migrate(database);
    assert_int_equal(number_from(database, "SELECT COUNT(*) FROM sqlite_master "
                                           "WHERE name = 'events' AND sql LIKE '%WITHOUT ROWID%'"),
                     1);
    gx_database_close(database);
}

static void a_newer_store_is_refused_and_left_as_it_is(void **state)
{
    store_fixture *f = *state;
    gx_error error = {""};
    gx_database *database = open_or_fail(f->location, false);
    assert_true(gx_statement_run(gx_query(database, "INSERT INTO schema_steps VALUES (9999, '9999_future.sql', 0)")));
    const char *what_is_there = store_place_on_postgres() ? "SELECT COUNT(*) FROM schema_steps" : "PRAGMA data_version";
    int64_t before = number_from(database, what_is_there);
    gx_database *other = open_or_fail(f->location, false);
    assert_int_equal(gx_schema_migrate(other, &error), -1);
    gx_database_close(other);
    assert_non_null(strstr(error.message, "9999"));
    assert_int_equal(number_from(database, what_is_there), before); /* nobody else has committed anything */
    gx_database_close(database);
}

typedef struct starting_program {
    pthread_t thread;
    const char *location;
    gx_error error; /* empty: it went well */
} starting_program;

static void *start_program(void *argument)
{
    starting_program *self = argument;
    gx_database *database = gx_database_open(self->location, false, &self->error);
    if (database != NULL)
        gx_schema_migrate(database, &self->error);
    gx_database_close(database);
    return NULL;
}

static void programs_that_start_together_take_each_step_once(void **state)
{
    const store_place *place = *state;
    starting_program programs[4];
    for (int i = 0; i < 4; i++) {
        programs[i] = (starting_program){.location = place->location};
        assert_int_equal(pthread_create(&programs[i].thread, NULL, start_program, &programs[i]), 0);
    }
    for (int i = 0; i < 4; i++)
        pthread_join(programs[i].thread, NULL);
    for (int i = 0; i < 4; i++)
        assert_string_equal(programs[i].error.message, "");
    gx_database *database = open_or_fail(place->location, false);
    assert_int_equal(number_from(database, "SELECT COUNT(*) FROM schema_steps"), gx_schema_newest());
    gx_database_close(database);
}

#define ON_NOTHING(test) cmocka_unit_test_setup_teardown(test, setup_nothing, teardown_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_steps_are_numbered_from_one_without_holes),
        cmocka_unit_test(what_is_embedded_is_what_the_files_have),
        ON_NOTHING(each_step_runs_once_and_is_written_down),
        ON_NOTHING(a_store_that_stopped_half_way_goes_on_from_there),
        ON_NOTHING(a_step_that_fails_leaves_nothing_of_itself_and_keeps_those_before),
        cmocka_unit_test_setup_teardown(a_newer_store_is_refused_and_left_as_it_is, fixture_setup, fixture_teardown),
        ON_NOTHING(programs_that_start_together_take_each_step_once),
    };
    const struct CMUnitTest tests_of_files[] = {
        cmocka_unit_test(the_log_lies_in_the_order_of_its_key),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return store_place_on_postgres() ? failed : failed + cmocka_run_group_tests(tests_of_files, NULL, NULL);
}
