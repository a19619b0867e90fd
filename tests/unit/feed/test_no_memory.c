/* The n-th allocation fails, for every n: a subscriber is not opened, or it gets everything once. It never skips. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "feed/bus.h"
#include "feed/follower.h"
#include "support/failing_alloc.h"

static const gx_view NAMED = {.filter = GX_EVENT_FILTER_ALL, .framing = GX_FRAMING_CHUNKED_NAMED};

static void append(stage *s, int count)
{
    while (!stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, count))
        assert_true(gx_allocation_failed());
}

/* The test's own memory does not fail. */
static void prepare(follower *f, size_t room)
{
    memory_sink_init(&f->sink, room);
    f->view = NAMED;
    assert_true(gx_buffer_reserve(&f->sink.got, 64 * 1024));
}

static bool try_to_follow(follower *f, desk *d, gx_log_position after)
{
    gx_subscription subscription = {.developer_id = DEVELOPER, .key_hash = DEVELOPER, .after = after, .view = NAMED};
    gx_sink sink = memory_sink_as_sink(&f->sink);
    f->sink.subscriber = gx_subscriber_open(d->feed, &subscription, &sink);
    return f->sink.subscriber != NULL;
}

typedef struct healing {
    desk *desk;
    follower *follower;
} healing;

static bool has_healed(void *context)
{
    const healing *h = context;
    memory_sink_give(&h->follower->sink, SIZE_MAX);
    desk_pass(h->desk, 1000);
    return gx_subscriber_position(h->follower->sink.subscriber)->seq >= h->follower->wanted;
}

static bool is_full_or_there(void *context)
{
    const healing *h = context;
    desk_pass(h->desk, 1);
    return h->follower->sink.rest.ptr ||
           gx_subscriber_position(h->follower->sink.subscriber)->seq >= h->follower->wanted - 24;
}

/* Some from pages, some from the tail, and a socket that is full in between. `early`: fails from the opening on;
 * otherwise from the first event of the tail on. */
static void follow_through(stage *s, follower *f, long n_while_following)
{
    healing h = {.desk = &s->desk, .follower = f};
    desk_until(&s->desk, is_full_or_there, &h);
    if (n_while_following > 0)
        gx_fail_allocation(n_while_following);
    append(s, 4);
    gx_mailbox_drain(s->desk.mailbox);
    append(s, 20);
    desk_until(&s->desk, has_healed, &h);
}

static bool live_through(stage *s, long n, bool early)
{
    gx_log_position before = stage_head(s, DEVELOPER);
    append(s, 3);
    follower f = {.wanted = before.seq + 27};
    prepare(&f, 300);
    gx_fail_allocation(early ? n : 0);
    bool opened = desk_open(&s->desk, s, (gx_feed_options){.tail_frames = 64}) && try_to_follow(&f, &s->desk, before);
    if (opened)
        follow_through(s, &f, early ? 0 : n);
    bool failed = gx_allocation_failed();
    gx_fail_allocation(0);
    assert_true(opened || failed);
    if (opened)
        assert_received(&f.sink, NAMED.framing, before.seq + 1, f.wanted);
    memory_sink_close(&f.sink);
    memory_sink_free(&f.sink);
    desk_close_feed(&s->desk);
    return failed;
}

static void for_every_n(stage *s, bool early)
{
    /* The lanes' threads allocate too, so a run may need a few less or more than the one before. */
    int spared = 0;
    for (long n = 1; spared < 3; n++)
        spared = live_through(s, n, early) ? 0 : spared + 1;
}

static void an_allocation_that_fails_from_the_opening_on_loses_nothing(void **state)
{
    for_every_n(*state, true);
}

static void an_allocation_that_fails_while_following_loses_nothing(void **state)
{
    for_every_n(*state, false);
}

/* --- the newest event is the one that the bus lost --- */

static bool has_arrived(void *context)
{
    const follower *f = context;
    return gx_subscriber_position(f->sink.subscriber)->seq >= f->wanted;
}

static void lose_the_newest(stage *s)
{
    unsigned before = gx_bus_losses(s->bus);
    for (long n = 1; gx_bus_losses(s->bus) == before; n++) { /* until the bus is the one that it hits */
        gx_fail_allocation(n);
        append(s, 1);
        gx_fail_allocation(0);
    }
}

static void what_the_bus_lost_is_found_with_the_next_tick(void **state)
{
    stage *s = *state;
    assert_true(desk_open(&s->desk, s, (gx_feed_options){0}));
    follower f, newcomer;
    follow(&f, s, EVERYTHING);
    append(s, 2);
    until_seq(&f, &s->desk, 2);
    gx_log_position head = stage_head(s, DEVELOPER);
    lose_the_newest(s);
    gx_log_position lost = stage_head(s, DEVELOPER);
    gx_mailbox_drain(s->desk.mailbox);
    assert_int_equal(gx_subscriber_position(f.sink.subscriber)->seq, lost.seq - 1);
    desk_pass(&s->desk, 1000);
    follow_from(&newcomer, &s->desk, EVERYTHING, head); /* the tail must not seem whole to it */
    f.wanted = newcomer.wanted = lost.seq;
    desk_until(&s->desk, has_arrived, &f);
    desk_until(&s->desk, has_arrived, &newcomer);
    assert_received(&f.sink, f.view.framing, 1, lost.seq);
    assert_received(&newcomer.sink, newcomer.view.framing, 3, lost.seq);
    unfollow(&f);
    unfollow(&newcomer);
}

static void a_page_read_before_the_loss_proves_nothing(void **state)
{
    stage *s = *state;
    assert_true(desk_open(&s->desk, s, (gx_feed_options){0}));
    append(s, 1);
    follower f;
    follow(&f, s, EVERYTHING);
    stage_head(s, DEVELOPER); /* its page was read: nothing behind the cursor */
    lose_the_newest(s);
    desk_pass(&s->desk, 1000); /* the loss is noticed, and then that page arrives */
    until_seq(&f, &s->desk, stage_head(s, DEVELOPER).seq);
    assert_received(&f.sink, f.view.framing, 2, f.wanted);
    unfollow(&f);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)
    const struct CMUnitTest tests[] = {
        TEST(an_allocation_that_fails_from_the_opening_on_loses_nothing),
        TEST(an_allocation_that_fails_while_following_loses_nothing),
        TEST(what_the_bus_lost_is_found_with_the_next_tick),
        TEST(a_page_read_before_the_loss_proves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
