#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "authority/support.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/agent.h"
#include "store/schema.h"
#include "support/store_place.h"
#include "wire/event_type.h"

enum { MOST_EVENTS = 512 };

/* Where the act that a test has begun stands. The lane's thread waits inside the transaction while the test uses it. */
typedef enum phase { IDLE, POSTED, OPEN, ENDING, ENDED } phase;

struct house {
    store_place place;
    gx_lanes *lanes;
    gx_database *look;
    gx_authority authority;
    gx_arena arena;
    gx_problem problem;
    int64_t clock_ahead_ms;
    gx_job job;
    gx_act act;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    phase phase; /* from here on under the lock */
    gx_txn *txn;
    bool keep;
    gx_job_end end;
    house_event events[MOST_EVENTS];
    size_t event_count;
};

static void set_phase(house *h, phase next)
{
    h->phase = next;
    pthread_cond_broadcast(&h->changed);
}

static void wait_for(house *h, phase wanted)
{
    while (h->phase != wanted)
        pthread_cond_wait(&h->changed, &h->lock);
}

static bool run_act(gx_job *job, gx_txn *txn)
{
    house *h = (house *)((char *)job - offsetof(house, job));
    pthread_mutex_lock(&h->lock);
    bool first_time = h->phase == POSTED;
    if (first_time) {
        h->txn = txn;
        set_phase(h, OPEN);
        wait_for(h, ENDING);
    }
    bool keep = first_time && h->keep; /* a lane may run a job twice; a test cannot */
    pthread_mutex_unlock(&h->lock);
    return keep;
}

static void finish_act(gx_job *job, gx_job_end end)
{
    house *h = (house *)((char *)job - offsetof(house, job));
    pthread_mutex_lock(&h->lock);
    h->end = end;
    set_phase(h, ENDED);
    pthread_mutex_unlock(&h->lock);
}

static void remember_events(void *context, const gx_logged_event *events, size_t count)
{
    house *h = context;
    pthread_mutex_lock(&h->lock);
    for (size_t i = 0; i < count && h->event_count < MOST_EVENTS; i++) {
        house_event *copy = &h->events[h->event_count++];
        snprintf(copy->developer_id, sizeof copy->developer_id, "%s", events[i].developer_id);
        snprintf(copy->data, sizeof copy->data, "%.*s", (int)events[i].data.len, events[i].data.ptr);
        copy->type = gx_event_type_name(events[i].type);
        copy->seq = events[i].seq;
    }
    pthread_mutex_unlock(&h->lock);
}

static void migrate(const char *location)
{
    gx_error error;
    gx_database *database = gx_database_open(location, false, &error);
    if (database == NULL || gx_schema_migrate(database, &error) != 0)
        fail_msg("%s", error.message);
    gx_database_close(database);
}

int house_setup(void **state)
{
    house *h = calloc(1, sizeof *h);
    assert_non_null(h);
    store_place_make(&h->place);
    migrate(h->place.location);
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->changed, NULL);
    h->arena = GX_ARENA_INIT(0);
    h->authority =
        (gx_authority){.public_url = "http://127.0.0.1:8480", .open_signup = true, .most_delegation_depth = 3};
    gx_error error;
    h->lanes = gx_lanes_start(
        &(gx_lanes_options){.location = h->place.location, .readers = 1, .committed = remember_events, .context = h},
        &error);
    if (h->lanes == NULL)
        fail_msg("%s", error.message);
    *state = h;
    return 0;
}

int house_teardown(void **state)
{
    house *h = *state;
    if (h->phase == OPEN) /* a failed assertion left it so */
        house_end(h, false);
    gx_lanes_stop(h->lanes);
    gx_lanes_free(h->lanes);
    gx_database_close(h->look);
    gx_arena_free(&h->arena);
    store_place_remove(&h->place);
    pthread_cond_destroy(&h->changed);
    pthread_mutex_destroy(&h->lock);
    free(h);
    return 0;
}

gx_authority *house_authority(house *h)
{
    return &h->authority;
}

void house_pass_time(house *h, int64_t ms)
{
    h->clock_ahead_ms += ms;
}

gx_act *house_begin(house *h, const char *developer_id, bool sandbox)
{
    h->job = (gx_job){.run = run_act, .finish = finish_act};
    h->problem = (gx_problem){0};
    pthread_mutex_lock(&h->lock);
    assert_int_equal(h->phase, IDLE);
    h->phase = POSTED;
    assert_true(gx_lanes_write(h->lanes, &h->job));
    while (h->phase != OPEN && h->phase != ENDED)
        pthread_cond_wait(&h->changed, &h->lock);
    bool open = h->phase == OPEN; /* otherwise the store gave no transaction */
    gx_txn *txn = h->txn;
    pthread_mutex_unlock(&h->lock);
    assert_true(open);
    txn->now_ms += h->clock_ahead_ms;
    h->act = (gx_act){.txn = txn,
                      .arena = &h->arena,
                      .problem = &h->problem,
                      .authority = &h->authority,
                      .developer_id = developer_id,
                      .sandbox = sandbox};
    return &h->act;
}

gx_job_end house_end(house *h, bool keep)
{
    pthread_mutex_lock(&h->lock);
    h->keep = keep;
    set_phase(h, ENDING);
    wait_for(h, ENDED);
    gx_job_end end = h->end;
    h->phase = IDLE;
    pthread_mutex_unlock(&h->lock);
    return end;
}

bool house_done(house *h, bool rule_said)
{
    assert_int_equal(house_end(h, rule_said), rule_said ? GX_JOB_KEPT : GX_JOB_REFUSED);
    return rule_said;
}

size_t house_event_count(house *h)
{
    pthread_mutex_lock(&h->lock);
    size_t count = h->event_count;
    pthread_mutex_unlock(&h->lock);
    return count;
}

const house_event *house_event_at(house *h, size_t index)
{
    assert_true(index < house_event_count(h));
    return &h->events[index];
}

const char *house_add_developer(house *h, const char *mode)
{
    gx_act *act = house_begin(h, NULL, false);
    gx_signed_up made;
    bool added = gx_developer_add(act, &(gx_sign_up_request){.name = "Acme", .mode = mode}, &made);
    assert_true(house_done(h, added));
    return made.developer.id;
}

const char *house_add_agent(house *h, const char *developer_id, const char *name)
{
    gx_act *act = house_begin(h, developer_id, false);
    gx_agent_row made;
    bool added = gx_agent_register(act, &(gx_agent_register_request){.name = name, .scopes = "[]"}, &made);
    assert_true(house_done(h, added));
    return made.id;
}

gx_database *house_look(house *h)
{
    if (h->look == NULL)
        h->look = gx_database_open(h->place.location, true, NULL);
    assert_non_null(h->look);
    return h->look;
}
