#include "store/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/log_batch.h"
#include "store/log_trim.h"
#include "store/schema.h"

/* A store and one write transaction at a time, with a clock that the test sets. */
typedef struct desk {
    store_place place;
    gx_database *database;
    gx_txn txn;
} desk;

static int desk_setup(void **state)
{
    desk *d = calloc(1, sizeof *d);
    assert_non_null(d);
    store_place_make(&d->place);
    d->database = open_or_fail(d->place.location, false);
    d->txn = (gx_txn){.database = d->database, .log = gx_log_batch_new()};
    assert_int_equal(gx_schema_migrate(d->database, NULL), 0);
    add_developer(d->database, ADA);
    add_developer(d->database, BOB);
    *state = d;
    return 0;
}

static int desk_teardown(void **state)
{
    desk *d = *state;
    gx_log_batch_free(d->txn.log);
    gx_database_close(d->database);
    store_place_remove(&d->place);
    free(d);
    return 0;
}

static void begin(desk *d)
{
    gx_log_batch_clear(d->txn.log);
    assert_true(gx_database_begin(d->database, true));
}

static void commit(desk *d)
{
    assert_true(gx_log_batch_write_heads(d->txn.log, d->database));
    assert_true(gx_database_commit(d->database));
}

static void append(desk *d, const char *developer, int64_t now_ms)
{
    d->txn.now_ms = now_ms;
    assert_true(gx_log_append(&d->txn, developer, GX_EVENT_BUDGET_THRESHOLD, GX_SPAN("{\"percentage\":50}")));
}

static gx_log_position head_of(desk *d, const char *developer)
{
    gx_log_position head;
    assert_int_equal(gx_log_head(d->database, developer, &head), GX_LOG_FOUND);
    return head;
}

/* What a log holds, read back. */
typedef struct page {
    size_t count, most; /* visiting stops at `most` */
    gx_log_position at[256];
} page;

static bool take(void *context, const gx_logged_event *event)
{
    page *p = context;
    gx_log_position *at = &p->at[p->count++];
    *at = (gx_log_position){.seq = event->seq, .timestamp_ms = event->timestamp_ms};
    memcpy(at->id, event->id.ptr, event->id.len);
    return p->count < p->most;
}

static page read_all(desk *d, const char *developer)
{
    page p = {.most = 256};
    assert_true(gx_log_read(d->database, developer, 0, 256, take, &p) == (int64_t)p.count);
    return p;
}

/* --- appending --- */

static bool compare_with_expected(void *context, const gx_logged_event *event)
{
    const gx_logged_event *expected = context;
    assert_string_equal(event->developer_id, expected->developer_id);
    assert_int_equal(event->seq, expected->seq);
    assert_true(gx_span_equal(event->id, expected->id));
    assert_int_equal(event->type, expected->type);
    assert_int_equal(event->timestamp_ms, expected->timestamp_ms);
    assert_true(gx_span_equal(event->data, expected->data));
    return true;
}

static void an_event_is_read_as_it_was_appended(void **state)
{
    desk *d = *state;
    begin(d);
    d->txn.now_ms = 1234567890123;
    assert_true(gx_log_append(&d->txn, ADA, GX_EVENT_GRANT_REVOKED, GX_SPAN("{\"grantId\":\"grnt_1\"}")));
    assert_int_equal(d->txn.log->count, 1);
    gx_logged_event *told = &d->txn.log->events[0];
    assert_int_equal(told->seq, 1);
    assert_true(told->timestamp_ms == 1234567890123);
    assert_true(gx_event_id_valid(told->id));
    commit(d);
    assert_int_equal(gx_log_read(d->database, ADA, 0, 10, compare_with_expected, told), 1);
}

static void every_type_survives_the_store(void **state)
{
    desk *d = *state;
    begin(d);
    for (unsigned type = 0; type < GX_EVENT_TYPE_COUNT; type++)
        assert_true(gx_log_append(&d->txn, ADA, (gx_event_type)type, GX_SPAN("{}")));
    commit(d);
    for (unsigned type = 0; type < GX_EVENT_TYPE_COUNT; type++)
        assert_int_equal(gx_log_read(d->database, ADA, type, 1, compare_with_expected, &d->txn.log->events[type]), 1);
}

