/* Trimming against a model: an array that remembers every event there ever was. */
#include "store/fixture.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/log_batch.h"
#include "store/log_trim.h"
#include "store/schema.h"
#include "store/sweeper.h"

#define MOST_EVENTS 1200
#define MS_APART    10

typedef struct model {
    store_place place;
    gx_database *database;
    gx_txn txn;
    int64_t count, trimmed;
    gx_log_position at[MOST_EVENTS + 1]; /* by seq; 0 is the empty log */
    gx_event_type type[MOST_EVENTS + 1];
} model;

static int setup(void **state)
{
    model *m = calloc(1, sizeof *m);
    assert_non_null(m);
    store_place_make(&m->place);
    m->database = open_or_fail(m->place.location, false);
    m->txn = (gx_txn){.database = m->database, .log = gx_log_batch_new()};
    assert_int_equal(gx_schema_migrate(m->database, NULL), 0);
    add_developer(m->database, ADA);
    add_developer(m->database, BOB);
    *state = m;
    return 0;
}

static int teardown(void **state)
{
    model *m = *state;
    gx_log_batch_free(m->txn.log);
    gx_database_close(m->database);
    store_place_remove(&m->place);
    free(m);
    return 0;
}

static void begin(model *m)
{
    gx_log_batch_clear(m->txn.log);
    assert_true(gx_database_begin(m->database, true));
}

static void commit(model *m)
{
    assert_true(gx_log_batch_write_heads(m->txn.log, m->database));
    assert_true(gx_database_commit(m->database));
}

/* Three to a millisecond; of types that come in runs of different lengths. */
static void append(model *m, int count)
{
    begin(m);
    for (int i = 0; i < count; i++) {
        int64_t seq = ++m->count;
        m->type[seq] = seq % 7 == 0  ? GX_EVENT_GRANT_REVOKED
                       : seq % 5 < 2 ? GX_EVENT_GRANT_CREATED
                                     : GX_EVENT_TOKEN_ISSUED;
        m->txn.now_ms = 1000 + MS_APART * (seq / 3);
        assert_true(gx_log_append(&m->txn, ADA, m->type[seq], GX_SPAN("{}")));
        const gx_logged_event *told = &m->txn.log->events[m->txn.log->count - 1];
        m->at[seq] = (gx_log_position){.seq = seq, .timestamp_ms = told->timestamp_ms};
        memcpy(m->at[seq].id, told->id.ptr, told->id.len);
    }
    commit(m);
}

static int64_t trim(model *m, gx_retention keep, int64_t now_ms)
{
    int64_t trimmed = -1;
    begin(m);
    m->txn.now_ms = now_ms;
    assert_true(gx_log_trim(&m->txn, ADA, &keep, &trimmed));
    commit(m);
    m->trimmed += trimmed;
    return trimmed;
}

static void trim_to(model *m, int64_t events)
{
    while (trim(m, (gx_retention){.events = events}, 0) == GX_TRIM_MOST)
        ;
}

static void assert_same_position(const gx_log_position *a, const gx_log_position *b)
{
    assert_int_equal(a->seq, b->seq);
    assert_string_equal(a->id, b->id);
    assert_int_equal(a->timestamp_ms, b->timestamp_ms);
}

static gx_log_counts missed_of(const model *m, int64_t after, int64_t not_before_ms)
{
    gx_log_counts counts = {0};
    for (int64_t seq = after + 1; seq <= m->trimmed; seq++)
        counts.of[m->type[seq]] += m->at[seq].timestamp_ms >= not_before_ms;
    return counts;
}

static void check_gap(model *m, int64_t after, int64_t not_before_ms)
{
    gx_log_gap gap;
    gx_log_lookup found = gx_log_gap_after(m->database, ADA, &m->at[after], not_before_ms, &gap);
    assert_int_equal(found, after < m->trimmed ? GX_LOG_FOUND : GX_LOG_NOT_FOUND);
    if (found != GX_LOG_FOUND)
        return;
    gx_log_counts expected = missed_of(m, after, not_before_ms);
    assert_memory_equal(&gap.missed, &expected, sizeof expected);
    assert_int_equal(gap.from, after + 1);
    assert_same_position(&gap.to, &m->at[m->trimmed]);
    assert_same_position(&gap.oldest, m->trimmed < m->count ? &m->at[m->trimmed + 1] : &(gx_log_position){0});
}

static void check_id(model *m, int64_t seq)
{
    gx_log_position found;
    gx_log_lookup expected = seq <= m->trimmed ? GX_LOG_TRIMMED : GX_LOG_FOUND;
    assert_int_equal(gx_log_find_id(m->database, ADA, gx_span_of(m->at[seq].id), &found), expected);
    assert_same_position(&found, &m->at[seq]);
    assert_int_equal(gx_log_find_id(m->database, BOB, gx_span_of(m->at[seq].id), &found), GX_LOG_NOT_FOUND);
}

