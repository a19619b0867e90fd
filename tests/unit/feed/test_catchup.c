/* What a subscriber gets that is behind: from the start, or because its socket is slow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "feed/follower.h"

static const gx_log_position START = {0};

static int open_small_feed(void **state)
{
    if (stage_setup(state) != 0)
        return -1;
    stage *s = *state;
    /* Small enough that everything overflows. */
    assert_true(desk_open(&s->desk, s, (gx_feed_options){.tail_frames = 8, .page_events = 20}));
    return 0;
}

static void append(stage *s, int count)
{
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, count));
}

static void what_was_before_comes_first_and_then_what_happens(void **state)
{
    stage *s = *state;
    append(s, 105);
    follower f;
    follow_from(&f, &s->desk, EVERYTHING, START);
    until_seq(&f, &s->desk, 105);
    append(s, 3);
    until_seq(&f, &s->desk, 108);
    assert_received(&f.sink, f.view.framing, 1, 108);
    unfollow(&f);
}

static void an_event_between_the_look_at_the_head_and_the_opening_is_found(void **state)
{
    stage *s = *state;
    append(s, 2);
    gx_log_position head = stage_head(s, DEVELOPER);
    append(s, 1); /* nobody follows: its frame is dropped */
    gx_mailbox_drain(s->desk.mailbox);
    follower f;
    follow_from(&f, &s->desk, EVERYTHING, head);
    until_seq(&f, &s->desk, 3);
    assert_received(&f.sink, f.view.framing, 3, 3);
    unfollow(&f);
}

static void a_cursor_ahead_of_the_bus_gets_nothing_twice(void **state)
{
    stage *s = *state;
    append(s, 1);
    follower early, late;
    follow(&early, s, EVERYTHING);
    append(s, 5); /* still in the mailbox */
    follow(&late, s, EVERYTHING);
    append(s, 1);
    until_seq(&late, &s->desk, 7);
    until_seq(&early, &s->desk, 7);
    assert_received(&early.sink, early.view.framing, 2, 7);
    assert_received(&late.sink, late.view.framing, 7, 7);
    unfollow(&early);
    unfollow(&late);
}

static void a_filter_holds_in_pages_and_moves_the_cursor(void **state)
{
    stage *s = *state;
    append(s, 30);
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_GRANT_REVOKED, 2));
    append(s, 30);
    follower f;
    follow_from(&f, &s->desk, (gx_view){.filter = 1u << GX_EVENT_GRANT_REVOKED, .framing = GX_FRAMING_PLAIN_NAMED},
                START);
    until_seq(&f, &s->desk, 62);
    assert_received(&f.sink, f.view.framing, 31, 32);
    desk_pass(&s->desk, 15100);
    assert_int_equal(read_all(&f)->id_only, 1);
    assert_string_equal(read_all(&f)->last_id, stage_head(s, DEVELOPER).id);
    unfollow(&f);
}

static void a_page_that_an_old_filter_chose_is_read_again(void **state)
{
    stage *s = *state;
    append(s, 30);
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_GRANT_REVOKED, 2));
    follower f;
    follow_from(&f, &s->desk, EVERYTHING, START); /* its page is on its way */
    gx_subscriber_filter(f.sink.subscriber, 1u << GX_EVENT_GRANT_REVOKED);
    until_seq(&f, &s->desk, 32);
    assert_received(&f.sink, f.view.framing, 31, 32);
    unfollow(&f);
}

/* --- a writer that never rests --- */

typedef struct writer {
    pthread_t thread;
    stage *stage;
    int rounds;
    bool failed; /* a thread of its own must not fail an assertion */
} writer;

static void *write_on(void *context)
{
    writer *w = context;
    for (int i = 0; i < w->rounds; i++)
        w->failed |= !stage_append(w->stage, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 1 + i % 13);
    return NULL;
}

static int64_t written(const writer *w)
{
    int64_t all = 0;
    for (int i = 0; i < w->rounds; i++)
        all += 1 + i % 13;
    return all;
}

static void start_writer(writer *w, stage *s, int rounds)
{
    w->stage = s;
    w->rounds = rounds;
    w->failed = false;
    assert_int_equal(pthread_create(&w->thread, NULL, write_on, w), 0);
}

static void join_writer(writer *w)
{
    pthread_join(w->thread, NULL);
    assert_false(w->failed);
}

