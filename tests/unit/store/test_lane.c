#include "store/fixture.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/driver.h"

/* --- jobs --- */

static bool append_for(const char *developer_id, gx_txn *txn)
{
    return gx_log_append(txn, developer_id, GX_EVENT_TOKEN_ISSUED, GX_SPAN("{}"));
}

static bool keep_one(void *context, gx_txn *txn)
{
    return append_for(context, txn);
}

static bool refuse_after_two(void *context, gx_txn *txn)
{
    append_for(ADA, txn);
    append_for(BOB, txn);
    (void)context;
    return false;
}

static bool break_the_transaction(void *context, gx_txn *txn)
{
    append_for(ADA, txn);
    (void)context;
    gx_statement_run(gx_query(txn->database, "ROLLBACK"));
    return true;
}

/* As a store that has no room ends a transaction by itself. */
static bool find_no_room(void *context, gx_txn *txn)
{
    break_the_transaction(context, txn);
    return gx_database_fail(txn->database, GX_FAULT_FULL, "database or disk is full");
}

static bool do_nothing(void *context, gx_txn *txn)
{
    (void)context;
    (void)txn;
    return true;
}

/* --- what was committed, as the lane told it --- */

typedef struct witness {
    pthread_mutex_t mutex;
    size_t calls, count;
    char told[4096]; /* "A1 A2 B1 | A3 | " */
} witness;

static void remember(void *context, const gx_logged_event *events, size_t count)
{
    witness *w = context;
    pthread_mutex_lock(&w->mutex);
    w->calls++;
    w->count += count;
    for (size_t i = 0; i < count; i++) {
        size_t used = strlen(w->told);
        snprintf(w->told + used, sizeof w->told - used, "%c%d ", events[i].developer_id[6], (int)events[i].seq);
    }
    if (strlen(w->told) < sizeof w->told - 3)
        strcat(w->told, "| ");
    pthread_mutex_unlock(&w->mutex);
}

static void start_with(store_fixture *f, witness *w)
{
    *w = (witness){.mutex = PTHREAD_MUTEX_INITIALIZER};
    fixture_start(f, &(gx_lanes_options){.committed = remember, .context = w});
}

/* Posts the jobs so that they share one batch. */
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

static void assert_logs_whole(store_fixture *f)
{
    gx_database *database = open_or_fail(f->location, true);
    assert_log_whole(database, ADA);
    assert_log_whole(database, BOB);
    gx_database_close(database);
}

/* --- tests --- */

static void jobs_that_wait_share_one_commit(void **state)
{
    store_fixture *f = *state;
    witness w;
    test_job jobs[3];
    start_with(f, &w);
    job_make(&jobs[0], keep_one, ADA);
    job_make(&jobs[1], keep_one, BOB);
    job_make(&jobs[2], keep_one, ADA);
    run_together(f, jobs, 3);
    assert_string_equal(w.told, "A1 B1 A2 | ");
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(jobs[i].end, GX_JOB_KEPT);
    assert_logs_whole(f);
}

static void a_refused_job_leaves_nothing_and_its_neighbours_stay(void **state)
{
    store_fixture *f = *state;
    witness w;
    test_job jobs[5];
    start_with(f, &w);
    job_make(&jobs[0], refuse_after_two, NULL);
    job_make(&jobs[1], keep_one, ADA);
    job_make(&jobs[2], refuse_after_two, NULL);
    job_make(&jobs[3], keep_one, ADA);
    job_make(&jobs[4], keep_one, BOB);
    run_together(f, jobs, 5);
    assert_string_equal(w.told, "A1 A2 B1 | ");
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(jobs[i].end, i == 0 || i == 2 ? GX_JOB_REFUSED : GX_JOB_KEPT);
        assert_int_equal(jobs[i].runs, 1);
    }
    assert_logs_whole(f);
    assert_int_equal(fixture_number(f, "SELECT COUNT(*) FROM events"), 3);
}

