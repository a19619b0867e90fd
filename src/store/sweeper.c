#include "store/sweeper.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/erasure.h"

#define DEFAULT_PAUSE_MS 10000

struct gx_sweeper {
    gx_sweeper_options options;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping, arrived; /* under the lock */
    gx_job_end end;         /* of the job that arrived */
    gx_job job;
    /* of the erasure; the job's while it is with a lane, and so are those below */
    gx_erasure erasure, erasure_next;
    bool erased;
    /* of the trimming */
    char previous[GX_ID_SIZE], developer_id[GX_ID_SIZE];
    gx_log_lookup found;
    bool ripe;
    int64_t trimmed;
};

static gx_sweeper *sweeper_of(gx_job *job)
{
    return (gx_sweeper *)(void *)((char *)job - offsetof(gx_sweeper, job));
}

/* --- the jobs --- */

static bool run_look(gx_job *job, gx_txn *txn)
{
    gx_sweeper *sweeper = sweeper_of(job);
    sweeper->found = gx_log_trim_next(txn->database, sweeper->previous, &sweeper->options.keep, txn->now_ms,
                                      sweeper->developer_id, &sweeper->ripe);
    return sweeper->found != GX_LOG_ERROR;
}

static bool run_trim(gx_job *job, gx_txn *txn)
{
    gx_sweeper *sweeper = sweeper_of(job);
    return gx_log_trim(txn, sweeper->developer_id, &sweeper->options.keep, &sweeper->trimmed);
}

static bool run_look_for_deleted(gx_job *job, gx_txn *txn)
{
    gx_sweeper *sweeper = sweeper_of(job);
    sweeper->found = gx_erasure_next(txn->database, &sweeper->erasure);
    return sweeper->found != GX_LOG_ERROR;
}

static bool run_erase(gx_job *job, gx_txn *txn)
{
    gx_sweeper *sweeper = sweeper_of(job);
    return gx_erase(txn, &sweeper->erasure, &sweeper->erasure_next, &sweeper->erased);
}

static void finish(gx_job *job, gx_job_end end)
{
    gx_sweeper *sweeper = sweeper_of(job);
    pthread_mutex_lock(&sweeper->lock);
    sweeper->end = end;
    sweeper->arrived = true;
    pthread_cond_signal(&sweeper->changed);
    pthread_mutex_unlock(&sweeper->lock);
}

/* Lets a lane run the job and waits for it. False when it was not kept, or the sweeper is to stop. */
static bool perform(gx_sweeper *sweeper, const char *developer_id, bool (*post)(gx_lanes *lanes, gx_job *job),
                    bool (*run)(gx_job *job, gx_txn *txn))
{
    sweeper->job =
        (gx_job){.lane_key = gx_span_hash(gx_span_of(developer_id)), .alone = true, .run = run, .finish = finish};
    sweeper->arrived = false;
    if (!post(sweeper->options.lanes, &sweeper->job))
        return false;
    pthread_mutex_lock(&sweeper->lock);
    while (!sweeper->arrived)
        pthread_cond_wait(&sweeper->changed, &sweeper->lock);
    bool go_on = sweeper->end == GX_JOB_KEPT && !sweeper->stopping;
    pthread_mutex_unlock(&sweeper->lock);
    return go_on;
}

/* --- erasing --- */

static void erase_developer(gx_sweeper *sweeper)
{
    const char *developer_id = sweeper->erasure.developer_id;
    bool kept;
    do {
        kept = perform(sweeper, developer_id, gx_lanes_write, run_erase);
        if (kept)
            sweeper->erasure = sweeper->erasure_next;
    } while (kept && !sweeper->erased);
    if (kept)
        gx_log(sweeper->options.logger, GX_LEVEL_INFO, "erased %s, who was deleted", developer_id);
    else if (sweeper->end != GX_JOB_KEPT)
        gx_log(sweeper->options.logger, GX_LEVEL_WARN, "%s, who was deleted, could not be erased", developer_id);
}

