/* Lanes: the threads that own the store's connections. A write lane (SQLite has one, PostgreSQL several) takes every
 * job that waits, runs them in ONE transaction, each under its own savepoint, commits once (one fsync for all), hands
 * the committed events on, and only then lets the jobs finish. Read lanes run one job after the other on connections of
 * their own; so do the lanes that prepare, whose jobs think long (RSA), so that what reads never waits behind them. */
#ifndef GX_STORE_LANE_H
#define GX_STORE_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/metrics.h"
#include "store/log.h"
#include "store/txn.h"

typedef enum gx_job_end {
    GX_JOB_KEPT,    /* run returned true and (for a write) the commit is durable */
    GX_JOB_REFUSED, /* run returned false: what it did is undone */
    GX_JOB_FULL,    /* the store has no room for the transaction, whatever run said: nothing of it is there */
    GX_JOB_LOST, /* the transaction could not be had or kept (I/O, no connection), whatever run said, if it ran at all.
                    Whether something of it is there is not known: the store may have gone away during COMMIT, or a
                    write have failed behind what the system had taken */
} gx_job_end;

typedef struct gx_job gx_job;
struct gx_job {
    gx_job *next; /* the lane's */
    /* Writing jobs with the same key run one after the other, in the order of posting; with different ones in the order
     * of their keys when they share a commit, maybe in different lanes, where the store has several. */
    uint64_t lane_key;
    /* A writing job that shares no commit. For who takes a developer's row whose calls have another key: in a shared
     * transaction it could wait for that row while it holds those of others. */
    bool alone;
    /* Lane thread, inside the transaction. Called a second time, from the start, when a transaction shared with others
     * broke, and again when another transaction was in the way; it must not keep state from the first. It leaves the
     * transaction and the savepoint to the lane. */
    bool (*run)(gx_job *job, gx_txn *txn);
    /* Lane thread, after the transaction ended. The job is the owner's again. Must not block: post to a mailbox. */
    void (*finish)(gx_job *job, gx_job_end end);
};

typedef struct gx_lanes gx_lanes;

typedef struct gx_lanes_options {
    const char *location;   /* a store URL, see gx_database_open */
    int readers;            /* read lanes; 0 means 2, most 64 */
    int preparers;          /* lanes that prepare; 0 means 2, most 64 */
    size_t most_waiting;    /* jobs that may wait before a write lane, to be read, and to be prepared; 0 means 16384 */
    size_t most_per_commit; /* jobs that share one transaction; 0 means 256 */
    const gx_logger *logger;
    /* Write lane's thread, after each commit, before the jobs finish: the events just committed, in commit order. Lent
     * for the call. Of several lanes at the same time: a developer's events n and n + 1 may then be told the wrong way
     * round. */
    void (*committed)(void *context, const gx_logged_event *events, size_t count);
    /* Write lane's thread: a commit's end is unknown, so events may have been kept that `committed` was not told of. */
    void (*unsure)(void *context);
    void *context;
} gx_lanes_options;

/* Opens the connections and starts the threads. NULL: see `error`. The schema must be there already. */
gx_lanes *gx_lanes_start(const gx_lanes_options *options, gx_error *error);

/* Any thread. False when too many wait already, or the lanes are stopping (nothing was posted; the caller answers 503).
 */
bool gx_lanes_write(gx_lanes *lanes, gx_job *job);
bool gx_lanes_read(gx_lanes *lanes, gx_job *job);
bool gx_lanes_prepare(gx_lanes *lanes, gx_job *job);

/* What the write lanes have done so far, for the operator. */
typedef struct gx_lane_stats {
    gx_histogram jobs;       /* of each commit; on gx_scale_jobs */
    gx_histogram commit_us;  /* how long each COMMIT took; on gx_scale_us */
    gx_counter lost;         /* transactions that were not kept */
    gx_counter crossed;      /* transactions that another one was in the way of; their jobs ran again */
    _Atomic int64_t full_ms; /* monotonic: when the last transaction found no room; 0 once one was kept */
} gx_lane_stats;

const gx_lane_stats *gx_lanes_stats(const gx_lanes *lanes);

/* Whether the last transaction that wrote found no room, as far as is known: nobody may have tried again since. */
bool gx_lanes_full(const gx_lanes *lanes);

/* Jobs that wait at this moment. Any thread. */
size_t gx_lanes_waiting_to_write(gx_lanes *lanes);
size_t gx_lanes_waiting_to_read(gx_lanes *lanes);
size_t gx_lanes_waiting_to_prepare(gx_lanes *lanes);

/* From then on (monotonic) the store is not waited for: what it has not answered is lost, and so is what comes after,
 * so that gx_lanes_stop ends soon whatever has become of the store. */
void gx_lanes_hurry(gx_lanes *lanes, int64_t until_ms);

/* Runs what still waits and ends the threads. Not from a lane's thread. A job that is posted afterwards is refused as
 * when too many wait: what the last finished jobs set off (a prepared exchange comes to write) still finds the lanes,
 * closed. */
void gx_lanes_stop(gx_lanes *lanes);

/* Closes the connections. After gx_lanes_stop, when nobody can post any more. NULL is allowed. */
void gx_lanes_free(gx_lanes *lanes);

#endif