static void nothing_is_lost_or_repeated_while_a_writer_commits(void **state)
{
    stage *s = *state;
    append(s, 50);
    writer w;
    follower all, joined[4];
    start_writer(&w, s, 60);
    follow_from(&all, &s->desk, EVERYTHING, START);
    gx_log_position from[4];
    int64_t last = 50 + written(&w);
    for (int i = 0; i < 4; i++) {
        from[i] = stage_head(s, DEVELOPER);
        follow_from(&joined[i], &s->desk, EVERYTHING, from[i]);
        until_seq(&joined[i], &s->desk, from[i].seq < last ? from[i].seq + 1 : last);
    }
    join_writer(&w);
    until_seq(&all, &s->desk, last);
    assert_received(&all.sink, all.view.framing, 1, last);
    for (int i = 0; i < 4; i++) {
        until_seq(&joined[i], &s->desk, last);
        assert_received(&joined[i].sink, joined[i].view.framing, from[i].seq + 1, last);
        unfollow(&joined[i]);
    }
    unfollow(&all);
}

/* --- slow sockets --- */

typedef struct stalling {
    follower *f;
    size_t (*next_room)(struct stalling *stalling);
    unsigned seed;
    size_t step;
} stalling;

static size_t always_step(stalling *how)
{
    return how->step;
}

static size_t some_at_random(stalling *how)
{
    how->seed = how->seed * 1103515245u + 12345u;
    unsigned dice = (how->seed >> 16) & 0x7fff;
    return dice % 7 == 0 ? 20000 : dice % 900;
}

/* Gives room bit by bit until nothing more is asked for. */
static bool has_all(void *context)
{
    stalling *how = context;
    while (how->f->sink.rest.ptr)
        memory_sink_give(&how->f->sink, how->next_room(how));
    return gx_subscriber_position(how->f->sink.subscriber)->seq >= how->f->wanted;
}

static void take_slowly(stalling *how, desk *d, int64_t last)
{
    how->f->wanted = last;
    desk_until(d, has_all, how);
    assert_null(how->f->sink.rest.ptr);
    assert_received(&how->f->sink, how->f->view.framing, 1, last);
}

static void one_byte_at_a_time_gets_everything_once(void **state)
{
    stage *s = *state;
    append(s, 40);
    follower f;
    follow_with_room(&f, &s->desk, EVERYTHING, START, 0);
    stalling how = {.f = &f, .next_room = always_step, .step = 1};
    take_slowly(&how, &s->desk, 40);
    append(s, 40); /* from LIVE, past the tail, and back */
    f.sink.room = 0;
    take_slowly(&how, &s->desk, 80);
    unfollow(&f);
}

static void cut_everywhere(stage *s, int64_t events, size_t length)
{
    for (size_t k = 0; k <= length; k++) {
        follower f;
        follow_with_room(&f, &s->desk, EVERYTHING, START, k);
        stalling how = {.f = &f, .next_room = always_step, .step = length};
        take_slowly(&how, &s->desk, events);
        unfollow(&f);
    }
}

static void a_cut_after_every_byte_of_a_few_frames_heals(void **state)
{
    stage *s = *state;
    append(s, 3);
    follower whole;
    follow_from(&whole, &s->desk, EVERYTHING, START);
    until_seq(&whole, &s->desk, 3);
    size_t length = whole.sink.got.length;
    unfollow(&whole);
    cut_everywhere(s, 3, length); /* nobody else follows: from pages */
}

static void a_cut_after_every_byte_of_a_few_frames_heals_in_the_tail_too(void **state)
{
    stage *s = *state;
    follower whole;
    follow_from(&whole, &s->desk, EVERYTHING, START);
    append(s, 3);
    until_seq(&whole, &s->desk, 3);
    cut_everywhere(s, 3, whole.sink.got.length);
    unfollow(&whole);
}

static void random_stalls_while_a_writer_commits_lose_nothing(void **state)
{
    stage *s = *state;
    for (unsigned seed = 1; seed <= 3; seed++) {
        int64_t before = stage_head(s, DEVELOPER).seq;
        writer w;
        start_writer(&w, s, 40);
        follower f;
        follow_with_room(&f, &s->desk, EVERYTHING, START, 100);
        stalling how = {.f = &f, .next_room = some_at_random, .seed = seed};
        take_slowly(&how, &s->desk, before + written(&w));
        join_writer(&w);
        unfollow(&f);
    }
}

static void a_stalled_subscriber_keeps_no_more_than_one_frame(void **state)
{
    stage *s = *state;
    follower f;
    follow_with_room(&f, &s->desk, EVERYTHING, START, 10);
    append(s, 500);
    until_seq(&f, &s->desk, 1);
    gx_mailbox_drain(s->desk.mailbox);
    assert_int_equal(gx_subscriber_position(f.sink.subscriber)->seq, 1);
    assert_true(f.sink.largest_rest < 400);
    stalling how = {.f = &f, .next_room = always_step, .step = SIZE_MAX};
    take_slowly(&how, &s->desk, 500);
    unfollow(&f);
}

