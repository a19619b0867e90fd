/* The lanes' threads: those that write, each with its queue; those that read and those that prepare, a queue before
 * each kind. */
#include "store/lane.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/job_queue.h"
#include "store/lane_write.h"

#define DEFAULT_READERS         2
#define DEFAULT_PREPARERS       2
#define MOST_READERS            64
#define MOST_WRITERS            16
#define READ_ANSWER_MS          10000
#define DEFAULT_MOST_WAITING    16384
#define DEFAULT_MOST_PER_COMMIT 256

typedef struct read_lane {
    pthread_t thread;
    gx_database *database;
    gx_job_queue *queue;
} read_lane;

typedef struct write_lane {
    pthread_t thread;
    gx_writer *writer;
    gx_job_queue queue, *prepares;
} write_lane;

struct gx_lanes {
    gx_lanes_options options; /* without zeroes that stand for defaults */
    gx_job_queue reads, prepares;
    gx_lane_stats stats;
    write_lane writers[MOST_WRITERS];
    int writer_count;
    int writing;        /* so many threads of `writers` run */
    int reading;        /* so many threads of `readers` run */
    int reader_count;   /* options.readers, and behind them options.preparers */
    read_lane *readers; /* so many */
};

/* --- what the threads do --- */

static void *run_write_lane(void *argument)
{
    write_lane *lane = argument;
    gx_writer_run(lane->writer, &lane->queue, lane->prepares);
    return NULL;
}

/* In a transaction, so that all of the job's queries see one state of the store. */
static gx_job_end run_read(gx_database *database, gx_job *job)
{
    gx_job_end end = GX_JOB_LOST;
    gx_txn txn = {.database = database, .now_ms = gx_clock_wall_ms()};
    if (gx_database_begin(database, false))
        end = job->run(job, &txn) ? GX_JOB_KEPT : GX_JOB_REFUSED;
    gx_database_rollback(database); /* also of one that could not be ended before */
    return end;
}

static void *run_read_lane(void *argument)
{
    read_lane *reader = argument;
    gx_job *job;
    while (gx_job_queue_take(reader->queue, &job, 1) > 0)
        job->finish(job, run_read(reader->database, job));
    return NULL;
}

/* --- starting and stopping --- */

static bool start_thread(pthread_t *thread, const char *name, void *(*run)(void *), void *argument, gx_error *error)
{
    int failure = pthread_create(thread, NULL, run, argument);
    if (failure != 0) {
        gx_error_set(error, "cannot start a store thread: %s", strerror(failure));
        return false;
    }
    pthread_setname_np(*thread, name);
    return true;
}

static bool start_threads(gx_lanes *lanes, gx_error *error)
{
    for (; lanes->writing < lanes->writer_count; lanes->writing++) {
        write_lane *writer = &lanes->writers[lanes->writing];
        if (!start_thread(&writer->thread, "gx-write", run_write_lane, writer, error))
            return false;
    }
    for (; lanes->reading < lanes->reader_count; lanes->reading++) {
        read_lane *reader = &lanes->readers[lanes->reading];
        const char *name = reader->queue == &lanes->reads ? "gx-read" : "gx-prepare";
        if (!start_thread(&reader->thread, name, run_read_lane, reader, error))
            return false;
    }
    return true;
}

/* The program's signals are for its main thread. */
static bool start_threads_without_signals(gx_lanes *lanes, gx_error *error)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = start_threads(lanes, error);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

static const gx_database *first_connection(const gx_lanes *lanes)
{
    return lanes->writer_count > 0 ? gx_writer_database(lanes->writers[0].writer) : NULL;
}

/* The first one knows how many there are. */
static bool open_writers(gx_lanes *lanes, gx_error *error)
{
    int wanted = 1;
    while (lanes->writer_count < wanted) {
        write_lane *lane = &lanes->writers[lanes->writer_count];
        lane->writer = gx_writer_new(&lanes->options, &lanes->stats, first_connection(lanes), error);
        if (lane->writer == NULL)
            return false;
        wanted = gx_writer_most(lane->writer) < MOST_WRITERS ? gx_writer_most(lane->writer) : MOST_WRITERS;
        gx_job_queue_init(&lane->queue, lanes->options.most_waiting);
        lane->prepares = &lanes->prepares;
        lanes->writer_count++;
    }
    return true;
}

static bool open_connections(gx_lanes *lanes, gx_error *error)
{
    if (!open_writers(lanes, error))
        return false;
    lanes->reader_count = lanes->options.readers + lanes->options.preparers;
    lanes->readers = calloc((size_t)lanes->reader_count, sizeof *lanes->readers);
    if (lanes->readers == NULL) {
        gx_error_set(error, "out of memory");
        return false;
    }
    for (int i = 0; i < lanes->reader_count; i++) {
        lanes->readers[i].queue = i < lanes->options.readers ? &lanes->reads : &lanes->prepares;
        lanes->readers[i].database =
            gx_database_open_beside(first_connection(lanes), lanes->options.location, true, error);
        if (lanes->readers[i].database == NULL ||
            !gx_database_limit_waits(lanes->readers[i].database, READ_ANSWER_MS, error))
            return false;
    }
    return true;
}