static void a_job_refused_alone_leaves_nothing_and_tells_nothing(void **state)
{
    store_fixture *f = *state;
    witness w;
    start_with(f, &w);
    assert_int_equal(run_write(f, refuse_after_two, NULL), GX_JOB_REFUSED);
    assert_int_equal(run_write(f, do_nothing, NULL), GX_JOB_KEPT);
    assert_string_equal(w.told, "");
    assert_int_equal(run_write(f, keep_one, BOB), GX_JOB_KEPT);
    assert_string_equal(w.told, "B1 | ");
    assert_logs_whole(f);
}

static void only_refused_jobs_in_a_batch_leave_nothing(void **state)
{
    store_fixture *f = *state;
    witness w;
    test_job jobs[2];
    start_with(f, &w);
    job_make(&jobs[0], refuse_after_two, NULL);
    job_make(&jobs[1], refuse_after_two, NULL);
    run_together(f, jobs, 2);
    assert_int_equal(jobs[0].end, GX_JOB_REFUSED);
    assert_int_equal(jobs[1].end, GX_JOB_REFUSED);
    assert_int_equal(fixture_number(f, "SELECT COUNT(*) FROM events"), 0);
    assert_int_equal(w.calls, 0);
}

static void a_job_that_breaks_the_transaction_hurts_only_itself(void **state)
{
    store_fixture *f = *state;
    witness w;
    test_job jobs[4];
    start_with(f, &w);
    job_make(&jobs[0], keep_one, ADA);
    job_make(&jobs[1], break_the_transaction, NULL);
    job_make(&jobs[2], refuse_after_two, NULL);
    job_make(&jobs[3], keep_one, ADA);
    run_together(f, jobs, 4);
    assert_int_equal(jobs[0].end, GX_JOB_KEPT);
    assert_int_equal(jobs[1].end, GX_JOB_LOST);
    assert_int_equal(jobs[2].end, GX_JOB_REFUSED);
    assert_int_equal(jobs[3].end, GX_JOB_KEPT);
    assert_int_equal(jobs[0].runs, 2); /* its first run went down with the transaction */
    assert_string_equal(w.told, "A1 | A2 | ");
    assert_logs_whole(f);
}

static void a_job_that_there_is_no_room_for_leaves_nothing_and_hurts_only_itself(void **state)
{
    store_fixture *f = *state;
    witness w;
    test_job jobs[3];
    start_with(f, &w);
    job_make(&jobs[0], keep_one, ADA);
    job_make(&jobs[1], find_no_room, NULL);
    job_make(&jobs[2], keep_one, ADA);
    run_together(f, jobs, 3);
    assert_int_equal(jobs[0].end, GX_JOB_KEPT);
    assert_int_equal(jobs[1].end, GX_JOB_FULL);
    assert_int_equal(jobs[2].end, GX_JOB_KEPT);
    assert_string_equal(w.told, "A1 | A2 | ");
    assert_logs_whole(f);
}

static void the_store_is_full_from_a_transaction_without_room_to_the_next_that_is_kept(void **state)
{
    store_fixture *f = *state;
    fixture_start(f, &(gx_lanes_options){0});
    assert_false(gx_lanes_full(f->lanes));
    assert_int_equal(run_write(f, find_no_room, NULL), GX_JOB_FULL);
    assert_true(gx_lanes_full(f->lanes));
    assert_int_equal(run_write(f, do_nothing, NULL), GX_JOB_KEPT);
    assert_false(gx_lanes_full(f->lanes));
}

static void a_lost_transaction_is_written_to_the_log_of_the_server(void **state)
{
    store_fixture *f = *state;
    int ends[2];
    char said[512] = "";
    assert_int_equal(pipe(ends), 0);
    gx_logger logger = {.fd = ends[1]};
    fixture_start(f, &(gx_lanes_options){.logger = &logger});
    assert_int_equal(run_write(f, break_the_transaction, NULL), GX_JOB_LOST);
    fixture_stop(f);
    close(ends[1]);
    assert_true(read(ends[0], said, sizeof said - 1) > 0);
    close(ends[0]);
    assert_non_null(strstr(said, "a transaction of 1 jobs was lost"));
}