static void developers_count_each_for_themselves(void **state)
{
    desk *d = *state;
    begin(d);
    for (int i = 0; i < 5; i++) {
        append(d, ADA, 1000);
        append(d, BOB, 1000);
        append(d, ADA, 1000);
    }
    commit(d);
    assert_int_equal(head_of(d, ADA).seq, 10);
    assert_int_equal(head_of(d, BOB).seq, 5);
    assert_log_whole(d->database, ADA);
    assert_log_whole(d->database, BOB);
}

static void a_clock_that_goes_back_does_not_take_the_log_with_it(void **state)
{
    desk *d = *state;
    static const int64_t clock[] = {5000, 4000, -1, 5001, 0, 5002};
    static const int64_t written[] = {5000, 5000, 5000, 5001, 5001, 5002};
    for (int each_alone = 0; each_alone < 2; each_alone++) { /* in one transaction, and over many */
        const char *developer = each_alone ? BOB : ADA;
        begin(d);
        for (size_t i = 0; i < 6; i++) {
            append(d, developer, clock[i]);
            if (each_alone) {
                commit(d);
                begin(d);
            }
        }
        commit(d);
        page p = read_all(d, developer);
        for (size_t i = 0; i < 6; i++)
            assert_true(p.at[i].timestamp_ms == written[i]);
        assert_log_whole(d->database, developer);
    }
}

static void what_a_refused_job_appended_is_taken_back_from_the_head_too(void **state)
{
    desk *d = *state;
    begin(d);
    append(d, ADA, 1000);
    gx_log_position before = gx_log_batch_head(d->txn.log, ADA)->at;

    gx_log_mark mark = gx_log_batch_mark(d->txn.log);
    assert_true(gx_database_savepoint(d->database));
    append(d, ADA, 9000);
    append(d, BOB, 9000);
    append(d, ADA, 9000);
    gx_log_batch_undo(d->txn.log, mark);
    assert_true(gx_database_rollback_to(d->database));
    assert_memory_equal(&gx_log_batch_head(d->txn.log, ADA)->at, &before, sizeof before);
    assert_null(gx_log_batch_head(d->txn.log, BOB)); /* its row was given up with the savepoint */

    append(d, BOB, 2000);
    append(d, ADA, 2000);
    commit(d);
    assert_int_equal(head_of(d, ADA).seq, 2);
    assert_true(head_of(d, ADA).timestamp_ms == 2000); /* not 9000 */
    assert_int_equal(head_of(d, BOB).seq, 1);
    assert_log_whole(d->database, ADA);
    assert_log_whole(d->database, BOB);
}

static void a_transaction_may_append_to_many_developers_many_times(void **state)
{
    desk *d = *state;
    char id[32];
    for (int i = 0; i < 200; i++) {
        snprintf(id, sizeof id, "dev_%d", i);
        add_developer(d->database, id);
    }
    begin(d);
    for (int i = 0; i < 1000; i++) {
        snprintf(id, sizeof id, "dev_%d", i % 200);
        append(d, id, 1000 + i);
    }
    commit(d);
    for (int i = 0; i < 200; i++) {
        snprintf(id, sizeof id, "dev_%d", i);
        assert_int_equal(head_of(d, id).seq, 5);
        assert_log_whole(d->database, id);
    }
    for (size_t i = 0; i < 1000; i++) { /* what is told did not move when the batch grew */
        snprintf(id, sizeof id, "dev_%zu", i % 200);
        assert_string_equal(d->txn.log->events[i].developer_id, id);
    }
}

static void an_unknown_developer_is_a_fault(void **state)
{
    desk *d = *state;
    begin(d);
    assert_false(gx_log_append(&d->txn, "dev_nobody", GX_EVENT_GRANT_CREATED, GX_SPAN("{}")));
    assert_int_equal(gx_database_fault_of(d->database), GX_FAULT_OTHER);
    assert_int_equal(d->txn.log->count, 0);
    commit(d);
}

