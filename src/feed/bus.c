#include "feed/bus.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/list.h"

struct gx_bus {
    pthread_mutex_t lock; /* guards the list */
    gx_list members;
    size_t member_count;
    atomic_uint losses, key_checks;
    gx_counter events[GX_EVENT_TYPE_COUNT + 1];
};

/* Owned by its feed and by every delivery that is on its way: a mailbox may hold one when the feed leaves. */
struct gx_bus_member {
    gx_list in_bus;
    gx_bus *bus;
    gx_mailbox *mailbox;
    atomic_uint references;
    gx_bus_receive *receive; /* NULL after leaving; mailbox's thread */
    void *context;
    gx_feed *feed; /* whose member it is; NULL where it is nobody's */
    gx_feed_counts counts;
};

typedef struct batch batch;

typedef struct delivery {
    gx_message message;
    batch *batch;
    gx_bus_member *member;
} delivery;

/* One for all feeds: the frames of one commit and a message for each member. */
struct batch {
    atomic_uint references; /* one for each delivery */
    int64_t published_us;
    size_t count;
    gx_frame **frames;
    delivery deliveries[];
};

gx_bus *gx_bus_new(void)
{
    gx_bus *bus = calloc(1, sizeof *bus);
    if (!bus)
        return NULL;
    pthread_mutex_init(&bus->lock, NULL);
    gx_list_init(&bus->members);
    atomic_init(&bus->losses, 0);
    atomic_init(&bus->key_checks, 0);
    return bus;
}

void gx_bus_free(gx_bus *bus)
{
    if (!bus)
        return;
    pthread_mutex_destroy(&bus->lock);
    free(bus);
}

unsigned gx_bus_losses(gx_bus *bus)
{
    return atomic_load_explicit(&bus->losses, memory_order_acquire);
}

void gx_bus_check_keys(gx_bus *bus)
{
    atomic_fetch_add_explicit(&bus->key_checks, 1, memory_order_acq_rel);
}

unsigned gx_bus_key_checks(gx_bus *bus)
{
    return atomic_load_explicit(&bus->key_checks, memory_order_acquire);
}

gx_bus_member *gx_bus_join(gx_bus *bus, gx_mailbox *mailbox, gx_bus_receive *receive, void *context)
{
    gx_bus_member *member = calloc(1, sizeof *member);
    if (!member)
        return NULL;
    *member = (gx_bus_member){.bus = bus, .mailbox = mailbox, .receive = receive, .context = context};
    atomic_init(&member->references, 1);

    pthread_mutex_lock(&bus->lock);
    gx_list_push_back(&bus->members, &member->in_bus);
    bus->member_count++;
    pthread_mutex_unlock(&bus->lock);
    return member;
}

void gx_bus_name_feed(gx_bus_member *member, gx_feed *feed)
{
    pthread_mutex_lock(&member->bus->lock);
    member->feed = feed;
    pthread_mutex_unlock(&member->bus->lock);
}

gx_feed_counts *gx_bus_counts(gx_bus_member *member)
{
    return &member->counts;
}

/* Ended ones are read first: no more than were opened. */
static void add_transports(const gx_feed_counts *counts, gx_bus_stats *out)
{
    for (int transport = 0; transport < GX_TRANSPORT_COUNT; transport++) {
        out->ended[transport] += gx_counted(&counts->ended[transport]);
        out->opened[transport] += gx_counted(&counts->opened[transport]);
    }
}

static void add_histogram(const gx_histogram *from, gx_histogram *to)
{
    for (size_t i = 0; i <= GX_SCALE_MOST_BOUNDS; i++)
        gx_count(&to->buckets[i], gx_counted(&from->buckets[i]));
    gx_count(&to->sum, gx_counted(&from->sum));
}

void gx_bus_stats_read(gx_bus *bus, gx_bus_stats *out)
{
    *out = (gx_bus_stats){0};
    for (size_t type = 0; type <= GX_EVENT_TYPE_COUNT; type++)
        out->events[type] = gx_counted(&bus->events[type]);
    pthread_mutex_lock(&bus->lock);
    for (gx_list *node = bus->members.next; node != &bus->members; node = node->next) {
        const gx_feed_counts *counts = &GX_LIST_ENTRY(node, gx_bus_member, in_bus)->counts;
        add_transports(counts, out);
        add_histogram(&counts->lag_us, &out->lag_us);
        out->delivered += gx_counted(&counts->delivered);
        out->replayed += gx_counted(&counts->replayed);
        out->catchups += gx_counted(&counts->catchups);
        out->pages += gx_counted(&counts->pages);
        out->gaps += gx_counted(&counts->gaps);
    }
    pthread_mutex_unlock(&bus->lock);
}

static void drop_member(gx_bus_member *member)
{
    if (atomic_fetch_sub_explicit(&member->references, 1, memory_order_acq_rel) == 1)
        free(member);
}

