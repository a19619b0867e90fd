/* From one write lane to feeds on several threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "feed/bus.h"
#include "feed/follower.h"
#include "support/failing_alloc.h"

static void nothing_to_wake(void *context)
{
    (void)context;
}

typedef struct listener {
    gx_mailbox *mailbox;
    gx_bus_member *member;
    int64_t seqs[16];
    size_t count;
} listener;

static void listen_to(void *context, gx_frame *const *frames, size_t count, int64_t published_us)
{
    assert_true(published_us > 0);
    listener *l = context;
    for (size_t i = 0; i < count; i++)
        l->seqs[l->count++] = gx_frame_position(frames[i])->seq;
}

static void join(listener *l, gx_bus *bus)
{
    *l = (listener){.mailbox = gx_mailbox_new(nothing_to_wake, NULL)};
    assert_non_null(l->mailbox);
    l->member = gx_bus_join(bus, l->mailbox, listen_to, l);
    assert_non_null(l->member);
}

static void leave(listener *l)
{
    gx_bus_leave(l->member);
    gx_mailbox_free(l->mailbox);
}

static void publish(gx_bus *bus, int64_t first, size_t count)
{
    gx_logged_event events[8];
    for (size_t i = 0; i < count; i++)
        events[i] = (gx_logged_event){.developer_id = DEVELOPER,
                                      .seq = first + (int64_t)i,
                                      .id = GX_SPAN("evt_01ARZ3NDEKTSV4RRFFQ69G5FAV"),
                                      .type_name = GX_SPAN("grant.created"),
                                      .data = GX_SPAN("{}")};
    gx_bus_publish(bus, events, count);
}

static void every_member_gets_every_batch_in_order(void **state)
{
    (void)state;
    gx_bus *bus = gx_bus_new();
    listener a, b;
    join(&a, bus);
    publish(bus, 1, 2);
    join(&b, bus);
    publish(bus, 3, 3);
    gx_mailbox_drain(a.mailbox);
    gx_mailbox_drain(b.mailbox);
    assert_int_equal(a.count, 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(a.seqs[i], i + 1);
    assert_int_equal(b.count, 3);
    assert_int_equal(b.seqs[0], 3);
    leave(&a);
    leave(&b);
    gx_bus_free(bus);
}

static void who_has_left_gets_nothing_that_was_on_its_way(void **state)
{
    (void)state;
    gx_bus *bus = gx_bus_new();
    listener a;
    join(&a, bus);
    publish(bus, 1, 2);
    gx_bus_leave(a.member);
    gx_mailbox_drain(a.mailbox);
    assert_int_equal(a.count, 0);
    gx_mailbox_free(a.mailbox);
    gx_bus_free(bus);
}

static void without_members_nothing_is_encoded(void **state)
{
    (void)state;
    gx_bus *bus = gx_bus_new();
    long before = gx_allocation_count();
    publish(bus, 1, 8);
    assert_int_equal(gx_allocation_count(), before);
    gx_bus_free(bus);
}

static void a_frame_that_finds_no_memory_is_counted(void **state)
{
    (void)state;
    gx_bus *bus = gx_bus_new();
    listener a;
    join(&a, bus);
    bool failed = true;
    for (long n = 1; failed; n++) {
        unsigned before = gx_bus_losses(bus);
        a.count = 0;
        gx_fail_allocation(n);
        publish(bus, 1, 3);
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        gx_mailbox_drain(a.mailbox);
        assert_int_equal(gx_bus_losses(bus) - before, failed ? 1 : 0);
        assert_true(failed ? a.count == 2 || a.count == 0 : a.count == 3);
    }
    leave(&a);
    gx_bus_free(bus);
}

static void a_doubt_counts_like_a_loss(void **state)
{
    (void)state;
    gx_bus *bus = gx_bus_new();
    unsigned before = gx_bus_losses(bus);
    gx_bus_doubt(bus);
    assert_int_equal(gx_bus_losses(bus) - before, 1);
    gx_bus_free(bus);
}

/* --- a letter that goes round --- */

typedef struct tour {
    gx_feed *visited[4];
    size_t visits, ends;
} tour;

static void note_visit(void *context, gx_feed *feed)
{
    tour *t = context;
    t->visited[t->visits++] = feed;
}

static void note_end(void *context)
{
    ((tour *)context)->ends++;
}

/* Feeds are known to the bus by their address alone. */
static gx_feed *feed_number(int n)
{
    static char addresses[4];
    return (gx_feed *)(void *)&addresses[n];
}

static void drain_all(listener *listeners, size_t count)
{
    for (size_t round = 0; round <= count; round++)
        for (size_t i = 0; i < count; i++)
            gx_mailbox_drain(listeners[i].mailbox);
}