static void check_since(model *m, int64_t since_ms)
{
    int64_t before = 0;
    while (before < m->count && m->at[before + 1].timestamp_ms < since_ms)
        before++;
    gx_log_position found;
    assert_int_equal(gx_log_find_since(m->database, ADA, since_ms, &found), GX_LOG_FOUND);
    assert_same_position(&found, &m->at[before]);
    if (before < m->trimmed)
        check_gap(m, before, since_ms);
}

/* Every event would be too many for a store that is a server of its own. */
static void check_all(model *m, int64_t step)
{
    for (int64_t seq = 1; seq <= m->count; seq += step) {
        check_id(m, seq);
        check_gap(m, seq, 0);
        check_gap(m, seq, m->at[(seq + m->trimmed) / 2].timestamp_ms);
        check_since(m, m->at[seq].timestamp_ms);
        check_since(m, m->at[seq].timestamp_ms + 1);
    }
    check_gap(m, 0, 0);
    check_since(m, 0);
}

static void what_was_trimmed_is_counted_exactly_from_every_place(void **state)
{
    model *m = *state;
    static const int kept[] = {10, 9, 9, 7, 1};
    append(m, 12);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        trim_to(m, kept[i]);
        assert_int_equal(m->trimmed, 12 - kept[i]);
        check_all(m, 1);
    }
    append(m, 5);
    trim_to(m, 3);
    check_all(m, 1);
}

static void counts_stay_exact_over_many_blocks(void **state)
{
    model *m = *state;
    append(m, MOST_EVENTS - 100);
    for (int64_t keep = 1000; keep > 0; keep -= 333) {
        trim_to(m, keep);
        assert_int_equal(m->trimmed, m->count - keep);
        check_all(m, 37);
    }
    append(m, 100);
    trim_to(m, 50);
    check_all(m, 37);
    assert_true(number_from(m->database, "SELECT COUNT(*) FROM trimmed_events") <= 5 * 3);
    assert_true(number_from(m->database, "SELECT MAX(block) FROM trimmed_events") >= 3);
}

static void one_transaction_trims_only_so_many(void **state)
{
    model *m = *state;
    append(m, GX_TRIM_MOST + 30);
    assert_int_equal(trim(m, (gx_retention){.events = 1}, 0), GX_TRIM_MOST);
    assert_int_equal(trim(m, (gx_retention){.events = 1}, 0), 29);
    assert_int_equal(trim(m, (gx_retention){.events = 1}, 0), 0);
    assert_int_equal(number_from(m->database, "SELECT COUNT(*) FROM events"), 1);
}

static void what_is_younger_than_the_age_stays(void **state)
{
    model *m = *state;
    append(m, 30);
    for (int64_t age = 500; age > 0; age -= 7) {
        int64_t now_ms = m->at[30].timestamp_ms + 3;
        trim(m, (gx_retention){.age_ms = age}, now_ms);
        for (int64_t seq = 1; seq <= 30; seq++)
            assert_int_equal(seq <= m->trimmed, now_ms - m->at[seq].timestamp_ms >= age);
        check_all(m, 5);
    }
    assert_true(m->trimmed > 20);
}

static int64_t bytes_of_log(model *m)
{
    return number_from(m->database, "SELECT log_bytes FROM developers WHERE id = '" ADA "'");
}

#define EACH (2 + 128) /* "{}" */

static void what_is_more_than_the_size_goes_and_the_size_is_counted_on(void **state)
{
    model *m = *state;
    append(m, 300);
    assert_int_equal(bytes_of_log(m), 300 * EACH);
    for (int64_t keep = 300 * EACH; keep > 100; keep -= 57 * EACH + 1) {
        while (trim(m, (gx_retention){.bytes = keep}, 0) == GX_TRIM_MOST)
            ;
        assert_int_equal(m->trimmed, 300 - keep / EACH);
        assert_int_equal(bytes_of_log(m), keep / EACH * EACH);
        check_all(m, 13);
    }
    trim_to(m, 1);
    append(m, 2);
    assert_int_equal(bytes_of_log(m), 3 * EACH);
    trim(m, (gx_retention){.bytes = 1}, 0);
    assert_int_equal(bytes_of_log(m), 0);
}

static void a_log_is_next_when_it_is_too_large(void **state)
{
    model *m = *state;
    char id[GX_ID_SIZE];
    bool ripe;
    append(m, 10);
    for (int64_t keep = 1; keep <= 12; keep++) {
        gx_retention retention = {.bytes = keep * EACH};
        assert_int_equal(gx_log_trim_next(m->database, "", &retention, 0, id, &ripe), GX_LOG_FOUND);
        assert_string_equal(id, ADA);
        assert_int_equal(ripe, keep < 10);
    }
}