static void a_transaction_takes_only_so_many_bytes_of_events(void **state)
{
    desk *d = *state;
    size_t length = GX_LOG_BATCH_MOST_BYTES / 4;
    char *large = malloc(length);
    assert_non_null(large);
    memset(large, ' ', length);
    begin(d);
    for (int i = 0; i < 3; i++)
        assert_true(gx_log_append(&d->txn, ADA, GX_EVENT_GRANT_CREATED, (gx_span){large, length}));
    assert_false(gx_log_append(&d->txn, ADA, GX_EVENT_GRANT_CREATED, (gx_span){large, length}));
    assert_int_equal(gx_database_fault_of(d->database), GX_FAULT_LOST);
    gx_database_rollback(d->database);
    free(large);
}

/* --- finding --- */

/* 40 events, three to a millisecond, for both developers; those before `oldest` trimmed away. Says what it held before.
 */
static page write_log(desk *d, const char *developer, int count, int oldest)
{
    begin(d);
    for (int i = 0; i < count; i++)
        append(d, developer, 1000 + 2 * (i / 3));
    commit(d);
    page p = read_all(d, developer);
    int64_t trimmed = 0;
    begin(d);
    if (oldest > 1)
        assert_true(gx_log_trim(&d->txn, developer, &(gx_retention){.events = count - oldest + 1}, &trimmed));
    commit(d);
    assert_int_equal(trimmed, oldest - 1);
    return p;
}

static void assert_same_place(const gx_log_position *one, const gx_log_position *other)
{
    assert_int_equal(one->seq, other->seq);
    assert_string_equal(one->id, other->id);
    assert_int_equal(one->timestamp_ms, other->timestamp_ms);
}

static void every_id_is_found_and_no_other_in_logs_of_any_length(void **state)
{
    desk *d = *state;
    for (int count = 0; count <= 12; count++) {
        char developer[32];
        snprintf(developer, sizeof developer, "dev_%d", count);
        add_developer(d->database, developer);
        int oldest = count > 5 ? 4 : 1;
        page p = write_log(d, developer, count, oldest);
        for (size_t i = 0; i < p.count; i++) {
            gx_log_position found;
            gx_span id = gx_span_of(p.at[i].id);
            gx_log_lookup expected = p.at[i].seq < oldest ? GX_LOG_TRIMMED : GX_LOG_FOUND;
            assert_int_equal(gx_log_find_id(d->database, developer, id, &found), expected);
            assert_same_place(&found, &p.at[i]);
            id.len--;
            assert_int_equal(gx_log_find_id(d->database, developer, id, &found), GX_LOG_NOT_FOUND);
            assert_int_equal(gx_log_find_id(d->database, ADA, gx_span_of(p.at[i].id), &found), GX_LOG_NOT_FOUND);
        }
        static const char *const never[] = {"",
                                            "evt_",
                                            "evt_00000000000000000000000000",
                                            "evt_Z",
                                            "zzz",
                                            "evt_7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
                                            "evt_7ZZZZZZZZZZZZZZZZZZZZZZZZZ7"};
        for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
            gx_log_position found = {.seq = -7};
            gx_span id = gx_span_of(never[i]);
            assert_int_equal(gx_log_find_id(d->database, developer, id, &found), GX_LOG_NOT_FOUND);
            assert_int_equal(found.seq, -7);
        }
    }
}

static void ids_of_another_developer_are_not_found(void **state)
{
    desk *d = *state;
    gx_log_position found;
    begin(d);
    for (int i = 0; i < 20; i++)
        append(d, i % 2 ? ADA : BOB, 1000);
    commit(d);
    page ada = read_all(d, ADA), bob = read_all(d, BOB);
    for (size_t i = 0; i < 10; i++) {
        assert_int_equal(gx_log_find_id(d->database, BOB, gx_span_of(ada.at[i].id), &found), GX_LOG_NOT_FOUND);
        assert_int_equal(gx_log_find_id(d->database, ADA, gx_span_of(bob.at[i].id), &found), GX_LOG_NOT_FOUND);
        assert_int_equal(gx_log_find_id(d->database, "dev_none", gx_span_of(bob.at[i].id), &found), GX_LOG_NOT_FOUND);
    }
}

