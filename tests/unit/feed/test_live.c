/* What a subscriber gets while it keeps up, and what it is told while nothing happens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "feed/follower.h"
#include "wire/ws_writer.h"

static int open_feed(void **state)
{
    if (stage_setup(state) != 0)
        return -1;
    stage *s = *state;
    assert_true(desk_open(&s->desk, s, (gx_feed_options){0}));
    return 0;
}

static void events_come_in_the_order_of_the_log(void **state)
{
    stage *s = *state;
    follower f;
    follow(&f, s, EVERYTHING);
    for (int i = 0; i < 10; i++)
        assert_true(stage_append(s, DEVELOPER, (gx_event_type)(i % GX_EVENT_TYPE_COUNT), 5));
    until_seq(&f, &s->desk, 50);
    assert_received(&f.sink, f.view.framing, 1, 50);
    unfollow(&f);
}

static void every_framing_carries_the_same_events(void **state)
{
    stage *s = *state;
    follower f[GX_FRAMING_COUNT];
    for (int i = 0; i < GX_FRAMING_COUNT; i++)
        follow(&f[i], s, (gx_view){.filter = GX_EVENT_FILTER_ALL, .framing = (gx_framing)i});
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 7));
    for (int i = 0; i < GX_FRAMING_COUNT; i++) {
        until_seq(&f[i], &s->desk, 7);
        assert_received(&f[i].sink, f[i].view.framing, 1, 7);
        unfollow(&f[i]);
    }
}

static void a_stranger_sees_nothing(void **state)
{
    stage *s = *state;
    follower f;
    follow(&f, s, EVERYTHING);
    assert_true(stage_append(s, STRANGER, GX_EVENT_TOKEN_ISSUED, 3));
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 1));
    until_seq(&f, &s->desk, 1);
    assert_received(&f.sink, f.view.framing, 1, 1);
    unfollow(&f);
}

static const gx_view WEBSOCKET = {.filter = GX_EVENT_FILTER_ALL, .framing = GX_FRAMING_WEBSOCKET};

static void assert_commit_shares_writes(stage *s, gx_view view)
{
    follower f;
    follow(&f, s, view);
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 1));
    until_seq(&f, &s->desk, 1);
    unsigned before = f.sink.writes;
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 200));
    until_seq(&f, &s->desk, 201);
    assert_int_equal(f.sink.writes - before, 4); /* 64 + 64 + 64 + 8 */
    assert_received(&f.sink, f.view.framing, 1, 201);
    unfollow(&f);
}

static void what_one_commit_brought_shares_writes(void **state)
{
    assert_commit_shares_writes(*state, EVERYTHING);
}

static void what_one_commit_brought_shares_writes_on_a_websocket(void **state)
{
    assert_commit_shares_writes(*state, WEBSOCKET);
}

static void a_second_subscriber_joins_the_same_tail(void **state)
{
    stage *s = *state;
    follower first, second;
    follow(&first, s, EVERYTHING);
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 4));
    until_seq(&first, &s->desk, 4);
    gx_log_position after_two = {.seq = 2, .id = "evt_01ARZ3NDEKTSV4RRFFQ69G5FAV"};
    follow_from(&second, &s->desk, EVERYTHING, after_two);
    assert_received(&second.sink, second.view.framing, 3, 4); /* at once, from the tail */
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 2));
    until_seq(&first, &s->desk, 6);
    assert_received(&first.sink, first.view.framing, 1, 6);
    assert_received(&second.sink, second.view.framing, 3, 6);
    unfollow(&first);
    unfollow(&second);
}

static void a_filter_lets_through_only_its_types(void **state)
{
    stage *s = *state;
    follower f;
    follow(&f, s, (gx_view){.filter = 1u << GX_EVENT_GRANT_REVOKED});
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 2));
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_GRANT_REVOKED, 1));
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 2));
    until_seq(&f, &s->desk, 5);
    assert_received(&f.sink, f.view.framing, 3, 3);
    unfollow(&f);
}

static void silence_is_broken_by_a_heartbeat_every_fifteen_seconds(void **state)
{
    stage *s = *state;
    follower f;
    follow(&f, s, EVERYTHING);
    desk_pass(&s->desk, 14900);
    assert_int_equal(read_all(&f)->heartbeats, 0);
    desk_pass(&s->desk, 200);
    assert_int_equal(read_all(&f)->heartbeats, 1);
    desk_pass(&s->desk, 14900);
    assert_int_equal(read_all(&f)->heartbeats, 1);
    desk_pass(&s->desk, 100);
    assert_int_equal(read_all(&f)->heartbeats, 2);
    unfollow(&f);
}