static void what_is_taken_back_was_never_in_the_size(void **state)
{
    model *m = *state;
    begin(m);
    assert_true(gx_log_append(&m->txn, ADA, GX_EVENT_GRANT_CREATED, GX_SPAN("{}")));
    gx_log_mark mark = gx_log_batch_mark(m->txn.log);
    assert_true(gx_database_savepoint(m->database));
    assert_true(gx_log_append(&m->txn, ADA, GX_EVENT_GRANT_CREATED, GX_SPAN("{\"a\":1}")));
    assert_true(gx_database_rollback_to(m->database));
    gx_log_batch_undo(m->txn.log, mark);
    commit(m);
    assert_int_equal(bytes_of_log(m), EACH);
}

static void nothing_is_trimmed_when_nothing_was_asked_for(void **state)
{
    model *m = *state;
    append(m, 30);
    assert_int_equal(trim(m, (gx_retention){0}, INT64_MAX / 2), 0);
    check_all(m, 7);
}

static void a_log_of_which_nothing_is_kept_goes_on(void **state)
{
    model *m = *state;
    append(m, 10);
    assert_int_equal(trim(m, (gx_retention){.age_ms = 1}, 1000000), 10);
    check_all(m, 1);
    append(m, 3);
    assert_int_equal(m->at[11].seq, 11);
    check_all(m, 1);
}

static void a_type_of_a_newer_program_is_counted_too(void **state)
{
    model *m = *state;
    append(m, 10);
    assert_true(
        gx_statement_run(gx_query(m->database, "UPDATE events SET type = 'grant.praised' WHERE seq IN (2, 9)")));
    m->type[2] = m->type[9] = GX_EVENT_OTHER;
    trim_to(m, 2);
    trim_to(m, 1);
    check_all(m, 1);
    assert_int_equal(number_from(m->database, "SELECT total FROM trimmed_events WHERE type = 'grant.praised'"), 2);
}

static void an_id_that_never_was_is_not_found_among_the_trimmed(void **state)
{
    model *m = *state;
    append(m, 20);
    trim_to(m, 5);
    for (int64_t seq = 1; seq <= 20; seq++) {
        gx_log_position found = {.seq = -7};
        char id[GX_EVENT_ID_SIZE];
        memcpy(id, m->at[seq].id, sizeof id);
        id[15] = id[15] == 'X' ? 'Y' : 'X';
        assert_int_equal(gx_log_find_id(m->database, ADA, gx_span_of(id), &found), GX_LOG_NOT_FOUND);
        assert_int_equal(found.seq, -7);
    }
}

static void damage_in_what_was_written_down_is_a_fault(void **state)
{
    model *m = *state;
    gx_log_position found;
    gx_log_gap gap;
    append(m, 9);
    trim_to(m, 2);
    gx_span id = gx_span_of(m->at[1].id);
    assert_true(gx_statement_run(gx_query(m->database, "UPDATE trimmed_events SET ids = ids || 'X'")));
    assert_int_equal(gx_log_find_id(m->database, ADA, id, &found), GX_LOG_ERROR);
    assert_int_equal(gx_log_gap_after(m->database, ADA, &m->at[1], 0, &gap), GX_LOG_ERROR);
    assert_true(
        gx_statement_run(gx_query(m->database, "UPDATE trimmed_events SET ids = 'uuuuuuuuuuuuuuuuuuuuuuuuuu'")));
    assert_int_equal(gx_log_find_id(m->database, ADA, id, &found), GX_LOG_ERROR);
}

/* --- the sweeper --- */

typedef struct orders {
    int64_t now_ms;
    int count;
} orders;

static bool append_some(void *context, gx_txn *txn)
{
    const orders *o = context;
    txn->now_ms = o->now_ms > 0 ? o->now_ms : txn->now_ms;
    for (int i = 0; i < o->count; i++) {
        if (!gx_log_append(txn, ADA, GX_EVENT_TOKEN_ISSUED, GX_SPAN("{}")) ||
            !gx_log_append(txn, BOB, GX_EVENT_GRANT_CREATED, GX_SPAN("{}")))
            return false;
    }
    return true;
}