/* One that cannot be erased is come back to, with all that are behind it, at the next sweep. */
static void erase_deleted(gx_sweeper *sweeper)
{
    do
        sweeper->erased = false;
    while (perform(sweeper, "", gx_lanes_read, run_look_for_deleted) && sweeper->found == GX_LOG_FOUND &&
           (erase_developer(sweeper), sweeper->erased));
}

/* --- trimming --- */

/* A log that cannot be trimmed keeps no other waiting. */
static void trim_developer(gx_sweeper *sweeper)
{
    int64_t trimmed = 0;
    bool kept;
    do {
        kept = perform(sweeper, sweeper->developer_id, gx_lanes_write, run_trim);
        trimmed += kept ? sweeper->trimmed : 0;
    } while (kept && sweeper->trimmed == GX_TRIM_MOST);
    if (trimmed > 0)
        gx_log(sweeper->options.logger, GX_LEVEL_INFO, "trimmed %lld events of %s", (long long)trimmed,
               sweeper->developer_id);
    if (sweeper->end != GX_JOB_KEPT)
        gx_log(sweeper->options.logger, GX_LEVEL_WARN, "the log of %s could not be trimmed", sweeper->developer_id);
}

static void trim_all(gx_sweeper *sweeper)
{
    sweeper->previous[0] = '\0';
    while (perform(sweeper, sweeper->developer_id, gx_lanes_read, run_look) && sweeper->found == GX_LOG_FOUND) {
        if (sweeper->ripe)
            trim_developer(sweeper);
        memcpy(sweeper->previous, sweeper->developer_id, sizeof sweeper->previous);
    }
}

static void sweep(gx_sweeper *sweeper)
{
    erase_deleted(sweeper);
    if (!gx_retains_all(&sweeper->options.keep))
        trim_all(sweeper);
}

/* False when it is to stop. */
static bool pause_until_next(gx_sweeper *sweeper)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + sweeper->options.pause_ms % 1000 * INT64_C(1000000);
    until.tv_sec += sweeper->options.pause_ms / 1000 + ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    pthread_mutex_lock(&sweeper->lock);
    int timed_out = 0;
    while (!sweeper->stopping && timed_out == 0)
        timed_out = pthread_cond_timedwait(&sweeper->changed, &sweeper->lock, &until);
    bool stopping = sweeper->stopping;
    pthread_mutex_unlock(&sweeper->lock);
    return !stopping;
}

static void *work(void *context)
{
    gx_sweeper *sweeper = context;
    do
        sweep(sweeper);
    while (pause_until_next(sweeper));
    return NULL;
}

/* --- its life --- */

static void init(gx_sweeper *sweeper, const gx_sweeper_options *options)
{
    sweeper->options = *options;
    if (sweeper->options.pause_ms == 0)
        sweeper->options.pause_ms = DEFAULT_PAUSE_MS;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&sweeper->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&sweeper->lock, NULL);
}

static void free_sweeper(gx_sweeper *sweeper)
{
    pthread_cond_destroy(&sweeper->changed);
    pthread_mutex_destroy(&sweeper->lock);
    free(sweeper);
}

gx_sweeper *gx_sweeper_start(const gx_sweeper_options *options, gx_error *error)
{
    gx_sweeper *sweeper = calloc(1, sizeof *sweeper);
    if (sweeper == NULL) {
        gx_error_set(error, "out of memory");
        return NULL;
    }
    init(sweeper, options);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&sweeper->thread, NULL, work, sweeper);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!failed)
        return sweeper;
    gx_error_set(error, "no thread for the sweeper");
    free_sweeper(sweeper);
    return NULL;
}

void gx_sweeper_stop(gx_sweeper *sweeper)
{
    if (sweeper == NULL)
        return;
    pthread_mutex_lock(&sweeper->lock);
    sweeper->stopping = true;
    pthread_cond_signal(&sweeper->changed);
    pthread_mutex_unlock(&sweeper->lock);
    pthread_join(sweeper->thread, NULL);
    free_sweeper(sweeper);
}