static void who_breaks_the_silence_himself_hears_no_heartbeat_and_is_not_forgotten(void **state)
{
    stage *s = *state;
    follower quiet, other;
    follow(&quiet, s, (gx_view){.filter = GX_EVENT_FILTER_ALL, .framing = GX_FRAMING_CHUNKED, .quiet = true});
    follow(&other, s, EVERYTHING);
    desk_pass(&s->desk, 15100);
    desk_pass(&s->desk, 15100);
    assert_int_equal(read_all(&quiet)->heartbeats, 0);
    assert_int_equal(read_all(&other)->heartbeats, 2);
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 1));
    until_seq(&quiet, &s->desk, 1);
    gx_feed_close_some(s->desk.feed, 2, "shutdown", 0);
    assert_true(quiet.sink.ended);
    unfollow(&quiet);
    unfollow(&other);
}

static void who_leaves_two_pings_unanswered_is_ended_before_the_third(void **state)
{
    stage *s = *state;
    follower answers, hangs;
    follow(&answers, s, WEBSOCKET);
    follow(&hangs, s, WEBSOCKET);
    for (int i = 0; i < 3; i++) {
        assert_false(hangs.sink.ended);
        desk_pass(&s->desk, 15100);
        gx_subscriber_heard(answers.sink.subscriber);
    }
    assert_true(hangs.sink.ended);
    assert_int_equal(read_all(&hangs)->heartbeats, 2);
    assert_string_equal(gx_buffer_text(&hangs.sink.last) + 2,
                        "{\"type\":\"stream.closing\",\"data\":{\"reason\":\"no_pong\",\"reconnectAfterMs\":0}}"
                        "\x88\x09\x03\xe9no_pong");
    assert_false(answers.sink.ended);
    assert_int_equal(read_all(&answers)->heartbeats, 3);
    unfollow(&answers);
    unfollow(&hangs);
}

static void on_a_websocket_a_moved_cursor_is_not_told_but_the_silence_is_broken(void **state)
{
    stage *s = *state;
    follower f;
    follow(&f, s, (gx_view){.filter = 1u << GX_EVENT_GRANT_REVOKED, .framing = GX_FRAMING_WEBSOCKET});
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 3));
    until_seq(&f, &s->desk, 3);
    desk_pass(&s->desk, 15100);
    assert_int_equal(read_all(&f)->heartbeats, 1);
    assert_int_equal(f.sink.got.length, 2);
    unfollow(&f);
}

static void a_new_filter_holds_from_the_cursor_on(void **state)
{
    stage *s = *state;
    follower f;
    follow(&f, s, EVERYTHING);
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 2));
    until_seq(&f, &s->desk, 2);
    gx_subscriber_filter(f.sink.subscriber, 1u << GX_EVENT_GRANT_REVOKED);
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 2));
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_GRANT_REVOKED, 1));
    until_seq(&f, &s->desk, 5);
    gx_subscriber_filter(f.sink.subscriber, 0); /* nothing at all */
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_GRANT_REVOKED, 1));
    until_seq(&f, &s->desk, 6);
    const received *r = read_all(&f);
    assert_int_equal(r->count, 3);
    assert_int_equal(r->seqs[2], 5);
    unfollow(&f);
}

static gx_buffer a_pong(gx_span payload)
{
    gx_buffer bytes = GX_BUFFER_INIT(0);
    gx_ws_write(&bytes, GX_WS_OP_PONG, payload);
    return bytes;
}

static void what_the_owner_says_waits_for_room_and_the_last_word_of_his_counts(void **state)
{
    stage *s = *state;
    follower f;
    follow_with_room(&f, &s->desk, WEBSOCKET, stage_head(s, DEVELOPER), 3);
    for (int i = 0; i < 3; i++) {
        gx_buffer pong = a_pong(i == 0 ? GX_SPAN("one") : (i == 1 ? GX_SPAN("two") : GX_SPAN("six")));
        gx_subscriber_say(f.sink.subscriber, &pong);
    }
    assert_int_equal(f.sink.got.length, 3);
    memory_sink_give(&f.sink, 100);
    assert_string_equal(gx_buffer_text(&f.sink.got), "\x8a\x03one\x8a\x03six");
    memory_sink_close(&f.sink);
    memory_sink_free(&f.sink);
}

static void one_that_is_held_begins_when_it_is_let_go(void **state)
{
    stage *s = *state;
    follower before, held;
    follow(&before, s, EVERYTHING); /* so that there is a tail to be live on */
    gx_log_position start = stage_head(s, DEVELOPER);
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 2));
    until_seq(&before, &s->desk, 2);

    memory_sink_init(&held.sink, SIZE_MAX);
    const gx_subscription subscription = {
        .developer_id = DEVELOPER, .key_hash = DEVELOPER, .after = start, .view = EVERYTHING, .held = true};
    gx_sink sink = memory_sink_as_sink(&held.sink);
    held.view = EVERYTHING;
    held.sink.subscriber = gx_subscriber_open(s->desk.feed, &subscription, &sink);
    assert_int_equal(held.sink.got.length, 0);
    gx_subscriber_filter(held.sink.subscriber, 1u << GX_EVENT_GRANT_REVOKED);
    gx_subscriber_writable(held.sink.subscriber);
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_GRANT_REVOKED, 1));
    until_seq(&held, &s->desk, 3);
    assert_received(&held.sink, held.view.framing, 3, 3);
    unfollow(&before);
    unfollow(&held);
}