void gx_bus_leave(gx_bus_member *member)
{
    gx_bus *bus = member->bus;
    pthread_mutex_lock(&bus->lock);
    gx_list_remove(&member->in_bus);
    bus->member_count--;
    pthread_mutex_unlock(&bus->lock);
    member->receive = NULL;
    drop_member(member);
}

static void free_batch(batch *old)
{
    for (size_t i = 0; i < old->count; i++)
        gx_frame_drop(old->frames[i]);
    free(old->frames);
    free(old);
}

static void deliver(gx_message *message)
{
    delivery *arrived = (delivery *)(void *)message;
    gx_bus_member *member = arrived->member;
    batch *whole = arrived->batch;
    if (member->receive)
        member->receive(member->context, whole->frames, whole->count, whole->published_us);
    drop_member(member);
    if (atomic_fetch_sub_explicit(&whole->references, 1, memory_order_acq_rel) == 1)
        free_batch(whole);
}

static void note_loss(gx_bus *bus)
{
    atomic_fetch_add_explicit(&bus->losses, 1, memory_order_acq_rel);
}

/* --- a letter that goes round --- */

typedef struct letter {
    gx_message message;
    gx_mailbox *home;
    void (*visit)(void *context, gx_feed *feed);
    void (*done)(void *context);
    void *context;
    size_t next, count;
    gx_bus_member *members[]; /* a reference to each */
} letter;

static void arrive(gx_message *message);

static void send_on(letter *round)
{
    round->message = (gx_message){.deliver = arrive};
    gx_mailbox_post(round->next < round->count ? round->members[round->next]->mailbox : round->home, &round->message);
}

static void arrive(gx_message *message)
{
    letter *round = (letter *)(void *)message;
    if (round->next == round->count) {
        round->done(round->context);
        free(round);
        return;
    }
    gx_bus_member *member = round->members[round->next++];
    if (member->receive)
        round->visit(round->context, member->feed);
    drop_member(member);
    send_on(round);
}

bool gx_bus_go_round(gx_bus *bus, gx_mailbox *home, void (*visit)(void *context, gx_feed *feed),
                     void (*done)(void *context), void *context)
{
    pthread_mutex_lock(&bus->lock);
    letter *round = calloc(1, sizeof *round + bus->member_count * sizeof round->members[0]);
    if (round) {
        *round = (letter){.home = home, .visit = visit, .done = done, .context = context};
        for (gx_list *node = bus->members.next; node != &bus->members; node = node->next) {
            gx_bus_member *member = GX_LIST_ENTRY(node, gx_bus_member, in_bus);
            if (member->feed == NULL)
                continue;
            atomic_fetch_add_explicit(&member->references, 1, memory_order_relaxed);
            round->members[round->count++] = member;
        }
    }
    pthread_mutex_unlock(&bus->lock);
    if (round)
        send_on(round);
    return round != NULL;
}

static batch *new_batch(size_t events, size_t members)
{
    batch *fresh = calloc(1, sizeof *fresh + members * sizeof fresh->deliveries[0]);
    if (fresh)
        fresh->frames = calloc(events, sizeof *fresh->frames);
    if (!fresh || !fresh->frames) {
        free(fresh);
        return NULL;
    }
    return fresh;
}

/* A frame that finds no memory is left out; the hole shows in seq, at the latest with the next tick. */
static void encode_all(gx_bus *bus, batch *into, const gx_logged_event *events, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        gx_frame *frame = gx_frame_new(&events[i]);
        if (frame)
            into->frames[into->count++] = frame;
        else
            note_loss(bus);
    }
}

static void post_all(gx_bus *bus, batch *whole)
{
    atomic_init(&whole->references, (unsigned)bus->member_count);
    whole->published_us = gx_clock_monotonic_us();
    delivery *next = whole->deliveries;
    for (gx_list *node = bus->members.next; node != &bus->members; node = node->next) {
        gx_bus_member *member = GX_LIST_ENTRY(node, gx_bus_member, in_bus);
        atomic_fetch_add_explicit(&member->references, 1, memory_order_relaxed);
        *next = (delivery){.message = {.deliver = deliver}, .batch = whole, .member = member};
        gx_mailbox_post(member->mailbox, &next->message);
        next++;
    }
}

void gx_bus_relay(gx_bus *bus, const gx_logged_event *events, size_t count)
{
    pthread_mutex_lock(&bus->lock);
    if (bus->member_count > 0 && count > 0) {
        batch *whole = new_batch(count, bus->member_count);
        if (whole) {
            encode_all(bus, whole, events, count);
            post_all(bus, whole);
        } else {
            note_loss(bus);
        }
    }
    pthread_mutex_unlock(&bus->lock);
}

void gx_bus_publish(void *context, const gx_logged_event *events, size_t count)
{
    gx_bus *bus = context;
    for (size_t i = 0; i < count; i++)
        gx_count(&bus->events[events[i].type], 1);
    gx_bus_relay(bus, events, count);
}

void gx_bus_doubt(void *context)
{
    note_loss(context);
}
