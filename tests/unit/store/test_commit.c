/* What a store across a network can do to a lane: a COMMIT without an answer, a transaction in the way of another. The
 * SQLite driver is made to behave like one, for one transaction. */
#include "store/fixture.h"

#include <string.h>
#include <unistd.h>

#include "store/driver.h"

typedef struct bad_network {
    gx_driver driver; /* SQLite's, with one function replaced */
    const gx_driver *real;
    bool arrives; /* whether the store itself commits */
    int doubts;   /* how often the lane said that it is not sure */
    size_t told;  /* events that it announced */
} bad_network;

static bad_network *network_of(gx_database *database)
{
    return (bad_network *)database->driver;
}

/* The answer to COMMIT never comes; the connection is good again for the next transaction. */
static gx_commit commit_without_answer(gx_database *database)
{
    bad_network *network = network_of(database);
    database->driver = network->real;
    if (network->arrives)
        assert_int_equal(database->driver->commit(database), GX_COMMIT_DONE);
    else
        database->driver->rollback(database);
    gx_database_fail(database, GX_FAULT_LOST, "the connection is gone");
    return GX_COMMIT_UNKNOWN;
}

static bool append(gx_txn *txn, const char *developer_id)
{
    return gx_log_append(txn, developer_id, GX_EVENT_TOKEN_ISSUED, GX_SPAN("{}"));
}

static bool append_and_cut(void *context, gx_txn *txn)
{
    bad_network *network = context;
    network->real = txn->database->driver;
    network->driver = *network->real;
    network->driver.commit = commit_without_answer;
    txn->database->driver = &network->driver;
    return append(txn, ADA);
}

static bool append_one(void *context, gx_txn *txn)
{
    return append(txn, context);
}

static void count_told(void *context, const gx_logged_event *events, size_t count)
{
    (void)events;
    ((bad_network *)context)->told += count;
}

static void count_doubt(void *context)
{
    ((bad_network *)context)->doubts++;
}

static void run_together(store_fixture *f, test_job *jobs, size_t count)
{
    lane_gate gate;
    gate_close(&gate, f);
    for (size_t i = 0; i < count; i++)
        assert_true(gx_lanes_write(f->lanes, &jobs[i].job));
    gate_open(&gate);
    for (size_t i = 0; i < count; i++)
        job_wait(&jobs[i]);
}

static void after_an_unknown_commit_no_job_runs_again(void **state, bool arrives)
{
    store_fixture *f = *state;
    bad_network network = {.arrives = arrives};
    test_job jobs[3];
    fixture_start(f, &(gx_lanes_options){.committed = count_told, .unsure = count_doubt, .context = &network});
    job_make(&jobs[0], append_one, BOB);
    job_make(&jobs[1], append_and_cut, &network);
    job_make(&jobs[2], append_one, ADA);
    run_together(f, jobs, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(jobs[i].end, GX_JOB_LOST);
        assert_int_equal(jobs[i].runs, 1);
    }
    assert_int_equal(network.told, 0);
    assert_int_equal(network.doubts, 1);
    assert_int_equal(fixture_number(f, "SELECT COUNT(*) FROM events"), arrives ? 3 : 0);
    assert_int_equal(run_write(f, append_one, ADA), GX_JOB_KEPT);
    assert_int_equal(fixture_number(f, "SELECT COUNT(*) FROM events"), arrives ? 4 : 1);
}

static void jobs_whose_commit_arrived_without_an_answer_happen_once(void **state)
{
    after_an_unknown_commit_no_job_runs_again(state, true);
}

static void jobs_whose_commit_did_not_arrive_are_lost_and_left_to_the_client(void **state)
{
    after_an_unknown_commit_no_job_runs_again(state, false);
}

/* --- conflicts --- */

typedef struct crossed {
    int left; /* so many runs meet another transaction */
} crossed;

