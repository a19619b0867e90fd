/* A subscriber whom trimming has overtaken: told once, exactly, before the first event behind the gap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "feed/follower.h"
#include "feed/gap.h"

static const gx_log_position START = {0};

static int open_small_feed(void **state)
{
    if (stage_setup(state) != 0)
        return -1;
    stage *s = *state;
    assert_true(desk_open(&s->desk, s, (gx_feed_options){.tail_frames = 8, .page_events = 20}));
    return 0;
}

static void append(stage *s, int count)
{
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, count));
}

/* One gap that counts `missed` and ends at `to`, then the events behind it up to `last`. */
static void assert_gap_then_events(const follower *f, int64_t missed, int64_t to, int64_t last)
{
    const received *r = read_all(f);
    assert_int_equal(r->gaps, 1);
    assert_int_equal(r->missed, missed);
    assert_int_equal(r->gap_to, to);
    assert_int_equal(r->before_gap, 0);
    assert_int_equal(r->count, last - to);
    for (size_t i = 0; i < r->count; i++)
        assert_int_equal(r->seqs[i], to + 1 + (int64_t)i);
}

static void what_was_trimmed_is_told_before_the_first_event(void **state)
{
    stage *s = *state;
    append(s, 50);
    stage_trim(s, DEVELOPER, 10);
    follower f;
    follow_from(&f, &s->desk, EVERYTHING, START);
    until_seq(&f, &s->desk, 50);
    assert_gap_then_events(&f, 40, 40, 50);
    unfollow(&f);
}

/* Gives `step` bytes at a time until everything up to `seq` is there. */
typedef struct slow_reader {
    follower f;
    size_t step;
} slow_reader;

static bool has_taken_another_step(void *context)
{
    slow_reader *slow = context;
    memory_sink_give(&slow->f.sink, slow->step);
    return !slow->f.sink.rest.ptr && gx_subscriber_position(slow->f.sink.subscriber)->seq >= slow->f.wanted;
}

static void assert_whole_at_every_cut(stage *s, gx_view view)
{
    append(s, 30);
    stage_trim(s, DEVELOPER, 3);
    for (size_t cut = 0; cut < 300; cut++) {
        slow_reader slow = {.step = 5000};
        follow_with_room(&slow.f, &s->desk, view, START, cut);
        slow.f.wanted = 1; /* the gap, at least */
        until_seq(&slow.f, &s->desk, 1);
        slow.f.wanted = 30;
        desk_until(&s->desk, has_taken_another_step, &slow);
        assert_gap_then_events(&slow.f, 27, 27, 30);
        unfollow(&slow.f);
    }
}

static void a_gap_is_whole_wherever_the_socket_cuts_it(void **state)
{
    assert_whole_at_every_cut(*state, EVERYTHING);
}

static void a_gap_on_a_websocket_is_whole_wherever_the_socket_cuts_it(void **state)
{
    const gx_view view = {.filter = GX_EVENT_FILTER_ALL, .framing = GX_FRAMING_WEBSOCKET};
    assert_whole_at_every_cut(*state, view);
}

static void a_reader_that_is_overtaken_is_told_and_goes_on(void **state)
{
    stage *s = *state;
    follower f;
    append(s, 5);
    follow_with_room(&f, &s->desk, EVERYTHING, START, 700);
    until_seq(&f, &s->desk, 1);
    int64_t seen = gx_subscriber_position(f.sink.subscriber)->seq;
    append(s, 100);
    gx_mailbox_drain(s->desk.mailbox);
    stage_trim(s, DEVELOPER, 10);
    memory_sink_give(&f.sink, SIZE_MAX / 2);
    until_seq(&f, &s->desk, 105);
    const received *r = read_all(&f);
    assert_int_equal(r->gaps, 1);
    assert_int_equal(r->before_gap, seen);
    assert_int_equal(r->missed, 95 - seen);
    assert_int_equal(r->count, seen + 10);
    assert_int_equal(r->seqs[r->count - 1], 105);
    unfollow(&f);
}