typedef struct order {
    test_job job;
    int *next, was;
} order;

static void note_order(gx_job *job, gx_job_end end)
{
    order *self = (order *)job;
    self->was = (*self->next)++;
    self->job.end = end;
    sem_post(&self->job.done);
}

static void jobs_finish_in_the_order_of_posting_also_when_they_ran_one_by_one(void **state)
{
    store_fixture *f = *state;
    fixture_start(f, &(gx_lanes_options){0});
    for (int broken = 0; broken < 2; broken++) {
        order jobs[20];
        int next = 0;
        lane_gate gate;
        gate_close(&gate, f);
        for (int i = 0; i < 20; i++) {
            job_make(&jobs[i].job, broken && i == 7 ? break_the_transaction : i % 3 ? keep_one : refuse_after_two, ADA);
            jobs[i].job.job.finish = note_order;
            jobs[i].next = &next;
            assert_true(gx_lanes_write(f->lanes, &jobs[i].job.job));
        }
        gate_open(&gate);
        for (int i = 0; i < 20; i++) {
            job_wait(&jobs[i].job);
            assert_int_equal(jobs[i].was, i);
        }
    }
    assert_logs_whole(f);
}

/* All keys of one lane, whether the store has one or four. */
static void jobs_of_one_commit_run_in_the_order_of_their_keys(void **state)
{
    static const uint64_t KEYS[] = {8, 4, 8, 4, 12, 4};
    static const int PLACES[] = {3, 0, 4, 1, 5, 2};
    store_fixture *f = *state;
    order jobs[6];
    int next = 0;
    lane_gate gate;
    fixture_start(f, &(gx_lanes_options){0});
    gate_close(&gate, f);
    for (int i = 0; i < 6; i++) {
        job_make(&jobs[i].job, keep_one, ADA);
        jobs[i].job.job.finish = note_order;
        jobs[i].job.job.lane_key = KEYS[i];
        jobs[i].next = &next;
        assert_true(gx_lanes_write(f->lanes, &jobs[i].job.job));
    }
    gate_open(&gate);
    for (int i = 0; i < 6; i++) {
        job_wait(&jobs[i].job);
        assert_int_equal(jobs[i].was, PLACES[i]);
    }
}

static void a_job_that_shares_with_nobody_has_a_commit_of_its_own_behind_the_others(void **state)
{
    store_fixture *f = *state;
    witness w;
    test_job jobs[4];
    start_with(f, &w);
    for (int i = 0; i < 4; i++)
        job_make(&jobs[i], keep_one, i % 2 == 0 ? BOB : ADA);
    jobs[0].job.alone = jobs[2].job.alone = true;
    run_together(f, jobs, 4);
    assert_string_equal(w.told, "A1 A2 | B1 | B2 | ");
}

/* --- two programs on one store --- */

enum { CROSSINGS = 150 };

typedef struct crossing_poster {
    gx_lanes *lanes;
    bool backwards;
    int lost;
} crossing_poster;

/* Batches in which each developer has his own key, posted in opposite orders. */
static void *post_crossing(void *argument)
{
    crossing_poster *p = argument;
    for (int round = 0; round < CROSSINGS; round++) {
        test_job jobs[8];
        for (int i = 0; i < 8; i++) {
            bool ada = (i % 2 == 0) != p->backwards;
            job_make(&jobs[i], keep_one, ada ? ADA : BOB);
            jobs[i].job.lane_key = ada ? 4 : 8;
            p->lost += !gx_lanes_write(p->lanes, &jobs[i].job);
        }
        for (int i = 0; i < 8; i++)
            p->lost += job_wait(&jobs[i]) != GX_JOB_KEPT;
    }
    return NULL;
}

