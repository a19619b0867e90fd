#include "store/fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/schema.h"

#define DEADLINE_SECONDS 120 /* for machines that hang */

gx_database *open_or_fail(const char *location, bool read_only)
{
    gx_error error = {""};
    gx_database *database = gx_database_open(location, read_only, &error);
    if (database == NULL)
        fail_msg("%s", error.message);
    return database;
}

void add_developer(gx_database *database, const char *id)
{
    gx_statement *statement = gx_query(database, "INSERT INTO developers (id, name, mode, created_at) "
                                                 "VALUES ($1, 'name', 'sandbox', 0)");
    gx_bind_text(statement, 1, id);
    assert_true(gx_statement_run(statement));
}

int fixture_setup(void **state)
{
    store_fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    store_place_make(&f->place);
    f->location = f->place.location;

    gx_error error = {""};
    gx_database *database = open_or_fail(f->location, false);
    if (gx_schema_migrate(database, &error) != 0)
        fail_msg("%s", error.message);
    add_developer(database, ADA);
    add_developer(database, BOB);
    gx_database_close(database);
    *state = f;
    return 0;
}

int fixture_teardown(void **state)
{
    store_fixture *f = *state;
    fixture_stop(f);
    store_place_remove(&f->place);
    free(f);
    return 0;
}

void fixture_start(store_fixture *f, const gx_lanes_options *options)
{
    gx_error error = {""};
    gx_lanes_options located = *options;
    located.location = f->location;
    f->lanes = gx_lanes_start(&located, &error);
    if (f->lanes == NULL)
        fail_msg("%s", error.message);
}

void fixture_stop(store_fixture *f)
{
    if (f->lanes != NULL)
        gx_lanes_stop(f->lanes);
    gx_lanes_free(f->lanes);
    f->lanes = NULL;
}

int64_t number_from(gx_database *database, const char *sql)
{
    gx_statement *statement = gx_query(database, sql);
    assert_int_equal(gx_statement_step(statement), GX_STEP_ROW);
    int64_t number = gx_column_int(statement, 0);
    gx_statement_reset(statement);
    return number;
}

int64_t fixture_number(const store_fixture *f, const char *sql)
{
    gx_database *database = open_or_fail(f->location, true);
    int64_t number = number_from(database, sql);
    gx_database_close(database);
    return number;
}

void wait_for(sem_t *semaphore)
{
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += DEADLINE_SECONDS;
    while (sem_timedwait(semaphore, &deadline) != 0) {
        if (errno != EINTR)
            fail_msg("nothing came within %d seconds", DEADLINE_SECONDS);
    }
}

static bool run(gx_job *job, gx_txn *txn)
{
    test_job *self = (test_job *)job;
    self->runs++;
    return self->act(self->context, txn);
}

static void finish(gx_job *job, gx_job_end end)
{
    test_job *self = (test_job *)job;
    self->end = end;
    sem_post(&self->done);
}

void job_make(test_job *job, bool (*act)(void *context, gx_txn *txn), void *context)
{
    *job = (test_job){.job = {.run = run, .finish = finish}, .act = act, .context = context};
    sem_init(&job->done, 0, 0);
}

gx_job_end job_wait(test_job *job)
{
    wait_for(&job->done);
    sem_destroy(&job->done);
    return job->end;
}

gx_job_end run_write(store_fixture *f, bool (*act)(void *context, gx_txn *txn), void *context)
{
    return run_write_as(f, 0, act, context);
}

gx_job_end run_write_as(store_fixture *f, uint64_t lane_key, bool (*act)(void *context, gx_txn *txn), void *context)
{
    test_job job;
    job_make(&job, act, context);
    job.job.lane_key = lane_key;
    assert_true(gx_lanes_write(f->lanes, &job.job));
    return job_wait(&job);
}

gx_job_end run_read(store_fixture *f, bool (*act)(void *context, gx_txn *txn), void *context)
{
    test_job job;
    job_make(&job, act, context);
    assert_true(gx_lanes_read(f->lanes, &job.job));
    return job_wait(&job);
}

static bool stand_in_the_gate(void *context, gx_txn *txn)
{
    (void)txn;
    lane_gate *self = context;
    sem_post(&self->entered);
    while (sem_wait(&self->opened) != 0)
        ;
    return true;
}

void gate_close(lane_gate *gate, store_fixture *f)
{
    sem_init(&gate->entered, 0, 0);
    sem_init(&gate->opened, 0, 0);
    job_make(&gate->job, stand_in_the_gate, gate);
    assert_true(gx_lanes_write(f->lanes, &gate->job.job));
    wait_for(&gate->entered);
}

void gate_open(lane_gate *gate)
{
    sem_post(&gate->opened);
    assert_int_equal(job_wait(&gate->job), GX_JOB_KEPT);
    sem_destroy(&gate->entered);
    sem_destroy(&gate->opened);
}

typedef struct log_check {
    gx_log_position last;
} log_check;

static bool check_order(void *context, const gx_logged_event *event)
{
    gx_log_position *last = &((log_check *)context)->last;
    assert_int_equal(event->seq, last->seq + 1);
    assert_true(event->timestamp_ms >= last->timestamp_ms);
    assert_true(gx_event_id_valid(event->id));
    assert_true(memcmp(event->id.ptr, last->id, event->id.len) > 0);
    last->seq = event->seq;
    last->timestamp_ms = event->timestamp_ms;
    memcpy(last->id, event->id.ptr, event->id.len + 1);
    return true;
}

void assert_log_whole(gx_database *database, const char *developer_id)
{
    log_check check = {.last = {0}};
    gx_log_position head;
    assert_true(gx_log_read(database, developer_id, 0, INT64_MAX, check_order, &check) >= 0);
    assert_int_equal(gx_log_head(database, developer_id, &head), GX_LOG_FOUND);
    assert_int_equal(head.seq, check.last.seq);
    assert_string_equal(head.id, check.last.id);
    assert_int_equal(head.timestamp_ms, check.last.timestamp_ms);
}