static void an_event_puts_the_heartbeat_off(void **state)
{
    stage *s = *state;
    follower talks, silent;
    follow(&talks, s, EVERYTHING);
    follow(&silent, s, (gx_view){.filter = 1u << GX_EVENT_GRANT_REVOKED});
    desk_pass(&s->desk, 10000);
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 1));
    until_seq(&talks, &s->desk, 1);
    until_seq(&silent, &s->desk, 1); /* its first page may be on its way still */
    desk_pass(&s->desk, 5100);
    assert_int_equal(read_all(&talks)->heartbeats, 0);
    assert_int_equal(read_all(&silent)->id_only, 1); /* its own is due all the same */
    desk_pass(&s->desk, 10000);
    assert_int_equal(read_all(&talks)->heartbeats, 1);
    unfollow(&talks);
    unfollow(&silent);
}

static void an_id_alone_moves_the_cursor_over_what_was_filtered_out(void **state)
{
    stage *s = *state;
    follower f;
    follow(&f, s, (gx_view){.filter = 1u << GX_EVENT_GRANT_REVOKED});
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 3));
    until_seq(&f, &s->desk, 3);
    desk_pass(&s->desk, 15100);
    const received *r = read_all(&f);
    assert_int_equal(r->id_only, 1);
    assert_int_equal(r->heartbeats, 0);
    assert_string_equal(r->last_id, stage_head(s, DEVELOPER).id);
    desk_pass(&s->desk, 15100); /* nothing moved since */
    r = read_all(&f);
    assert_int_equal(r->id_only, 1);
    assert_int_equal(r->heartbeats, 1);
    unfollow(&f);
}

static void a_since_in_the_future_passes_over_what_comes_before_it(void **state)
{
    stage *s = *state;
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 1));
    gx_log_position head = stage_head(s, DEVELOPER);
    follower far, near;
    follow_from(&far, &s->desk,
                (gx_view){.filter = GX_EVENT_FILTER_ALL, .not_before_ms = head.timestamp_ms + 3600 * 1000}, head);
    follow_from(&near, &s->desk, (gx_view){.filter = GX_EVENT_FILTER_ALL, .not_before_ms = head.timestamp_ms}, head);
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 2));
    until_seq(&far, &s->desk, 3);
    until_seq(&near, &s->desk, 3);
    assert_received(&near.sink, near.view.framing, 2, 3);
    assert_int_equal(far.sink.got.length, 0);
    desk_pass(&s->desk, 15100); /* no id either: with it a reconnect would begin too early */
    assert_int_equal(read_all(&far)->heartbeats, 1);
    assert_int_equal(read_all(&far)->id_only, 0);
    unfollow(&far);
    unfollow(&near);
}

static void closing_says_why_and_ends_the_body(void **state)
{
    stage *s = *state;
    follower f[2];
    follow(&f[0], s, EVERYTHING);
    follow(&f[1], s, (gx_view){.filter = GX_EVENT_FILTER_ALL, .framing = GX_FRAMING_PLAIN});
    assert_int_equal(gx_feed_subscribers(s->desk.feed), 2);
    gx_feed_admit_no_more(s->desk.feed);
    gx_feed_close_some(s->desk.feed, SIZE_MAX, "shutdown", 1000);
    assert_int_equal(gx_feed_subscribers(s->desk.feed), 0);
    for (int i = 0; i < 2; i++) {
        assert_true(f[i].sink.ended);
        gx_buffer_append_span(&f[i].sink.got, gx_buffer_span(&f[i].sink.last));
        const received *r = read_all(&f[i]);
        assert_true(r->closing);
        assert_int_equal(r->ended, i == 0);
    }
    /* The owner has not closed them yet: nothing is written any more. */
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 1));
    gx_mailbox_drain(s->desk.mailbox);
    desk_pass(&s->desk, 20000);
    unfollow(&f[0]);
    unfollow(&f[1]);
}