static void batches_of_two_programs_do_not_deadlock(void **state)
{
    store_fixture *f = *state;
    gx_error error = {""};
    pthread_t threads[2];
    crossing_poster posters[2];
    for (int i = 0; i < 2; i++) {
        posters[i] = (crossing_poster){.backwards = i == 1};
        posters[i].lanes = gx_lanes_start(&(gx_lanes_options){.location = f->location}, &error);
        assert_non_null(posters[i].lanes);
    }
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, post_crossing, &posters[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(posters[i].lost, 0);
        assert_int_equal(gx_counted(&gx_lanes_stats(posters[i].lanes)->crossed), 0);
        gx_lanes_stop(posters[i].lanes);
        gx_lanes_free(posters[i].lanes);
    }
    assert_logs_whole(f);
    assert_int_equal(fixture_number(f, "SELECT COUNT(*) FROM events"), 2 * CROSSINGS * 8);
}

static void a_commit_takes_no_more_jobs_than_it_may(void **state)
{
    store_fixture *f = *state;
    witness w = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    test_job jobs[7];
    fixture_start(f, &(gx_lanes_options){.committed = remember, .context = &w, .most_per_commit = 3});
    for (size_t i = 0; i < 7; i++)
        job_make(&jobs[i], keep_one, ADA);
    run_together(f, jobs, 7);
    assert_string_equal(w.told, "A1 A2 A3 | A4 A5 A6 | A7 | ");
}

static void a_job_too_many_is_turned_away_and_reads_do_not_wait_behind_writes(void **state)
{
    store_fixture *f = *state;
    lane_gate gate;
    test_job jobs[3];
    fixture_start(f, &(gx_lanes_options){.most_waiting = 2});
    gate_close(&gate, f);
    for (size_t i = 0; i < 3; i++) {
        job_make(&jobs[i], keep_one, ADA);
        assert_int_equal(gx_lanes_write(f->lanes, &jobs[i].job), i < 2);
    }
    assert_int_equal(run_read(f, do_nothing, NULL), GX_JOB_KEPT);
    gate_open(&gate);
    job_wait(&jobs[0]);
    job_wait(&jobs[1]);
    sem_destroy(&jobs[2].done);
    assert_int_equal(fixture_number(f, "SELECT COUNT(*) FROM events"), 2);
}

static void stopping_runs_what_still_waits(void **state)
{
    store_fixture *f = *state;
    enum { MANY = 500 };
    test_job *jobs = calloc(MANY, sizeof *jobs);
    fixture_start(f, &(gx_lanes_options){0});
    for (size_t i = 0; i < MANY; i++) {
        job_make(&jobs[i], keep_one, i % 2 ? ADA : BOB);
        assert_true(gx_lanes_write(f->lanes, &jobs[i].job));
    }
    fixture_stop(f);
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(job_wait(&jobs[i]), GX_JOB_KEPT);
    free(jobs);
    assert_logs_whole(f);
    assert_int_equal(fixture_number(f, "SELECT COUNT(*) FROM events"), MANY);
}

static bool read_may_not_write(void *context, gx_txn *txn)
{
    *(bool *)context = append_for(ADA, txn);
    return !gx_statement_run(gx_query(txn->database, "DELETE FROM developers"));
}

static void a_job_in_a_read_lane_cannot_write(void **state)
{
    store_fixture *f = *state;
    bool appended = true;
    fixture_start(f, &(gx_lanes_options){0});
    assert_int_equal(run_read(f, read_may_not_write, &appended), GX_JOB_KEPT);
    assert_false(appended);
    assert_int_equal(fixture_number(f, "SELECT COUNT(*) FROM developers"), 2);
}

static bool insert_twice(void *context, gx_txn *txn)
{
    gx_database_fault *fault = context;
    append_for(ADA, txn);
    for (int i = 0; i < 2; i++) {
        gx_statement *statement = gx_query(
            txn->database, "INSERT INTO budget_crossings (budget_id, percentage, crossed_at) VALUES ('b', 50, 0)");
        if (!gx_statement_run(statement)) {
            *fault = gx_database_fault_of(txn->database);
            return false;
        }
    }
    return true;
}