/* Waits by asking: the sweeper tells nobody. */
static void until_kept(const store_fixture *f, int64_t events)
{
    for (int i = 0; i < 12000; i++) {
        if (fixture_number(f, "SELECT COUNT(*) FROM events") == events)
            return;
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    fail_msg("not trimmed within two minutes");
}

static void the_sweeper_trims_every_log_while_others_write(void **state)
{
    store_fixture *f = *state;
    fixture_start(f, &(gx_lanes_options){.readers = 1});
    assert_int_equal(run_write(f, append_some, &(orders){.now_ms = 1000, .count = 400}), GX_JOB_KEPT);
    gx_sweeper_options options = {.lanes = f->lanes, .keep = {.age_ms = 3600 * 1000, .events = 50}, .pause_ms = 10};
    gx_sweeper *sweeper = gx_sweeper_start(&options, NULL);
    assert_non_null(sweeper);
    for (int i = 0; i < 20; i++)
        assert_int_equal(run_write(f, append_some, &(orders){.count = 1}), GX_JOB_KEPT);
    until_kept(f, 2 * 20); /* the young ones */
    assert_int_equal(run_write(f, append_some, &(orders){.count = 40}), GX_JOB_KEPT);
    until_kept(f, 2 * 50);
    gx_sweeper_stop(sweeper);
    assert_int_equal(fixture_number(f, "SELECT SUM(CAST(LENGTH(ids) AS BIGINT)) / 26 FROM trimmed_events"), 2 * 410);
}

/* --- two programs that trim, on one store --- */

enum { ROUNDS = 150 };

typedef struct program {
    gx_lanes *lanes;
    gx_sweeper *sweeper;
    pthread_t thread;
} program;

static bool append_one(void *context, gx_txn *txn)
{
    return gx_log_append(txn, context, GX_EVENT_TOKEN_ISSUED, GX_SPAN("{}"));
}

/* Each developer's calls come in the lane in which the other one's log is trimmed, and before that. */
static void *append_many(void *argument)
{
    const program *self = argument;
    for (int round = 0; round < ROUNDS; round++) {
        test_job jobs[2];
        job_make(&jobs[0], append_one, ADA);
        job_make(&jobs[1], append_one, BOB);
        jobs[0].job.lane_key = gx_span_hash(GX_SPAN(BOB)) % 4;
        jobs[1].job.lane_key = gx_span_hash(GX_SPAN(ADA)) % 4;
        for (int i = 0; i < 2; i++)
            assert_true(gx_lanes_write(self->lanes, &jobs[i].job));
        for (int i = 0; i < 2; i++)
            assert_int_equal(job_wait(&jobs[i]), GX_JOB_KEPT);
    }
    return NULL;
}

static void programs_that_trim_while_they_write_are_not_in_each_others_way(void **state)
{
    store_fixture *f = *state;
    gx_error error = {""};
    program programs[2];
    assert_int_not_equal(gx_span_hash(GX_SPAN(BOB)) % 4, gx_span_hash(GX_SPAN(ADA)) % 4);
    for (int i = 0; i < 2; i++) {
        programs[i].lanes = gx_lanes_start(&(gx_lanes_options){.location = f->location}, &error);
        assert_non_null(programs[i].lanes);
        gx_sweeper_options options = {.lanes = programs[i].lanes, .keep = {.events = 1}, .pause_ms = 1};
        programs[i].sweeper = gx_sweeper_start(&options, &error);
        assert_non_null(programs[i].sweeper);
        assert_int_equal(pthread_create(&programs[i].thread, NULL, append_many, &programs[i]), 0);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(programs[i].thread, NULL);
    until_kept(f, 2);
    for (int i = 0; i < 2; i++) {
        gx_sweeper_stop(programs[i].sweeper);
        assert_int_equal(gx_counted(&gx_lanes_stats(programs[i].lanes)->crossed), 0);
        gx_lanes_stop(programs[i].lanes);
        gx_lanes_free(programs[i].lanes);
    }
}

#define OF_A_MODEL(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OF_A_MODEL(what_was_trimmed_is_counted_exactly_from_every_place),
        OF_A_MODEL(counts_stay_exact_over_many_blocks),
        OF_A_MODEL(one_transaction_trims_only_so_many),
        OF_A_MODEL(what_is_younger_than_the_age_stays),
        OF_A_MODEL(what_is_more_than_the_size_goes_and_the_size_is_counted_on),
        OF_A_MODEL(a_log_is_next_when_it_is_too_large),
        OF_A_MODEL(what_is_taken_back_was_never_in_the_size),
        OF_A_MODEL(nothing_is_trimmed_when_nothing_was_asked_for),
        OF_A_MODEL(a_log_of_which_nothing_is_kept_goes_on),
        OF_A_MODEL(a_type_of_a_newer_program_is_counted_too),
        OF_A_MODEL(an_id_that_never_was_is_not_found_among_the_trimmed),
        OF_A_MODEL(damage_in_what_was_written_down_is_a_fault),
        cmocka_unit_test_setup_teardown(programs_that_trim_while_they_write_are_not_in_each_others_way, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(the_sweeper_trims_every_log_while_others_write, fixture_setup,
                                        fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
