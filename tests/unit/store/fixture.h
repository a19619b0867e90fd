/* A real store in a place of its own, with two developers, and lanes to run functions in. */
#ifndef GX_TESTS_STORE_FIXTURE_H
#define GX_TESTS_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <semaphore.h>

#include "store/lane.h"
#include "support/store_place.h"

#define ADA "dev_01ADA"
#define BOB "dev_01BOB"

typedef struct store_fixture {
    store_place place;
    const char *location; /* place.location */
    gx_lanes *lanes;
} store_fixture;

/* cmocka setup and teardown: *state is a store_fixture with a migrated store, no lanes yet. Teardown stops them. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

void fixture_start(store_fixture *f, const gx_lanes_options *options); /* the location is filled in */
void fixture_stop(store_fixture *f);

gx_database *open_or_fail(const char *location, bool read_only);
void add_developer(gx_database *database, const char *id);

/* The single number that `sql` gives. */
int64_t number_from(gx_database *database, const char *sql);
/* The same, through a connection of its own. */
int64_t fixture_number(const store_fixture *f, const char *sql);

/* A job that runs a function and can be waited for. */
typedef struct test_job {
    gx_job job;
    bool (*act)(void *context, gx_txn *txn);
    void *context;
    int runs; /* how often it was run */
    gx_job_end end;
    sem_t done;
} test_job;

void job_make(test_job *job, bool (*act)(void *context, gx_txn *txn), void *context);
gx_job_end job_wait(test_job *job); /* fails the test after ten seconds */

gx_job_end run_write(store_fixture *f, bool (*act)(void *context, gx_txn *txn), void *context);
gx_job_end run_write_as(store_fixture *f, uint64_t lane_key, bool (*act)(void *context, gx_txn *txn), void *context);
gx_job_end run_read(store_fixture *f, bool (*act)(void *context, gx_txn *txn), void *context);

/* Keeps the write lane inside a job until it is opened, so that what is posted meanwhile becomes one batch. */
typedef struct lane_gate {
    test_job job;
    sem_t entered, opened;
} lane_gate;

void gate_close(lane_gate *gate, store_fixture *f); /* returns when the lane stands inside */
void gate_open(lane_gate *gate);                    /* returns when the job is done */

/* Waits with a deadline. */
void wait_for(sem_t *semaphore);

/* Whether each developer's log is dense, ordered by id and time, and its head agrees. */
void assert_log_whole(gx_database *database, const char *developer_id);

#endif