static void those_who_are_not_closed_yet_still_get_what_comes(void **state)
{
    stage *s = *state;
    follower f[5];
    for (int i = 0; i < 5; i++)
        follow(&f[i], s, EVERYTHING);
    gx_feed_admit_no_more(s->desk.feed);
    gx_feed_close_some(s->desk.feed, 2, "shutdown", 1000);
    assert_int_equal(gx_feed_subscribers(s->desk.feed), 3);
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 3));
    for (int i = 0; i < 5; i++) {
        if (!f[i].sink.ended)
            until_seq(&f[i], &s->desk, 3);
    }
    gx_feed_close_some(s->desk.feed, SIZE_MAX, "shutdown", 1000);
    assert_int_equal(gx_feed_subscribers(s->desk.feed), 0);
    for (int i = 0; i < 5; i++)
        unfollow(&f[i]);
}

static void none_opens_after_closing(void **state)
{
    stage *s = *state;
    memory_sink sink;
    memory_sink_init(&sink, SIZE_MAX);
    gx_sink as_sink = memory_sink_as_sink(&sink);
    gx_subscription subscription = {.developer_id = DEVELOPER, .key_hash = DEVELOPER, .view = EVERYTHING};
    gx_feed_admit_no_more(s->desk.feed);
    gx_feed_close_some(s->desk.feed, SIZE_MAX, "shutdown", 1000);
    assert_null(gx_subscriber_open(s->desk.feed, &subscription, &as_sink));
    memory_sink_free(&sink);
}

static void a_dead_connection_is_left_alone_until_its_owner_closes(void **state)
{
    stage *s = *state;
    follower dead, alive;
    follow(&dead, s, EVERYTHING);
    follow(&alive, s, EVERYTHING);
    dead.sink.dead = true;
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 1));
    until_seq(&alive, &s->desk, 1);
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 1));
    until_seq(&alive, &s->desk, 2);
    desk_pass(&s->desk, 20000);
    assert_int_equal(dead.sink.writes, 1);
    assert_int_equal(gx_feed_subscribers(s->desk.feed), 1);
    assert_received(&alive.sink, alive.view.framing, 1, 2);
    unfollow(&dead);
    unfollow(&alive);
}

/* --- two closing each other --- */

typedef struct killer {
    gx_subscriber *own, *victim;
} killer;

static int64_t kill_and_write(void *context, const gx_span *pieces, unsigned count)
{
    killer *k = context;
    if (k->victim)
        gx_subscriber_close(k->victim);
    k->victim = NULL;
    int64_t all = 0;
    for (unsigned i = 0; i < count; i++)
        all += (int64_t)pieces[i].len;
    return all;
}

static void one_may_close_another_while_it_is_served(void **state)
{
    stage *s = *state;
    killer killers[3] = {{0}};
    gx_subscription subscription = {.developer_id = DEVELOPER, .key_hash = DEVELOPER, .view = EVERYTHING};
    follower last;
    for (int i = 0; i < 3; i++) {
        gx_sink sink = {.write = kill_and_write, .context = &killers[i]};
        killers[i].own = gx_subscriber_open(s->desk.feed, &subscription, &sink);
    }
    follow(&last, s, EVERYTHING);
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 1));
    until_seq(&last, &s->desk, 1);      /* all are served in one round from here on */
    killers[0].victim = killers[1].own; /* the next in line */
    killers[2].victim = killers[0].own; /* one that was served already */
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 1));
    until_seq(&last, &s->desk, 2);
    assert_int_equal(gx_feed_subscribers(s->desk.feed), 2);
    gx_subscriber_close(killers[2].own);
    unfollow(&last);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_feed, stage_teardown)
    const struct CMUnitTest tests[] = {
        TEST(events_come_in_the_order_of_the_log),
        TEST(every_framing_carries_the_same_events),
        TEST(a_stranger_sees_nothing),
        TEST(what_one_commit_brought_shares_writes),
        TEST(what_one_commit_brought_shares_writes_on_a_websocket),
        TEST(a_second_subscriber_joins_the_same_tail),
        TEST(a_filter_lets_through_only_its_types),
        TEST(silence_is_broken_by_a_heartbeat_every_fifteen_seconds),
        TEST(who_breaks_the_silence_himself_hears_no_heartbeat_and_is_not_forgotten),
        TEST(who_leaves_two_pings_unanswered_is_ended_before_the_third),
        TEST(on_a_websocket_a_moved_cursor_is_not_told_but_the_silence_is_broken),
        TEST(a_new_filter_holds_from_the_cursor_on),
        TEST(what_the_owner_says_waits_for_room_and_the_last_word_of_his_counts),
        TEST(one_that_is_held_begins_when_it_is_let_go),
        TEST(an_event_puts_the_heartbeat_off),
        TEST(an_id_alone_moves_the_cursor_over_what_was_filtered_out),
        TEST(a_since_in_the_future_passes_over_what_comes_before_it),
        TEST(closing_says_why_and_ends_the_body),
        TEST(those_who_are_not_closed_yet_still_get_what_comes),
        TEST(none_opens_after_closing),
        TEST(a_dead_connection_is_left_alone_until_its_owner_closes),
        TEST(one_may_close_another_while_it_is_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