/* The position before the first event at or after `since`, the slow way. */
static gx_log_position expected_since(const page *p, int64_t since_ms)
{
    size_t first = 0;
    while (first < p->count && p->at[first].timestamp_ms < since_ms)
        first++;
    return first == 0 ? (gx_log_position){0} : p->at[first - 1];
}

static void since_gives_the_place_before_the_first_event_that_is_not_older(void **state)
{
    desk *d = *state;
    for (int count = 1; count <= 12; count++) {
        char developer[32];
        snprintf(developer, sizeof developer, "dev_%d", count);
        add_developer(d->database, developer);
        page p = write_log(d, developer, count, count > 5 ? 4 : 1);
        for (int64_t since = 995; since < 1015; since++) {
            gx_log_position found, expected = expected_since(&p, since);
            assert_int_equal(gx_log_find_since(d->database, developer, since, &found), GX_LOG_FOUND);
            assert_int_equal(found.seq, expected.seq);
            assert_string_equal(found.id, expected.id);
            assert_int_equal(found.timestamp_ms, expected.timestamp_ms);
        }
    }
}

static void an_empty_log_has_its_head_at_zero(void **state)
{
    desk *d = *state;
    gx_log_position found = head_of(d, ADA);
    assert_int_equal(found.seq, 0);
    assert_string_equal(found.id, "");
    found.seq = 5;
    assert_int_equal(gx_log_find_since(d->database, ADA, 0, &found), GX_LOG_FOUND);
    assert_int_equal(found.seq, 0);
    assert_int_equal(gx_log_find_since(d->database, "dev_nobody", 0, &found), GX_LOG_NOT_FOUND);
    assert_int_equal(gx_log_head(d->database, "dev_nobody", &found), GX_LOG_NOT_FOUND);
}

/* --- reading --- */

static void reading_stops_where_it_is_told_to(void **state)
{
    desk *d = *state;
    write_log(d, ADA, 20, 1);
    write_log(d, BOB, 3, 1);
    page p = {.most = 256};
    assert_int_equal(gx_log_read(d->database, ADA, 5, 7, take, &p), 7);
    assert_int_equal(p.at[0].seq, 6);
    assert_int_equal(p.at[6].seq, 12);
    p = (page){.most = 4};
    assert_int_equal(gx_log_read(d->database, ADA, 0, 100, take, &p), 4);
    p = (page){.most = 256};
    assert_int_equal(gx_log_read(d->database, ADA, 18, 100, take, &p), 2);
    assert_int_equal(gx_log_read(d->database, ADA, 20, 100, take, &p), 0);
    assert_int_equal(gx_log_read(d->database, ADA, INT64_MAX, 100, take, &p), 0);
    assert_int_equal(gx_log_read(d->database, ADA, 0, 0, take, &p), 0);
    assert_int_equal(gx_log_read(d->database, "dev_nobody", 0, 100, take, &p), 0);
}

static bool is_news(void *context, const gx_logged_event *event)
{
    int64_t *news = context;
    if (event->type == GX_EVENT_OTHER && gx_span_equal(event->type_name, GX_SPAN("grant.praised")))
        *news = event->seq;
    return true;
}

static void the_reach_of_many_logs_is_read_at_once(void **state)
{
    enum { MANY = 37 };
    desk *d = *state;
    char ids[MANY][16];
    gx_log_reach reaches[MANY];
    for (int i = 0; i < MANY; i++) {
        snprintf(ids[i], sizeof ids[i], "dev_%d", i);
        reaches[i] = (gx_log_reach){.developer_id = ids[i], .last_seq = -1};
        if (i == 20)
            continue; /* nobody */
        add_developer(d->database, ids[i]);
        write_log(d, ids[i], i % 5, 1);
    }
    assert_true(gx_log_read_reaches(d->database, reaches, MANY));
    for (int i = 0; i < MANY; i++)
        assert_int_equal(reaches[i].last_seq, i == 20 ? -1 : i % 5);
    assert_true(gx_statement_run(gx_query(d->database, "DROP TABLE developers")));
    assert_false(gx_log_read_reaches(d->database, reaches, MANY));
}

