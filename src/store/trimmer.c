#include "store/trimmer.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DEFAULT_PAUSE_MS 10000

struct gx_trimmer {
    gx_trimmer_options options;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping, arrived; /* under the lock */
    gx_job_end end;         /* of the job that arrived */
    gx_job job;
    /* of the sweep; the job's while it is with a lane */
    char previous[GX_ID_SIZE], developer_id[GX_ID_SIZE];
    gx_log_lookup found;
    bool ripe;
    int64_t trimmed;
};

static gx_trimmer *trimmer_of(gx_job *job)
{
    return (gx_trimmer *)(void *)((char *)job - offsetof(gx_trimmer, job));
}

/* --- the two jobs --- */

static bool run_look(gx_job *job, gx_txn *txn)
{
    gx_trimmer *trimmer = trimmer_of(job);
    trimmer->found = gx_log_trim_next(txn->database, trimmer->previous, &trimmer->options.keep, txn->now_ms,
                                      trimmer->developer_id, &trimmer->ripe);
    return trimmer->found != GX_LOG_ERROR;
}

static bool run_trim(gx_job *job, gx_txn *txn)
{
    gx_trimmer *trimmer = trimmer_of(job);
    return gx_log_trim(txn, trimmer->developer_id, &trimmer->options.keep, &trimmer->trimmed);
}

static void finish(gx_job *job, gx_job_end end)
{
    gx_trimmer *trimmer = trimmer_of(job);
    pthread_mutex_lock(&trimmer->lock);
    trimmer->end = end;
    trimmer->arrived = true;
    pthread_cond_signal(&trimmer->changed);
    pthread_mutex_unlock(&trimmer->lock);
}

/* Lets a lane run the job and waits for it. False when it was not kept, or the trimmer is to stop. */
static bool perform(gx_trimmer *trimmer, bool (*post)(gx_lanes *lanes, gx_job *job),
                    bool (*run)(gx_job *job, gx_txn *txn))
{
    trimmer->job = (gx_job){
        .lane_key = gx_span_hash(gx_span_of(trimmer->developer_id)), .alone = true, .run = run, .finish = finish};
    trimmer->arrived = false;
    if (!post(trimmer->options.lanes, &trimmer->job))
        return false;
    pthread_mutex_lock(&trimmer->lock);
    while (!trimmer->arrived)
        pthread_cond_wait(&trimmer->changed, &trimmer->lock);
    bool go_on = trimmer->end == GX_JOB_KEPT && !trimmer->stopping;
    pthread_mutex_unlock(&trimmer->lock);
    return go_on;
}

/* --- the sweep --- */

/* A log that cannot be trimmed keeps no other waiting. */
static void trim_developer(gx_trimmer *trimmer)
{
    int64_t trimmed = 0;
    bool kept;
    do {
        kept = perform(trimmer, gx_lanes_write, run_trim);
        trimmed += kept ? trimmer->trimmed : 0;
    } while (kept && trimmer->trimmed == GX_TRIM_MOST);
    if (trimmed > 0)
        gx_log(trimmer->options.logger, GX_LEVEL_INFO, "trimmed %lld events of %s", (long long)trimmed,
               trimmer->developer_id);
    if (trimmer->end != GX_JOB_KEPT)
        gx_log(trimmer->options.logger, GX_LEVEL_WARN, "the log of %s could not be trimmed", trimmer->developer_id);
}

static void sweep(gx_trimmer *trimmer)
{
    trimmer->previous[0] = '\0';
    while (perform(trimmer, gx_lanes_read, run_look) && trimmer->found == GX_LOG_FOUND) {
        if (trimmer->ripe)
            trim_developer(trimmer);
        memcpy(trimmer->previous, trimmer->developer_id, sizeof trimmer->previous);
    }
}

/* False when it is to stop. */
static bool pause_until_next(gx_trimmer *trimmer)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + trimmer->options.pause_ms % 1000 * INT64_C(1000000);
    until.tv_sec += trimmer->options.pause_ms / 1000 + ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    pthread_mutex_lock(&trimmer->lock);
    int timed_out = 0;
    while (!trimmer->stopping && timed_out == 0)
        timed_out = pthread_cond_timedwait(&trimmer->changed, &trimmer->lock, &until);
    bool stopping = trimmer->stopping;
    pthread_mutex_unlock(&trimmer->lock);
    return !stopping;
}

static void *work(void *context)
{
    gx_trimmer *trimmer = context;
    do
        sweep(trimmer);
    while (pause_until_next(trimmer));
    return NULL;
}

/* --- its life --- */

static void init(gx_trimmer *trimmer, const gx_trimmer_options *options)
{
    trimmer->options = *options;
    if (trimmer->options.pause_ms == 0)
        trimmer->options.pause_ms = DEFAULT_PAUSE_MS;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&trimmer->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&trimmer->lock, NULL);
}

static void free_trimmer(gx_trimmer *trimmer)
{
    pthread_cond_destroy(&trimmer->changed);
    pthread_mutex_destroy(&trimmer->lock);
    free(trimmer);
}

gx_trimmer *gx_trimmer_start(const gx_trimmer_options *options, gx_error *error)
{
    gx_trimmer *trimmer = calloc(1, sizeof *trimmer);
    if (trimmer == NULL) {
        gx_error_set(error, "out of memory");
        return NULL;
    }
    init(trimmer, options);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&trimmer->thread, NULL, work, trimmer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!failed)
        return trimmer;
    gx_error_set(error, "no thread for the trimmer");
    free_trimmer(trimmer);
    return NULL;
}

void gx_trimmer_stop(gx_trimmer *trimmer)
{
    if (trimmer == NULL)
        return;
    pthread_mutex_lock(&trimmer->lock);
    trimmer->stopping = true;
    pthread_cond_signal(&trimmer->changed);
    pthread_mutex_unlock(&trimmer->lock);
    pthread_join(trimmer->thread, NULL);
    free_trimmer(trimmer);
}