/* Says what a rule says whose store failed; and asks the store something more, which forgets the fault. */
static bool append_unless_crossed(void *context, gx_txn *txn)
{
    crossed *self = context;
    if (!append(txn, ADA))
        return false;
    if (self->left == 0)
        return true;
    self->left--;
    gx_database_fail(txn->database, GX_FAULT_CONFLICT, "deadlock detected");
    gx_query(txn->database, "SELECT 1");
    return false;
}

static void a_job_that_met_another_transaction_runs_again(void **state)
{
    store_fixture *f = *state;
    crossed twice = {.left = 2};
    test_job job;
    fixture_start(f, &(gx_lanes_options){0});
    job_make(&job, append_unless_crossed, &twice);
    assert_true(gx_lanes_write(f->lanes, &job.job));
    assert_int_equal(job_wait(&job), GX_JOB_KEPT);
    assert_int_equal(job.runs, 3);
    assert_int_equal(fixture_number(f, "SELECT COUNT(*) FROM events"), 1);
    assert_int_equal(gx_counted(&gx_lanes_stats(f->lanes)->crossed), 2);
    assert_int_equal(gx_counted(&gx_lanes_stats(f->lanes)->lost), 0);
}

static void a_conflict_in_a_batch_hurts_no_neighbour(void **state)
{
    store_fixture *f = *state;
    crossed once = {.left = 1};
    test_job jobs[3];
    fixture_start(f, &(gx_lanes_options){0});
    job_make(&jobs[0], append_one, BOB);
    job_make(&jobs[1], append_unless_crossed, &once);
    job_make(&jobs[2], append_one, ADA);
    run_together(f, jobs, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(jobs[i].end, GX_JOB_KEPT);
    assert_int_equal(fixture_number(f, "SELECT COUNT(*) FROM events"), 3);
}

/* What the server's log says while the job runs, and how the job ends. */
static gx_job_end run_and_listen(store_fixture *f, crossed *context, char *said, size_t size)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    gx_logger logger = {.fd = ends[1], .least = GX_LEVEL_INFO};
    fixture_start(f, &(gx_lanes_options){.logger = &logger});
    gx_job_end end = run_write(f, append_unless_crossed, context);
    assert_int_equal(run_write(f, append_one, ADA), GX_JOB_KEPT);
    fixture_stop(f);
    close(ends[1]);
    ssize_t length = read(ends[0], said, size - 1);
    said[length > 0 ? length : 0] = '\0';
    close(ends[0]);
    return end;
}

static void a_job_that_others_are_always_in_the_way_of_is_lost_in_the_end(void **state)
{
    store_fixture *f = *state;
    crossed always = {.left = 1000};
    char said[512];
    assert_int_equal(run_and_listen(f, &always, said, sizeof said), GX_JOB_LOST);
    assert_non_null(strstr(said, "level=error"));
    assert_non_null(strstr(said, "a job was given up after 9 runs"));
    assert_null(strstr(said, "was lost"));
    assert_int_equal(fixture_number(f, "SELECT COUNT(*) FROM events"), 1);
}

static void a_conflict_that_is_overcome_is_no_error(void **state)
{
    store_fixture *f = *state;
    crossed often = {.left = 8};
    char said[512];
    assert_int_equal(run_and_listen(f, &often, said, sizeof said), GX_JOB_KEPT);
    assert_string_equal(said, "");
    assert_int_equal(fixture_number(f, "SELECT COUNT(*) FROM events"), 2);
}

#define ON_A_STORE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_STORE(jobs_whose_commit_arrived_without_an_answer_happen_once),
        ON_A_STORE(jobs_whose_commit_did_not_arrive_are_lost_and_left_to_the_client),
        ON_A_STORE(a_job_that_met_another_transaction_runs_again),
        ON_A_STORE(a_conflict_in_a_batch_hurts_no_neighbour),
        ON_A_STORE(a_job_that_others_are_always_in_the_way_of_is_lost_in_the_end),
        ON_A_STORE(a_conflict_that_is_overcome_is_no_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