static void a_type_of_a_newer_program_does_not_stand_in_the_way(void **state)
{
    desk *d = *state;
    int64_t news = 0;
    write_log(d, ADA, 3, 1);
    assert_true(gx_statement_run(gx_query(d->database, "UPDATE events SET type = 'grant.praised' WHERE seq = 2")));
    assert_int_equal(gx_log_read(d->database, ADA, 0, 100, is_news, &news), 3);
    assert_int_equal(news, 2);
}

static void a_hole_in_the_log_is_a_fault_and_never_passed_over(void **state)
{
    desk *d = *state;
    page p = {.most = 256};
    write_log(d, ADA, 9, 4);
    assert_int_equal(gx_log_read(d->database, ADA, 0, 100, take, &p), 6);
    assert_int_equal(p.at[0].seq, 4);
    assert_true(gx_statement_run(gx_query(d->database, "DELETE FROM events WHERE seq = 6")));
    assert_int_equal(gx_log_read(d->database, ADA, 3, 100, take, &p), -1);
    assert_int_equal(gx_log_read(d->database, ADA, 5, 100, take, &p), -1);
    assert_int_equal(gx_log_read(d->database, ADA, 6, 100, take, &p), 3);
    assert_true(gx_statement_run(gx_query(d->database, "DELETE FROM events WHERE seq < 6")));
    assert_int_equal(gx_log_read(d->database, ADA, 0, 100, take, &p), -1);
}

static void what_is_damaged_in_the_log_is_a_fault(void **state)
{
    desk *d = *state;
    gx_log_position found;
    page p = {.most = 256};
    write_log(d, ADA, 3, 1);
    assert_true(gx_statement_run(gx_query(d->database, "UPDATE events SET id = id || id")));
    assert_int_equal(gx_log_find_since(d->database, ADA, 0, &found), GX_LOG_ERROR);
    assert_int_equal(gx_log_find_id(d->database, ADA, GX_SPAN("evt_"), &found), GX_LOG_ERROR);
    assert_true(gx_statement_run(gx_query(d->database, "DROP TABLE events")));
    assert_int_equal(gx_log_read(d->database, ADA, 0, 100, take, &p), -1);
    assert_int_equal(gx_log_find_since(d->database, ADA, 0, &found), GX_LOG_ERROR);
}

#define AT_A_DESK(test) cmocka_unit_test_setup_teardown(test, desk_setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AT_A_DESK(an_event_is_read_as_it_was_appended),
        AT_A_DESK(every_type_survives_the_store),
        AT_A_DESK(developers_count_each_for_themselves),
        AT_A_DESK(a_clock_that_goes_back_does_not_take_the_log_with_it),
        AT_A_DESK(what_a_refused_job_appended_is_taken_back_from_the_head_too),
        AT_A_DESK(a_transaction_may_append_to_many_developers_many_times),
        AT_A_DESK(an_unknown_developer_is_a_fault),
        AT_A_DESK(a_transaction_takes_only_so_many_bytes_of_events),
        AT_A_DESK(every_id_is_found_and_no_other_in_logs_of_any_length),
        AT_A_DESK(ids_of_another_developer_are_not_found),
        AT_A_DESK(since_gives_the_place_before_the_first_event_that_is_not_older),
        AT_A_DESK(an_empty_log_has_its_head_at_zero),
        AT_A_DESK(reading_stops_where_it_is_told_to),
        AT_A_DESK(the_reach_of_many_logs_is_read_at_once),
        AT_A_DESK(a_type_of_a_newer_program_does_not_stand_in_the_way),
        AT_A_DESK(a_hole_in_the_log_is_a_fault_and_never_passed_over),
        AT_A_DESK(what_is_damaged_in_the_log_is_a_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