static void a_unique_key_that_says_no_refuses_its_job_only(void **state)
{
    store_fixture *f = *state;
    test_job jobs[3];
    gx_database_fault fault = GX_FAULT_NONE;
    fixture_start(f, &(gx_lanes_options){0});
    job_make(&jobs[0], keep_one, ADA);
    job_make(&jobs[1], insert_twice, &fault);
    job_make(&jobs[2], keep_one, ADA);
    run_together(f, jobs, 3);
    assert_int_equal(fault, GX_FAULT_UNIQUE);
    assert_int_equal(jobs[0].end, GX_JOB_KEPT);
    assert_int_equal(jobs[1].end, GX_JOB_REFUSED);
    assert_int_equal(jobs[2].end, GX_JOB_KEPT);
    assert_int_equal(fixture_number(f, "SELECT COUNT(*) FROM budget_crossings"), 0);
    assert_logs_whole(f);
}

/* --- no room --- */

static bool set_most_pages(void *context, gx_txn *txn)
{
    return gx_statement_run(gx_query(txn->database, context));
}

static char large_text[200000];

static bool append_large(void *context, gx_txn *txn)
{
    gx_database_fault *fault = context;
    bool appended = gx_log_append(txn, BOB, GX_EVENT_GRANT_CREATED, (gx_span){large_text, sizeof large_text});
    if (!appended)
        *fault = gx_database_fault_of(txn->database);
    return appended;
}

static void a_full_store_loses_no_neighbour_and_takes_more_when_there_is_room(void **state)
{
    store_fixture *f = *state;
    test_job jobs[3];
    gx_database_fault fault = GX_FAULT_NONE;
    memset(large_text, ' ', sizeof large_text);
    fixture_start(f, &(gx_lanes_options){0});
    assert_int_equal(run_write(f, keep_one, ADA), GX_JOB_KEPT);
    assert_int_equal(run_write(f, set_most_pages, "PRAGMA max_page_count=1"), GX_JOB_KEPT);
    job_make(&jobs[0], keep_one, ADA);
    job_make(&jobs[1], append_large, &fault);
    job_make(&jobs[2], keep_one, ADA);
    run_together(f, jobs, 3);
    assert_int_equal(fault, GX_FAULT_FULL);
    assert_int_equal(jobs[0].end, GX_JOB_KEPT);
    assert_true(jobs[1].end == GX_JOB_REFUSED || jobs[1].end == GX_JOB_FULL);
    assert_int_equal(jobs[2].end, GX_JOB_KEPT);
    assert_int_equal(run_write(f, set_most_pages, "PRAGMA max_page_count=1000000"), GX_JOB_KEPT);
    assert_int_equal(run_write(f, append_large, &fault), GX_JOB_KEPT);
    assert_logs_whole(f);
    assert_int_equal(fixture_number(f, "SELECT COUNT(*) FROM events"), 4);
}

static void limit_file_size(rlim_t most)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = most;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static off_t wal_size(const store_fixture *f)
{
    char path[128];
    struct stat status;
    snprintf(path, sizeof path, "%s-wal", f->location);
    assert_int_equal(stat(path, &status), 0);
    return status.st_size;
}

static void a_commit_that_cannot_be_written_loses_its_jobs_and_the_next_one_is_kept(void **state)
{
    store_fixture *f = *state;
    test_job jobs[4];
    witness w;
    signal(SIGXFSZ, SIG_IGN);
    start_with(f, &w);
    assert_int_equal(run_write(f, keep_one, ADA), GX_JOB_KEPT);
    for (size_t i = 0; i < 4; i++)
        job_make(&jobs[i], keep_one, i % 2 ? ADA : BOB);
    limit_file_size((rlim_t)wal_size(f) + 100);
    run_together(f, jobs, 4);
    limit_file_size(RLIM_INFINITY);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(jobs[i].end, GX_JOB_LOST);
        assert_int_equal(jobs[i].runs, 2);
    }
    assert_string_equal(w.told, "A1 | ");
    assert_int_equal(run_write(f, keep_one, ADA), GX_JOB_KEPT);
    assert_int_equal(run_write(f, keep_one, BOB), GX_JOB_KEPT);
    assert_string_equal(w.told, "A1 | A2 | B1 | ");
    assert_logs_whole(f);
}