static void a_letter_visits_every_feed_once_and_comes_home(void **state)
{
    (void)state;
    gx_bus *bus = gx_bus_new();
    listener all[3];
    tour seen = {0};
    for (int i = 0; i < 3; i++)
        join(&all[i], bus);
    gx_bus_name_feed(all[0].member, feed_number(0));
    gx_bus_name_feed(all[2].member, feed_number(2)); /* the second one is no feed */
    assert_true(gx_bus_go_round(bus, all[0].mailbox, note_visit, note_end, &seen));
    assert_int_equal(seen.visits, 0); /* nothing happens on the sender's thread */
    drain_all(all, 3);
    assert_int_equal(seen.visits, 2);
    assert_ptr_equal(seen.visited[0], feed_number(0));
    assert_ptr_equal(seen.visited[1], feed_number(2));
    assert_int_equal(seen.ends, 1);
    for (int i = 0; i < 3; i++)
        leave(&all[i]);
    gx_bus_free(bus);
}

static void a_letter_passes_over_a_feed_that_has_left(void **state)
{
    (void)state;
    gx_bus *bus = gx_bus_new();
    listener all[2];
    tour seen = {0};
    for (int i = 0; i < 2; i++) {
        join(&all[i], bus);
        gx_bus_name_feed(all[i].member, feed_number(i));
    }
    assert_true(gx_bus_go_round(bus, all[0].mailbox, note_visit, note_end, &seen));
    gx_bus_leave(all[1].member);
    drain_all(all, 2);
    assert_int_equal(seen.visits, 1);
    assert_int_equal(seen.ends, 1);
    gx_mailbox_free(all[1].mailbox);
    leave(&all[0]);
    gx_bus_free(bus);
}

static void a_letter_that_finds_no_memory_is_not_sent(void **state)
{
    (void)state;
    gx_bus *bus = gx_bus_new();
    listener a;
    tour seen = {0};
    join(&a, bus);
    gx_bus_name_feed(a.member, feed_number(0));
    gx_fail_allocation(1);
    assert_false(gx_bus_go_round(bus, a.mailbox, note_visit, note_end, &seen));
    gx_fail_allocation(0);
    drain_all(&a, 1);
    assert_int_equal(seen.visits + seen.ends, 0);
    leave(&a);
    gx_bus_free(bus);
}

/* --- two threads --- */

typedef struct reader {
    pthread_t thread;
    stage *stage;
    desk desk;
    follower follower;
    int64_t last;
} reader;

/* What would fail an assertion in desk_until here would end the wrong thread; it does not come to that unless events
 * are lost. */
static void *read_on(void *context)
{
    reader *r = context;
    desk_init(&r->desk);
    desk_open(&r->desk, r->stage, (gx_feed_options){.tail_frames = 16});
    follow_from(&r->follower, &r->desk, EVERYTHING, (gx_log_position){0});
    until_seq(&r->follower, &r->desk, r->last);
    memory_sink_close(&r->follower.sink);
    desk_close_feed(&r->desk);
    return NULL;
}

static void feeds_on_two_threads_get_the_same(void **state)
{
    stage *s = *state;
    static reader readers[2];
    assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 1));
    for (int i = 0; i < 2; i++) {
        readers[i].stage = s;
        readers[i].last = 401;
        assert_int_equal(pthread_create(&readers[i].thread, NULL, read_on, &readers[i]), 0);
    }
    for (int i = 0; i < 50; i++)
        assert_true(stage_append(s, DEVELOPER, GX_EVENT_TOKEN_ISSUED, 8));
    for (int i = 0; i < 2; i++) {
        pthread_join(readers[i].thread, NULL);
        assert_received(&readers[i].follower.sink, EVERYTHING.framing, 1, 401);
        memory_sink_free(&readers[i].follower.sink);
    }
    gx_lanes_stop(s->lanes); /* nothing is posted any more */
    gx_lanes_free(s->lanes);
    s->lanes = NULL;
    for (int i = 0; i < 2; i++)
        desk_destroy(&readers[i].desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_gets_every_batch_in_order),
        cmocka_unit_test(who_has_left_gets_nothing_that_was_on_its_way),
        cmocka_unit_test(without_members_nothing_is_encoded),
        cmocka_unit_test(a_frame_that_finds_no_memory_is_counted),
        cmocka_unit_test(a_doubt_counts_like_a_loss),
        cmocka_unit_test(a_letter_visits_every_feed_once_and_comes_home),
        cmocka_unit_test(a_letter_passes_over_a_feed_that_has_left),
        cmocka_unit_test(a_letter_that_finds_no_memory_is_not_sent),
        cmocka_unit_test_setup_teardown(feeds_on_two_threads_get_the_same, stage_setup, stage_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
