#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "feed/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/log_trim.h"
#include "store/schema.h"

/* --- the desk --- */

static void wake(void *context)
{
    desk *d = context;
    pthread_mutex_lock(&d->lock);
    d->awake = true;
    pthread_cond_signal(&d->woken);
    pthread_mutex_unlock(&d->lock);
}

void desk_init(desk *d)
{
    memset(d, 0, sizeof *d);
    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->woken, NULL);
    d->mailbox = gx_mailbox_new(wake, d);
    assert_non_null(d->mailbox);
}

bool desk_open(desk *d, stage *s, gx_feed_options options)
{
    options.lanes = s->lanes;
    options.mailbox = d->mailbox;
    options.bus = s->bus;
    d->now_ms = gx_clock_monotonic_ms();
    d->feed = gx_feed_new(&options);
    return d->feed != NULL;
}

void desk_close_feed(desk *d)
{
    gx_feed_free(d->feed);
    d->feed = NULL;
}

void desk_destroy(desk *d)
{
    desk_close_feed(d);
    gx_mailbox_free(d->mailbox);
    pthread_cond_destroy(&d->woken);
    pthread_mutex_destroy(&d->lock);
}

void desk_pass(desk *d, int64_t ms)
{
    d->now_ms += ms;
    gx_feed_tick(d->feed, d->now_ms);
}

static struct timespec in_a_minute(void)
{
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += 60;
    return deadline;
}

static bool wait_for_mail(desk *d)
{
    struct timespec deadline = in_a_minute();
    int result = 0;
    pthread_mutex_lock(&d->lock);
    while (!d->awake && result == 0)
        result = pthread_cond_timedwait(&d->woken, &d->lock, &deadline);
    d->awake = false;
    pthread_mutex_unlock(&d->lock);
    return result == 0;
}

void desk_until(desk *d, bool (*holds)(void *context), void *context)
{
    gx_mailbox_drain(d->mailbox);
    while (!holds(context)) {
        if (!wait_for_mail(d))
            fail_msg("nothing came for a minute");
        gx_mailbox_drain(d->mailbox);
    }
}

/* --- the store --- */

static void add_developer(gx_database *database, const char *id)
{
    gx_statement *insert =
        gx_query(database, "INSERT INTO developers (id, name, mode, created_at) VALUES ($1, 'n', 'sandbox', 0)");
    gx_bind_text(insert, 1, id);
    assert_true(gx_database_begin(database, true));
    assert_true(gx_statement_run(insert));
    gx_statement *key = gx_query(database, "INSERT INTO api_keys (id, developer_id, hash, name, scopes, created_at, "
                                           "expires_at) VALUES ($1, $1, $1, 'n', 'admin', 0, 9223372036854775807)");
    gx_bind_text(key, 1, id);
    assert_true(gx_statement_run(key));
    assert_true(gx_database_commit(database));
}

static void make_store(const char *location)
{
    gx_error error = {{0}};
    gx_database *database = gx_sqlite_open(location, false, &error);
    if (!database || gx_schema_migrate(database, &error) != 0)
        fail_msg("%s", error.message);
    add_developer(database, DEVELOPER);
    add_developer(database, STRANGER);
    gx_database_close(database);
}

int stage_setup(void **state)
{
    stage *s = calloc(1, sizeof *s);
    assert_non_null(s);
    snprintf(s->folder, sizeof s->folder, "/tmp/grantex-feed-XXXXXX");
    assert_non_null(mkdtemp(s->folder));
    snprintf(s->location, sizeof s->location, "%s/store.db", s->folder);
    make_store(s->location);
    s->bus = gx_bus_new();
    assert_non_null(s->bus);
    gx_error error = {{0}};
    /* One reader: what was asked first has been read when the answer to a later question is there. */
    gx_lanes_options lanes = {.readers = 1, .location = s->location, .committed = gx_bus_publish, .context = s->bus};
    s->lanes = gx_lanes_start(&lanes, &error);
    if (!s->lanes)
        fail_msg("%s", error.message);
    desk_init(&s->desk);
    *state = s;
    return 0;
}

static void remove_store(const stage *s)
{
    static const char *const ENDINGS[] = {"", "-wal", "-shm"};
    char path[128];
    for (size_t i = 0; i < sizeof ENDINGS / sizeof *ENDINGS; i++) {
        snprintf(path, sizeof path, "%s%s", s->location, ENDINGS[i]);
        unlink(path);
    }
    rmdir(s->folder);
}

int stage_teardown(void **state)
{
    stage *s = *state;
    if (s->lanes)
        gx_lanes_stop(s->lanes);
    gx_lanes_free(s->lanes);
    desk_destroy(&s->desk);
    gx_bus_free(s->bus);
    remove_store(s);
    free(s);
    return 0;
}

/* --- jobs that the test waits for --- */

typedef struct waited_job {
    gx_job job;
    const char *developer_id;
    gx_event_type type;
    int count;
    gx_log_position head;
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool finished;
    gx_job_end end;
} waited_job;

static void finish(gx_job *job, gx_job_end end)
{
    waited_job *w = (waited_job *)(void *)job;
    pthread_mutex_lock(&w->lock);
    w->end = end;
    w->finished = true;
    pthread_cond_signal(&w->done);
    pthread_mutex_unlock(&w->lock);
}

static gx_job_end wait_for(waited_job *w, bool (*post)(gx_lanes *lanes, gx_job *job), gx_lanes *lanes)
{
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->done, NULL);
    w->job.finish = finish;
    assert_true(post(lanes, &w->job));
    pthread_mutex_lock(&w->lock);
    while (!w->finished)
        pthread_cond_wait(&w->done, &w->lock);
    pthread_mutex_unlock(&w->lock);
    pthread_cond_destroy(&w->done);
    pthread_mutex_destroy(&w->lock);
    return w->end;
}

static bool run_append(gx_job *job, gx_txn *txn)
{
    const waited_job *w = (waited_job *)(void *)job;
    for (int i = 0; i < w->count; i++) {
        if (!gx_log_append(txn, w->developer_id, w->type, GX_SPAN("{\"grantId\":\"grnt_x\"}")))
            return false;
    }
    return true;
}

bool stage_append(stage *s, const char *developer_id, gx_event_type type, int count)
{
    waited_job w = {.job.run = run_append, .developer_id = developer_id, .type = type, .count = count};
    return wait_for(&w, gx_lanes_write, s->lanes) == GX_JOB_KEPT;
}

static bool run_trim(gx_job *job, gx_txn *txn)
{
    const waited_job *w = (waited_job *)(void *)job;
    int64_t trimmed;
    txn->now_ms += 1000; /* later than any event */
    return gx_log_trim(txn, w->developer_id, &(gx_retention){.events = w->count, .age_ms = w->count == 0}, &trimmed);
}

void stage_trim(stage *s, const char *developer_id, int events)
{
    waited_job w = {.job.run = run_trim, .developer_id = developer_id, .count = events};
    assert_int_equal(wait_for(&w, gx_lanes_write, s->lanes), GX_JOB_KEPT);
}

static bool run_head(gx_job *job, gx_txn *txn)
{
    waited_job *w = (waited_job *)(void *)job;
    return gx_log_head(txn->database, w->developer_id, &w->head) == GX_LOG_FOUND;
}

gx_log_position stage_head(stage *s, const char *developer_id)
{
    waited_job w = {.job.run = run_head, .developer_id = developer_id};
    assert_int_equal(wait_for(&w, gx_lanes_read, s->lanes), GX_JOB_KEPT);
    return w.head;
}