static void a_filter_that_missed_nothing_hears_nothing(void **state)
{
    stage *s = *state;
    append(s, 20);
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_GRANT_REVOKED, 2));
    stage_trim(s, DEVELOPER, 2);
    follower f;
    follow_from(&f, &s->desk, (gx_view){.filter = 1u << GX_EVENT_GRANT_REVOKED, .framing = GX_FRAMING_PLAIN}, START);
    until_seq(&f, &s->desk, 22);
    assert_int_equal(read_all(&f)->gaps, 0);
    assert_received(&f.sink, f.view.framing, 21, 22);
    unfollow(&f);
}

static void behind_a_gap_with_nothing_after_it_the_cursor_moves_all_the_same(void **state)
{
    stage *s = *state;
    append(s, 20);
    stage_trim(s, DEVELOPER, 0);
    follower f;
    follow_from(&f, &s->desk, EVERYTHING, START);
    until_seq(&f, &s->desk, 20);
    assert_gap_then_events(&f, 20, 20, 20);
    assert_string_equal(read_all(&f)->last_id, "");
    desk_pass(&s->desk, 15100);
    assert_int_equal(read_all(&f)->id_only, 1);
    assert_string_equal(read_all(&f)->last_id, stage_head(s, DEVELOPER).id);
    append(s, 1);
    until_seq(&f, &s->desk, 21);
    assert_gap_then_events(&f, 20, 20, 21);
    unfollow(&f);
}

static void gaps_are_counted_and_are_no_events(void **state)
{
    stage *s = *state;
    append(s, 20);
    stage_trim(s, DEVELOPER, 5);
    follower f;
    follow_from(&f, &s->desk, EVERYTHING, START);
    until_seq(&f, &s->desk, 20);
    gx_bus_stats stats;
    gx_bus_stats_read(s->bus, &stats);
    assert_int_equal(stats.gaps, 1);
    assert_int_equal(stats.delivered, 5);
    unfollow(&f);
}

static void a_gap_names_types_and_the_oldest_that_is_kept(void **state)
{
    (void)state;
    static const char TEXT[] = "{\"from\":3,\"to\":12,\"missed\":{\"total\":5,\"grant.created\":4,\"other\":1},"
                               "\"reason\":\"trimmed\",\"oldest\":{\"id\":\"evt_X\",\"seq\":13,"
                               "\"timestamp\":\"1970-01-01T00:00:01.000Z\"}}";
    gx_log_gap gap = {.from = 3, .to.seq = 12, .oldest = {.seq = 13, .id = "evt_X", .timestamp_ms = 1000}};
    gap.missed.of[GX_EVENT_GRANT_CREATED] = 4;
    gap.missed.of[GX_EVENT_TOKEN_ISSUED] = 5;
    gap.missed.of[GX_EVENT_OTHER] = 1;
    gx_buffer out = GX_BUFFER_INIT(0);
    gx_json json = gx_json_on(&out);
    gx_gap_write(&json, NULL, &gap, GX_EVENT_FILTER_ALL & ~(1u << GX_EVENT_TOKEN_ISSUED));
    assert_string_equal(gx_buffer_text(&out), TEXT);
    gx_buffer_free(&out);
}

#define ON_STAGE(test) cmocka_unit_test_setup_teardown(test, open_small_feed, stage_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_STAGE(what_was_trimmed_is_told_before_the_first_event),
        ON_STAGE(a_gap_is_whole_wherever_the_socket_cuts_it),
        ON_STAGE(a_gap_on_a_websocket_is_whole_wherever_the_socket_cuts_it),
        ON_STAGE(a_reader_that_is_overtaken_is_told_and_goes_on),
        ON_STAGE(a_filter_that_missed_nothing_hears_nothing),
        ON_STAGE(behind_a_gap_with_nothing_after_it_the_cursor_moves_all_the_same),
        ON_STAGE(gaps_are_counted_and_are_no_events),
        cmocka_unit_test(a_gap_names_types_and_the_oldest_that_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
