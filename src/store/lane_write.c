/* Group commit: the jobs that wait share one transaction, each under a savepoint of its own. */
#include "store/lane_write.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "store/log_batch.h"

/* Of one job, whose transaction others keep being in the way of. */
#define MOST_RUNS 9

/* How long the store's answer is waited for, which may itself wait for a lock, or for a replica. */
#define ANSWER_MS 20000

/* How long a commit waits for the jobs that are being prepared, and for how few of them it does not. */
#define REST_MS          2
#define FEW_PER_PREPARER 2

struct gx_writer {
    const gx_lanes_options *options;
    gx_database *database;
    gx_log_batch *log;
    gx_job **jobs;    /* the batch, in the order in which it runs */
    gx_job_end *ends; /* of the same jobs */
    gx_lane_stats *stats;
};

gx_writer *gx_writer_new(const gx_lanes_options *options, gx_lane_stats *stats, const gx_database *beside,
                         gx_error *error)
{
    gx_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL) {
        gx_error_set(error, "out of memory");
        return NULL;
    }
    writer->options = options;
    writer->stats = stats;
    writer->log = gx_log_batch_new();
    writer->jobs = calloc(options->most_per_commit, sizeof *writer->jobs);
    writer->ends = calloc(options->most_per_commit, sizeof *writer->ends);
    bool room = writer->log != NULL && writer->jobs != NULL && writer->ends != NULL;
    if (!room)
        gx_error_set(error, "out of memory");
    else
        writer->database = gx_database_open_beside(beside, options->location, false, error);
    if (writer->database != NULL && gx_database_limit_waits(writer->database, ANSWER_MS, error))
        return writer;
    gx_writer_free(writer);
    return NULL;
}

void gx_writer_free(gx_writer *writer)
{
    if (writer == NULL)
        return;
    gx_database_close(writer->database);
    gx_log_batch_free(writer->log);
    free(writer->jobs);
    free(writer->ends);
    free(writer);
}

void gx_writer_hurry(gx_writer *writer, int64_t until_ms)
{
    gx_database_hurry(writer->database, until_ms);
}

const gx_database *gx_writer_database(const gx_writer *writer)
{
    return writer->database;
}

int gx_writer_most(const gx_writer *writer)
{
    return gx_database_write_lanes(writer->database);
}

static bool found_no_room(gx_writer *writer)
{
    if (gx_database_fault_of(writer->database) != GX_FAULT_FULL)
        return false;
    atomic_store_explicit(&writer->stats->full_ms, gx_clock_monotonic_ms(), memory_order_relaxed);
    return true;
}

/* A job whose rule meets the full store says so itself, and may leave the transaction to the others. */
static bool run(gx_writer *writer, gx_job *job)
{
    gx_txn txn = {.database = writer->database, .now_ms = gx_clock_wall_ms(), .log = writer->log};
    bool keep = job->run(job, &txn);
    if (!keep)
        found_no_room(writer);
    return keep;
}

/* False when nothing that the transaction did can be kept. */
static bool still_good(const gx_writer *writer)
{
    return gx_database_in_transaction(writer->database) && !gx_database_conflicted(writer->database);
}

/* Runs a job between savepoint and release. False when the transaction did not survive it. */
static bool run_under_savepoint(gx_writer *writer, gx_job *job, gx_job_end *end)
{
    gx_log_mark mark = gx_log_batch_mark(writer->log);
    if (!gx_database_savepoint(writer->database))
        return false;
    bool keep = run(writer, job);
    if (!still_good(writer))
        return false; /* before another query forgets the fault that ended it */
    *end = keep ? GX_JOB_KEPT : GX_JOB_REFUSED;
    if (keep)
        return gx_database_release(writer->database);
    gx_log_batch_undo(writer->log, mark);
    return gx_database_rollback_to(writer->database);
}

/* The only job of its transaction needs no savepoint: refusing it leaves nothing to commit. */
static bool run_alone(gx_writer *writer, gx_job *job, gx_job_end *end)
{
    *end = run(writer, job) ? GX_JOB_KEPT : GX_JOB_REFUSED;
    return still_good(writer);
}

static bool run_all(gx_writer *writer, gx_job *const *jobs, gx_job_end *ends, size_t count)
{
    if (count == 1)
        return run_alone(writer, jobs[0], ends);
    for (size_t i = 0; i < count; i++) {
        if (!run_under_savepoint(writer, jobs[i], &ends[i]))
            return false;
    }
    return true;
}

static bool any_kept(const gx_job_end *ends, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (ends[i] == GX_JOB_KEPT)
            return true;
    }
    return false;
}

static gx_commit commit(gx_writer *writer, size_t jobs)
{
    if (!gx_log_batch_write_heads(writer->log, writer->database))
        return GX_COMMIT_NOT_DONE;
    int64_t began_us = gx_clock_monotonic_us();
    gx_commit kept = gx_database_try_commit(writer->database);
    if (kept == GX_COMMIT_DONE) {
        gx_histogram_add(&writer->stats->commit_us, &gx_scale_us, (uint64_t)(gx_clock_monotonic_us() - began_us));
        gx_histogram_add(&writer->stats->jobs, &gx_scale_jobs, jobs);
        atomic_store_explicit(&writer->stats->full_ms, 0, memory_order_relaxed);
    }
    return kept;
}

static void announce(gx_writer *writer)
{
    if (writer->options->committed != NULL && writer->log->count > 0)
        writer->options->committed(writer->options->context, writer->log->events, writer->log->count);
}

typedef enum outcome {
    SETTLED, /* each job's end is known, and durable where it was kept */
    BROKEN,  /* nothing of the jobs is there; one of them may be the cause */
    CROSSED, /* nothing of the jobs is there: another transaction was in the way, and is gone by now */
    FULL,    /* nothing of the jobs is there: the store has no room for all of them */
    CLOSED,  /* the store gives no transaction: none of the jobs is the cause */
    UNKNOWN, /* the store went away during COMMIT: to run the jobs again could do what they do twice */
} outcome;