/* --- many threads, and one who follows --- */

enum { THREADS = 16, JOBS_EACH = 100 };

typedef struct poster {
    store_fixture *f;
    int number;
    int kept;
} poster;

static bool write_something(void *context, gx_txn *txn)
{
    poster *p = context;
    const char *developer = p->number % 2 ? ADA : BOB;
    char payload[32];
    int length = snprintf(payload, sizeof payload, "{\"n\":%d}", p->kept);
    return gx_log_append(txn, developer, GX_EVENT_GRANT_CREATED, (gx_span){payload, (size_t)length}) &&
           p->number % 5 != 0 && append_for(ADA, txn);
}

static void *post_many(void *argument)
{
    poster *p = argument;
    for (int i = 0; i < JOBS_EACH; i++)
        p->kept += run_write_as(p->f, (uint64_t)p->number, write_something, p) == GX_JOB_KEPT;
    return NULL;
}

typedef struct log_follower {
    gx_log_position last;
    bool whole; /* no hole, nothing out of order; asserted on the test's own thread */
} log_follower;

static bool follow_one(void *context, const gx_logged_event *event)
{
    log_follower *self = context;
    self->whole = self->whole && event->seq == self->last.seq + 1 && event->timestamp_ms >= self->last.timestamp_ms &&
                  strcmp(event->id.ptr, self->last.id) > 0;
    self->last = (gx_log_position){.seq = event->seq, .timestamp_ms = event->timestamp_ms};
    memcpy(self->last.id, event->id.ptr, GX_EVENT_ID_SIZE);
    return true;
}

static bool follow(void *context, gx_txn *txn)
{
    log_follower *self = context;
    return gx_log_read(txn->database, ADA, self->last.seq, 100, follow_one, self) >= 0;
}

static void many_threads_make_one_log_and_a_reader_finds_no_hole_at_any_moment(void **state)
{
    store_fixture *f = *state;
    witness w;
    pthread_t threads[THREADS];
    poster posters[THREADS];
    log_follower follower = {.whole = true};
    start_with(f, &w);
    for (int i = 0; i < THREADS; i++) {
        posters[i] = (poster){.f = f, .number = i};
        assert_int_equal(pthread_create(&threads[i], NULL, post_many, &posters[i]), 0);
    }
    /* Each kept job appends one event for ADA, those of odd threads one more; every fifth thread is refused. */
    int64_t expected = 0;
    for (int i = 0; i < THREADS; i++)
        expected += i % 5 == 0 ? 0 : i % 2 ? 2 * JOBS_EACH : JOBS_EACH;
    int64_t deadline = gx_clock_monotonic_ms() + 240000;
    while (follower.whole && follower.last.seq < expected && gx_clock_monotonic_ms() < deadline)
        assert_int_equal(run_read(f, follow, &follower), GX_JOB_KEPT);
    assert_true(follower.whole);
    int kept = 0;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        kept += posters[i].kept;
    }
    assert_int_equal(kept, (THREADS - 4) * JOBS_EACH);
    assert_int_equal(follower.last.seq, expected);
    assert_int_equal(w.count, 2 * (size_t)kept);
    assert_logs_whole(f);
}

static void lanes_that_cannot_start_say_why(void **state)
{
    store_fixture *f = *state;
    (void)f;
    gx_error error = {""};
    assert_null(gx_lanes_start(&(gx_lanes_options){.location = "/no/such/folder/store.db"}, &error));
    assert_non_null(strstr(error.message, "/no/such/folder/store.db"));
    assert_null(gx_lanes_start(&(gx_lanes_options){.location = ":memory:"}, &error));
    gx_lanes_free(NULL);
}

static bool think_until_told(void *context, gx_txn *txn)
{
    (void)txn;
    while (sem_wait(context) != 0)
        ;
    return true;
}