static gx_lanes_options with_defaults(const gx_lanes_options *given)
{
    gx_lanes_options options = *given;
    if (options.readers <= 0)
        options.readers = DEFAULT_READERS;
    if (options.readers > MOST_READERS)
        options.readers = MOST_READERS;
    if (options.preparers <= 0)
        options.preparers = DEFAULT_PREPARERS;
    if (options.preparers > MOST_READERS)
        options.preparers = MOST_READERS;
    if (options.most_waiting == 0)
        options.most_waiting = DEFAULT_MOST_WAITING;
    if (options.most_per_commit == 0)
        options.most_per_commit = DEFAULT_MOST_PER_COMMIT;
    return options;
}

gx_lanes *gx_lanes_start(const gx_lanes_options *options, gx_error *error)
{
    gx_lanes *lanes = calloc(1, sizeof *lanes);
    if (lanes == NULL) {
        gx_error_set(error, "out of memory");
        return NULL;
    }
    lanes->options = with_defaults(options);
    gx_job_queue_init(&lanes->reads, lanes->options.most_waiting);
    gx_job_queue_init(&lanes->prepares, lanes->options.most_waiting);
    if (open_connections(lanes, error) && start_threads_without_signals(lanes, error))
        return lanes;
    gx_lanes_stop(lanes);
    gx_lanes_free(lanes);
    return NULL;
}

static void join_threads(gx_lanes *lanes)
{
    for (int i = 0; i < lanes->writing; i++)
        pthread_join(lanes->writers[i].thread, NULL);
    lanes->writing = 0;
    for (int i = 0; i < lanes->reading; i++)
        pthread_join(lanes->readers[i].thread, NULL);
    lanes->reading = 0;
}

/* A writer last: SQLite tidies up its WAL when the last connection closes, which one that only reads cannot do. */
static void close_connections(gx_lanes *lanes)
{
    for (int i = 0; lanes->readers != NULL && i < lanes->reader_count; i++)
        gx_database_close(lanes->readers[i].database);
    free(lanes->readers);
    for (int i = 0; i < lanes->writer_count; i++) {
        gx_writer_free(lanes->writers[i].writer);
        gx_job_queue_destroy(&lanes->writers[i].queue);
    }
}

void gx_lanes_hurry(gx_lanes *lanes, int64_t until_ms)
{
    for (int i = 0; i < lanes->writer_count; i++)
        gx_writer_hurry(lanes->writers[i].writer, until_ms);
    for (int i = 0; i < lanes->reader_count; i++)
        gx_database_hurry(lanes->readers[i].database, until_ms);
}

void gx_lanes_stop(gx_lanes *lanes)
{
    for (int i = 0; i < lanes->writer_count; i++)
        gx_job_queue_close(&lanes->writers[i].queue);
    gx_job_queue_close(&lanes->reads);
    gx_job_queue_close(&lanes->prepares);
    join_threads(lanes);
}

void gx_lanes_free(gx_lanes *lanes)
{
    if (lanes == NULL)
        return;
    close_connections(lanes);
    gx_job_queue_destroy(&lanes->reads);
    gx_job_queue_destroy(&lanes->prepares);
    free(lanes);
}

bool gx_lanes_write(gx_lanes *lanes, gx_job *job)
{
    uint64_t lane = job->lane_key % (uint64_t)lanes->writer_count;
    return gx_job_queue_post(&lanes->writers[lane].queue, job);
}

bool gx_lanes_read(gx_lanes *lanes, gx_job *job)
{
    return gx_job_queue_post(&lanes->reads, job);
}

bool gx_lanes_prepare(gx_lanes *lanes, gx_job *job)
{
    return gx_job_queue_post(&lanes->prepares, job);
}

bool gx_lanes_full(const gx_lanes *lanes)
{
    return atomic_load_explicit(&lanes->stats.full_ms, memory_order_relaxed) != 0;
}

const gx_lane_stats *gx_lanes_stats(const gx_lanes *lanes)
{
    return &lanes->stats;
}

size_t gx_lanes_waiting_to_write(gx_lanes *lanes)
{
    size_t waiting = 0;
    for (int i = 0; i < lanes->writer_count; i++)
        waiting += gx_job_queue_waiting(&lanes->writers[i].queue);
    return waiting;
}

size_t gx_lanes_waiting_to_read(gx_lanes *lanes)
{
    return gx_job_queue_waiting(&lanes->reads);
}

size_t gx_lanes_waiting_to_prepare(gx_lanes *lanes)
{
    return gx_job_queue_waiting(&lanes->prepares);
}