/* No fault of anybody's: the jobs run again. */
static void note_crossed(gx_writer *writer, size_t count)
{
    gx_count(&writer->stats->crossed, 1);
    gx_log(writer->options->logger, GX_LEVEL_DEBUG, "store: another transaction was in the way of %zu jobs: %s", count,
           gx_database_message(writer->database));
}

static void note_lost(gx_writer *writer, outcome why, size_t count)
{
    gx_count(&writer->stats->lost, 1);
    gx_log(writer->options->logger, GX_LEVEL_ERROR, "store: a transaction of %zu jobs %s: %s%s", count,
           why == FULL ? "found no room, and nothing of it is there" : "was lost",
           gx_database_message(writer->database), why == UNKNOWN ? "; whether it was kept is unknown" : "");
}

static outcome give_up(gx_writer *writer, outcome why, size_t count)
{
    if (why == BROKEN && gx_database_conflicted(writer->database))
        why = CROSSED;
    else if (why == BROKEN && found_no_room(writer))
        why = FULL;
    if (why == CROSSED)
        note_crossed(writer, count);
    else
        note_lost(writer, why, count);
    gx_database_rollback(writer->database);
    return why;
}

static outcome run_transaction(gx_writer *writer, gx_job *const *jobs, gx_job_end *ends, size_t count)
{
    gx_log_batch_clear(writer->log);
    if (!gx_database_begin(writer->database, true))
        return give_up(writer, CLOSED, count);
    if (!run_all(writer, jobs, ends, count))
        return give_up(writer, BROKEN, count);
    if (!any_kept(ends, count)) {
        gx_database_rollback(writer->database); /* nothing to sync */
        return SETTLED;
    }
    gx_commit kept = commit(writer, count);
    if (kept == GX_COMMIT_DONE)
        announce(writer);
    else if (kept == GX_COMMIT_UNKNOWN && writer->options->unsure != NULL)
        writer->options->unsure(writer->options->context);
    return kept == GX_COMMIT_DONE ? SETTLED : give_up(writer, kept == GX_COMMIT_UNKNOWN ? UNKNOWN : BROKEN, count);
}

static outcome run_again(gx_writer *writer, gx_job *const *job, gx_job_end *end)
{
    outcome alone = CROSSED;
    for (int runs = 1; alone == CROSSED && runs < MOST_RUNS; runs++)
        alone = run_transaction(writer, job, end, 1);
    if (alone == CROSSED) {
        gx_count(&writer->stats->lost, 1);
        gx_log(writer->options->logger, GX_LEVEL_ERROR,
               "store: a job was given up after %d runs, with another transaction in the way of each", MOST_RUNS);
    }
    return alone;
}

/* How a job ends whose transaction ended so, and where it is SETTLED as its rule said. */
static gx_job_end end_of(outcome transaction, gx_job_end own)
{
    return transaction == SETTLED ? own : transaction == FULL ? GX_JOB_FULL : GX_JOB_LOST;
}

/* Jobs whose common transaction broke run again one by one, so that the one which broke it hurts nobody else. */
static void settle(gx_writer *writer, gx_job *const *jobs, gx_job_end *ends, size_t count)
{
    outcome together = run_transaction(writer, jobs, ends, count);
    if (together == CROSSED && count == 1)
        together = run_again(writer, jobs, ends);
    bool one_by_one = (together == BROKEN || together == FULL || together == CROSSED) && count > 1;
    for (size_t i = 0; i < count; i++) {
        if (one_by_one)
            settle(writer, &jobs[i], &ends[i], 1);
        else
            jobs[i]->finish(jobs[i], end_of(together, ends[i]));
    }
}

static bool goes_behind(const gx_job *job, const gx_job *other)
{
    return job->alone != other->alone ? job->alone : job->lane_key > other->lane_key;
}

/* By key, those with one key as they were posted, and last those that share with nobody. Whose call it is decides which
 * developer's row it takes, and each transaction keeps what it took to its end: writers of several programs that take
 * rows in one order wait for each other, in any order they would deadlock. */
static void sort(gx_job **jobs, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        gx_job *job = jobs[i];
        size_t at = i;
        for (; at > 0 && goes_behind(jobs[at - 1], job); at--)
            jobs[at] = jobs[at - 1];
        jobs[at] = job;
    }
}

static void settle_all(gx_writer *writer, size_t count)
{
    size_t done = 0;
    while (done < count && !writer->jobs[done]->alone)
        done++;
    if (done > 0)
        settle(writer, writer->jobs, writer->ends, done);
    for (; done < count; done++)
        settle(writer, &writer->jobs[done], &writer->ends[done], 1);
}

/* While signatures keep the cores busy the lane takes nothing from them by waiting: jobs that come out one by one then
 * share a commit, its fsync and its pages, instead of having several. Of 64 exchanges at a time: half the system time.
 */
static void rest(const gx_writer *writer, gx_job_queue *prepares)
{
    static const struct timespec pause = {.tv_nsec = REST_MS * 1000000L};
    if (gx_job_queue_waiting(prepares) >= (size_t)writer->options->preparers * FEW_PER_PREPARER)
        nanosleep(&pause, NULL);
}

void gx_writer_run(gx_writer *writer, gx_job_queue *queue, gx_job_queue *prepares)
{
    while (gx_job_queue_await(queue)) {
        rest(writer, prepares);
        size_t count = gx_job_queue_take(queue, writer->jobs, writer->options->most_per_commit);
        sort(writer->jobs, count);
        settle_all(writer, count);
    }
}
