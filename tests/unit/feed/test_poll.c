/* What another program appends to the same store: found by the poll, and by nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "feed/bus.h"
#include "feed/follower.h"
#include "support/failing_alloc.h"

enum { POLL_MS = 1000 };

static int open_feed(void **state)
{
    if (stage_setup(state) != 0)
        return -1;
    stage *s = *state;
    assert_true(desk_open(&s->desk, s, (gx_feed_options){.poll_ms = POLL_MS}));
    return 0;
}

/* By lanes of its own, which know no bus. */
static void append_elsewhere(stage *s, const char *developer_id, int count)
{
    gx_error error = {{0}};
    gx_lanes *own = s->lanes;
    s->lanes = gx_lanes_start(&(gx_lanes_options){.location = s->location}, &error);
    assert_non_null(s->lanes);
    assert_true(stage_append(s, developer_id, GX_EVENT_TOKEN_ISSUED, count));
    gx_lanes_stop(s->lanes);
    gx_lanes_free(s->lanes);
    s->lanes = own;
}

/* The stage's one reader answers what the poll asked before it answers this. */
static void poll_answered(stage *s)
{
    desk_pass(&s->desk, POLL_MS);
    stage_head(s, DEVELOPER);
    gx_mailbox_drain(s->desk.mailbox);
}

static uint64_t pages_read(stage *s)
{
    gx_bus_stats stats;
    gx_bus_stats_read(s->bus, &stats);
    return stats.pages;
}

static void events_of_another_program_come_with_the_next_poll(void **state)
{
    stage *s = *state;
    follower f;
    follow(&f, s, EVERYTHING);
    int64_t wanted = 0;
    for (int round = 0; round < 5; round++) {
        assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 2));
        append_elsewhere(s, DEVELOPER, 3);
        poll_answered(s);
        until_seq(&f, &s->desk, wanted += 5);
    }
    assert_received(&f.sink, f.view.framing, 1, wanted);
    unfollow(&f);
}

static void an_event_of_ones_own_brings_what_lies_before_it(void **state)
{
    stage *s = *state;
    follower f;
    follow(&f, s, EVERYTHING);
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 1));
    until_seq(&f, &s->desk, 1);
    append_elsewhere(s, DEVELOPER, 3);
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 1));
    until_seq(&f, &s->desk, 5);
    assert_received(&f.sink, f.view.framing, 1, 5);
    unfollow(&f);
}

static void a_log_that_stands_still_costs_no_page(void **state)
{
    stage *s = *state;
    follower f, filtered;
    follow(&f, s, EVERYTHING);
    follow(&filtered, s, (gx_view){.filter = 1u << GX_EVENT_GRANT_REVOKED});
    append_elsewhere(s, DEVELOPER, 3);
    poll_answered(s);
    until_seq(&f, &s->desk, 3);
    until_seq(&filtered, &s->desk, 3);
    uint64_t before = pages_read(s);
    append_elsewhere(s, STRANGER, 1);
    for (int i = 0; i < 10; i++)
        poll_answered(s);
    assert_int_equal(pages_read(s), before);
    append_elsewhere(s, DEVELOPER, 1);
    poll_answered(s);
    until_seq(&f, &s->desk, 4);
    assert_true(pages_read(s) > before);
    unfollow(&f);
    unfollow(&filtered);
}

static void an_answer_finds_no_feed(void **state)
{
    stage *s = *state;
    follower f;
    follow(&f, s, EVERYTHING);
    desk_pass(&s->desk, POLL_MS);
    unfollow(&f);
    desk_close_feed(&s->desk);
}

static void a_poll_without_memory_is_made_up_for(void **state)
{
    stage *s = *state;
    follower f;
    follow(&f, s, EVERYTHING);
    int64_t wanted = 0;
    bool failed = true;
    for (long n = 1; failed; n++) {
        append_elsewhere(s, DEVELOPER, 1);
        gx_fail_allocation(n);
        desk_pass(&s->desk, POLL_MS);
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        poll_answered(s);
        until_seq(&f, &s->desk, ++wanted);
    }
    assert_true(wanted > 1);
    assert_received(&f.sink, f.view.framing, 1, wanted);
    unfollow(&f);
}

/* --- keys --- */

static void rotate_key(stage *s)
{
    gx_error error = {{0}};
    gx_database *database = gx_sqlite_open(s->location, false, &error);
    assert_non_null(database);
    gx_statement *update =
        gx_query(database, "UPDATE api_keys SET expires_at = $1, ended_by = 'rotated' WHERE developer_id = $2");
    gx_bind_int(update, 1, gx_clock_wall_ms());
    gx_bind_text(update, 2, DEVELOPER);
    assert_true(gx_database_begin(database, true));
    assert_true(gx_statement_run(update));
    assert_true(gx_database_commit(database));
    gx_database_close(database);
}

static void assert_key_rotated(const follower *f)
{
    assert_true(f->sink.ended);
    assert_non_null(strstr(gx_buffer_text((gx_buffer *)&f->sink.last), "\"reason\":\"key_rotated\""));
}

static void who_came_with_a_key_that_is_no_more_is_ended_by_the_poll(void **state)
{
    stage *s = *state;
    follower f;
    follow(&f, s, EVERYTHING);
    poll_answered(s);
    assert_false(f.sink.ended);
    rotate_key(s);
    poll_answered(s);
    assert_key_rotated(&f);
    unfollow(&f);
}

static int open_feed_of_its_own_store(void **state)
{
    if (stage_setup(state) != 0)
        return -1;
    stage *s = *state;
    assert_true(desk_open(&s->desk, s, (gx_feed_options){0}));
    return 0;
}

static void when_a_key_has_changed_nobody_stays_with_the_old_one_nor_slips_in(void **state)
{
    stage *s = *state;
    follower before, after;
    follow(&before, s, EVERYTHING);
    rotate_key(s);
    poll_answered(s);
    assert_false(before.sink.ended); /* nobody asks without a reason */
    gx_bus_check_keys(s->bus);
    desk_pass(&s->desk, 1);
    stage_head(s, DEVELOPER);
    gx_mailbox_drain(s->desk.mailbox);
    assert_key_rotated(&before);
    follow(&after, s, EVERYTHING); /* its call had looked at the key before */
    desk_pass(&s->desk, 1);
    stage_head(s, DEVELOPER);
    gx_mailbox_drain(s->desk.mailbox);
    assert_key_rotated(&after);
    unfollow(&before);
    unfollow(&after);
}

#define WITH_A_FEED(test) cmocka_unit_test_setup_teardown(test, open_feed, stage_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_A_FEED(events_of_another_program_come_with_the_next_poll),
        WITH_A_FEED(an_event_of_ones_own_brings_what_lies_before_it),
        WITH_A_FEED(a_log_that_stands_still_costs_no_page),
        WITH_A_FEED(an_answer_finds_no_feed),
        WITH_A_FEED(a_poll_without_memory_is_made_up_for),
        WITH_A_FEED(who_came_with_a_key_that_is_no_more_is_ended_by_the_poll),
        cmocka_unit_test_setup_teardown(when_a_key_has_changed_nobody_stays_with_the_old_one_nor_slips_in,
                                        open_feed_of_its_own_store, stage_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