static void nothing_else_waits_behind_what_prepares(void **state)
{
    enum { THINKERS = 8 };
    store_fixture *f = *state;
    fixture_start(f, &(gx_lanes_options){.readers = 1, .preparers = 1});
    sem_t told;
    test_job thinkers[THINKERS];
    sem_init(&told, 0, 0);
    for (int i = 0; i < THINKERS; i++) {
        job_make(&thinkers[i], think_until_told, &told);
        assert_true(gx_lanes_prepare(f->lanes, &thinkers[i].job));
    }
    sem_t at_once;
    sem_init(&at_once, 0, 1);
    assert_int_equal(run_read(f, think_until_told, &at_once), GX_JOB_KEPT);
    sem_post(&at_once);
    assert_int_equal(run_write(f, think_until_told, &at_once), GX_JOB_KEPT);
    for (int i = 0; i < THINKERS; i++)
        sem_post(&told);
    for (int i = 0; i < THINKERS; i++)
        assert_int_equal(job_wait(&thinkers[i]), GX_JOB_KEPT);
    sem_destroy(&told);
    sem_destroy(&at_once);
}

static void a_job_that_comes_after_the_end_is_refused(void **state)
{
    store_fixture *f = *state;
    fixture_start(f, &(gx_lanes_options){0});
    gx_lanes_stop(f->lanes);
    gx_job late = {0}; /* never run: it may be empty */
    assert_false(gx_lanes_write(f->lanes, &late));
    assert_false(gx_lanes_read(f->lanes, &late));
    assert_false(gx_lanes_prepare(f->lanes, &late));
    gx_lanes_free(f->lanes);
    f->lanes = NULL;
}

#define ON_A_STORE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_STORE(jobs_that_wait_share_one_commit),
        ON_A_STORE(a_refused_job_leaves_nothing_and_its_neighbours_stay),
        ON_A_STORE(a_job_refused_alone_leaves_nothing_and_tells_nothing),
        ON_A_STORE(only_refused_jobs_in_a_batch_leave_nothing),
        ON_A_STORE(a_job_that_breaks_the_transaction_hurts_only_itself),
        ON_A_STORE(a_job_that_there_is_no_room_for_leaves_nothing_and_hurts_only_itself),
        ON_A_STORE(the_store_is_full_from_a_transaction_without_room_to_the_next_that_is_kept),
        ON_A_STORE(a_lost_transaction_is_written_to_the_log_of_the_server),
        ON_A_STORE(jobs_finish_in_the_order_of_posting_also_when_they_ran_one_by_one),
        ON_A_STORE(jobs_of_one_commit_run_in_the_order_of_their_keys),
        ON_A_STORE(a_job_that_shares_with_nobody_has_a_commit_of_its_own_behind_the_others),
        ON_A_STORE(batches_of_two_programs_do_not_deadlock),
        ON_A_STORE(a_commit_takes_no_more_jobs_than_it_may),
        ON_A_STORE(a_job_too_many_is_turned_away_and_reads_do_not_wait_behind_writes),
        ON_A_STORE(stopping_runs_what_still_waits),
        ON_A_STORE(a_job_in_a_read_lane_cannot_write),
        ON_A_STORE(a_unique_key_that_says_no_refuses_its_job_only),
        ON_A_STORE(many_threads_make_one_log_and_a_reader_finds_no_hole_at_any_moment),
        ON_A_STORE(lanes_that_cannot_start_say_why),
        ON_A_STORE(nothing_else_waits_behind_what_prepares),
        ON_A_STORE(a_job_that_comes_after_the_end_is_refused),
    };
    const struct CMUnitTest tests_of_files[] = {
        ON_A_STORE(a_full_store_loses_no_neighbour_and_takes_more_when_there_is_room),
        ON_A_STORE(a_commit_that_cannot_be_written_loses_its_jobs_and_the_next_one_is_kept),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return store_place_on_postgres() ? failed : failed + cmocka_run_group_tests(tests_of_files, NULL, NULL);
}
