/* Changes one at a time, each committed with its event, in turn with a bare commit of one row: both by the same
 * settings on the same disk at the same time. The event carries the moment at which the change was handed to the store.
 *
 *   bench-handler-commits FOLDER → the port and an API key; then for each line "CHANGES WARM-UP" of stdin the bare
 *   commits' times as a line of JSON */
#include <semaphore.h>
#include <sqlite3.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "handler/samples.h"
#include "house.h"

/* Nothing else happens meanwhile: the machine is at rest when a change comes. */
static const struct timespec REST = {0, 2000000};

typedef struct change {
    gx_job job;
    const char *developer_id;
    int64_t at;
    sem_t done;
} change;

static bool run(gx_job *job, gx_txn *txn)
{
    const change *one = (change *)(void *)job;
    char data[256];
    int length = snprintf(data, sizeof data,
                          "{\"grantId\":\"grnt_01KAS6GRP2J9XN5CN8H1E1DQZV\",\"percentage\":50,\"remaining\":100,"
                          "\"initial\":200,\"at\":%lld}",
                          (long long)one->at);
    return gx_log_append(txn, one->developer_id, GX_EVENT_BUDGET_THRESHOLD, (gx_span){data, (size_t)length});
}

static void finish(gx_job *job, gx_job_end end)
{
    bench_must(end == GX_JOB_KEPT, "a change was not kept");
    sem_post(&((change *)(void *)job)->done);
}

static void commit_change(bench_house *house)
{
    change one = {.job = {.run = run, .finish = finish}, .developer_id = house->tenant.id};
    sem_init(&one.done, 0, 0);
    one.at = samples_now();
    bench_must(gx_lanes_write(house->lanes, &one.job), "the store takes nothing");
    sem_wait(&one.done);
    sem_destroy(&one.done);
}

static sqlite3_stmt *open_floor(const char *folder)
{
    char path[4096];
    sqlite3 *database;
    sqlite3_stmt *insert;
    snprintf(path, sizeof path, "%s/floor.db", folder);
    bench_must(sqlite3_open(path, &database) == SQLITE_OK &&
                   sqlite3_exec(database,
                                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                                "CREATE TABLE changes (number INTEGER PRIMARY KEY, what TEXT)",
                                NULL, NULL, NULL) == SQLITE_OK &&
                   sqlite3_prepare_v2(database, "INSERT INTO changes (what) VALUES ('budget.threshold')", -1, &insert,
                                      NULL) == SQLITE_OK,
               "no store for the floor");
    return insert;
}

static void commit_bare(sqlite3_stmt *insert, samples *times)
{
    int64_t began = samples_now();
    bench_must(sqlite3_step(insert) == SQLITE_DONE, "a bare commit failed");
    sqlite3_reset(insert);
    samples_add(times, samples_now() - began);
}

int main(int argc, char **argv)
{
    static samples bare;
    bench_house house;
    if (argc != 2) {
        fprintf(stderr, "usage: bench-handler-commits FOLDER\n");
        return 2;
    }
    bench_house_open(&house, argv[1]);
    sqlite3_stmt *insert = open_floor(argv[1]);
    for (size_t changes, warm_up; scanf("%zu %zu", &changes, &warm_up) == 2;) {
        bare.count = 0;
        for (size_t i = 0; i < changes; i++) {
            nanosleep(&REST, NULL);
            commit_bare(insert, &bare);
            nanosleep(&REST, NULL);
            commit_change(&house);
        }
        samples_print(&bare, warm_up);
    }
    _exit(0); /* the stream is still open */
}