static void a_socket_that_is_full_is_sent_no_heartbeat(void **state)
{
    stage *s = *state;
    follower f;
    follow_with_room(&f, &s->desk, EVERYTHING, START, 10);
    append(s, 1);
    until_seq(&f, &s->desk, 1);
    for (int i = 0; i < 5; i++)
        desk_pass(&s->desk, 15100);
    stalling how = {.f = &f, .next_room = always_step, .step = SIZE_MAX};
    take_slowly(&how, &s->desk, 1);
    assert_int_equal(read_all(&f)->heartbeats, 0);
    unfollow(&f);
}

static void a_heartbeat_and_an_id_may_be_cut_anywhere(void **state)
{
    stage *s = *state;
    append(s, 1);
    gx_log_position head = stage_head(s, DEVELOPER);
    follower heart, id;
    const gx_view none = {.filter = 1u << GX_EVENT_GRANT_REVOKED, .framing = GX_FRAMING_CHUNKED};
    for (size_t k = 0; k < 50; k++) {
        follow_with_room(&heart, &s->desk, none, head, k);
        follow_with_room(&id, &s->desk, none, START, k);
        until_seq(&id, &s->desk, 1);
        desk_pass(&s->desk, 15100);
        memory_sink_give(&heart.sink, 1000);
        memory_sink_give(&id.sink, 1000);
        assert_int_equal(read_all(&heart)->heartbeats, 1);
        assert_int_equal(read_all(&id)->id_only, 1);
        assert_string_equal(read_all(&id)->last_id, head.id);
        unfollow(&heart);
        unfollow(&id);
    }
}

static void closing_cuts_a_frame_that_is_under_way(void **state)
{
    stage *s = *state;
    follower f;
    follow_with_room(&f, &s->desk, EVERYTHING, START, 10);
    append(s, 1);
    until_seq(&f, &s->desk, 1);
    gx_feed_admit_no_more(s->desk.feed);
    gx_feed_close_some(s->desk.feed, SIZE_MAX, "shutdown", 1000);
    assert_true(f.sink.ended);
    assert_int_equal(f.sink.last.length, 0);
    unfollow(&f);
}

/* --- pages that come too late --- */

static void a_page_that_finds_nobody_is_dropped(void **state)
{
    stage *s = *state;
    append(s, 30);
    follower stays, goes;
    for (int i = 0; i < 20; i++) {
        follow_from(&goes, &s->desk, EVERYTHING, START);
        unfollow(&goes);
    }
    follow_from(&stays, &s->desk, EVERYTHING, START);
    until_seq(&stays, &s->desk, 30);
    assert_received(&stays.sink, stays.view.framing, 1, 30);
    unfollow(&stays);
}

static void a_page_may_outlive_the_feed(void **state)
{
    stage *s = *state;
    append(s, 30);
    follower f;
    follow_from(&f, &s->desk, EVERYTHING, START);
    unfollow(&f);
    append(s, 1); /* a batch on its way as well */
    desk_close_feed(&s->desk);
    gx_mailbox_drain(s->desk.mailbox);
}

static void a_page_longer_than_its_limit_of_bytes_is_continued(void **state)
{
    stage *s = *state;
    desk_close_feed(&s->desk);
    assert_true(desk_open(&s->desk, s, (gx_feed_options){.page_events = 100000}));
    append(s, 4000); /* about 1 MiB */
    follower f;
    follow_from(&f, &s->desk, EVERYTHING, START);
    until_seq(&f, &s->desk, 4000);
    assert_received(&f.sink, f.view.framing, 1, 4000);
    assert_in_range(f.sink.writes, 3, 8);
    unfollow(&f);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_small_feed, stage_teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_was_before_comes_first_and_then_what_happens),
        TEST(an_event_between_the_look_at_the_head_and_the_opening_is_found),
        TEST(a_cursor_ahead_of_the_bus_gets_nothing_twice),
        TEST(a_filter_holds_in_pages_and_moves_the_cursor),
        TEST(a_page_that_an_old_filter_chose_is_read_again),
        TEST(nothing_is_lost_or_repeated_while_a_writer_commits),
        TEST(one_byte_at_a_time_gets_everything_once),
        TEST(a_cut_after_every_byte_of_a_few_frames_heals),
        TEST(a_cut_after_every_byte_of_a_few_frames_heals_in_the_tail_too),
        TEST(random_stalls_while_a_writer_commits_lose_nothing),
        TEST(a_stalled_subscriber_keeps_no_more_than_one_frame),
        TEST(a_socket_that_is_full_is_sent_no_heartbeat),
        TEST(a_heartbeat_and_an_id_may_be_cut_anywhere),
        TEST(closing_cuts_a_frame_that_is_under_way),
        TEST(a_page_that_finds_nobody_is_dropped),
        TEST(a_page_may_outlive_the_feed),
        TEST(a_page_longer_than_its_limit_of_bytes_is_continued),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
