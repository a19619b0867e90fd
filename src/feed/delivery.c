/* What a subscriber gets next: in LIVE frames from the tail, in CATCHUP a page from the store. The cursor moves over
 * what the sink has taken, and over nothing else. */
#include "feed/subscriber.h"

#include <stdlib.h>
#include <string.h>

#include "feed/catchup.h"

/* A page whose frames did not go out is read again; after that, smaller ones are asked for, but never less than this.
 */
#define LEAST_PAGE_EVENTS 16

/* The client knows the id of every event that it gets. */
static void pass(gx_subscriber *subscriber, const gx_log_position *position)
{
    subscriber->position = *position;
    subscriber->told_seq = position->seq;
}

static void pass_frame(gx_subscriber *subscriber, const gx_page_frame *frame)
{
    if (frame->is_gap)
        subscriber->position = frame->position;
    else
        pass(subscriber, &frame->position);
}

static gx_feed_counts *counts_of(const gx_subscriber *subscriber)
{
    return gx_bus_counts(subscriber->feed->member);
}

void gx_subscriber_fall_behind(gx_subscriber *subscriber)
{
    subscriber->state = GX_CATCHUP;
    gx_count(&counts_of(subscriber)->catchups, 1);
}

/* --- LIVE: frames from the tail --- */

static void release_frame(void *frame)
{
    gx_frame_drop(frame);
}

/* Nearly always: one step, however many they were. */
static void settle_all(gx_subscriber *subscriber, const gx_run *sent)
{
    pass(subscriber, gx_frame_position(sent->frames[sent->count - 1]));
    gx_count(&counts_of(subscriber)->delivered, sent->count);
}

/* The sink is full: the cursor moves over what it took, and over what it has begun. */
static void settle_part(gx_subscriber *subscriber, const gx_run *sent, size_t taken)
{
    unsigned begun = 0;
    while (taken >= sent->pieces[begun].len)
        taken -= sent->pieces[begun++].len;
    gx_frame *frame = sent->frames[begun];
    pass(subscriber, gx_frame_position(frame));
    gx_count(&counts_of(subscriber)->delivered, begun + 1);
    gx_subscriber_hand_over(subscriber, gx_span_behind(sent->pieces[begun], taken), release_frame,
                            gx_frame_hold(frame));
}

/* True when there may be more to write at once. */
static bool write_from_tail(gx_subscriber *subscriber, gx_run *run)
{
    if (subscriber->position.seq >= subscriber->tail->newest)
        return false; /* and the run stays what it is, for the next follower */
    gx_run_gather(run, subscriber->tail, subscriber->position.seq, &subscriber->view);
    if (!run->last) {
        /* The tail has moved past the cursor, has a hole there, or there was no memory for the form wanted. */
        gx_subscriber_fall_behind(subscriber);
        return false;
    }
    if (run->count == 0) {
        subscriber->position = *gx_frame_position(run->last);
        return true;
    }
    const gx_span joined = gx_buffer_span(&run->joined);
    int64_t taken = joined.len > 0 ? gx_subscriber_write(subscriber, &joined, 1)
                                   : gx_subscriber_write(subscriber, run->pieces, run->count);
    if (taken < 0)
        return false;
    if ((size_t)taken < run->bytes) {
        settle_part(subscriber, run, (size_t)taken);
        return false;
    }
    settle_all(subscriber, run); /* what was filtered out behind them is the next round's */
    return true;
}

/* --- CATCHUP: pages from the store --- */

/* Keeps only the bytes from `start` on, `length` of them, in the memory of the page itself: this cannot fail, and half
 * a frame is on the wire already. */
static char *keep_part(gx_buffer *bytes, size_t start, size_t length)
{
    char *part = bytes->data;
    *bytes = GX_BUFFER_INIT(0);
    memmove(part, part + start, length);
    char *shrunk = realloc(part, length);
    return shrunk ? shrunk : part;
}

static void stop_in_page(gx_subscriber *subscriber, gx_page *page, size_t index, size_t taken)
{
    const gx_page_frame *frame = &page->frames[index];
    size_t length = frame->end - taken;
    char *rest = keep_part(&page->bytes, taken, length);
    pass_frame(subscriber, frame);
    subscriber->page_events = index * 2 > LEAST_PAGE_EVENTS ? index * 2 : LEAST_PAGE_EVENTS;
    gx_subscriber_hand_over(subscriber, (gx_span){rest, length}, free, rest);
}

static size_t frames_taken(const gx_page *page, size_t taken)
{
    size_t index = 0;
    while (index < page->frame_count && page->frames[index].end <= taken)
        index++;
    return index;
}

static void count_frames(const gx_subscriber *subscriber, const gx_page *page, size_t begun)
{
    size_t gaps = begun > 0 && page->frames[0].is_gap;
    gx_count(&counts_of(subscriber)->gaps, gaps);
    gx_count(&counts_of(subscriber)->delivered, begun - gaps);
    gx_count(&counts_of(subscriber)->replayed, begun - gaps);
}

static void write_page(gx_subscriber *subscriber, gx_page *page)
{
    size_t taken = 0;
    if (page->frame_count > 0) {
        gx_span bytes = gx_buffer_span(&page->bytes);
        int64_t result = gx_subscriber_write(subscriber, &bytes, 1);
        if (result < 0)
            return;
        taken = (size_t)result;
    }
    size_t whole = frames_taken(page, taken);
    count_frames(subscriber, page, whole + (whole < page->frame_count));
    subscriber->flowing = whole == page->frame_count;
    if (!subscriber->flowing) {
        subscriber->stale = subscriber->reading; /* what was read ahead begins too late */
        stop_in_page(subscriber, page, whole, taken);
        return;
    }
    if (whole > 0)
        pass_frame(subscriber, &page->frames[whole - 1]);
    subscriber->position = page->scanned;
    subscriber->page_events = subscriber->feed->options.page_events;
    /* Whatever is committed after this page was read comes over the bus, because the tail was followed before the page
     * was asked for. */
    if (page->at_head && !subscriber->doubted)
        subscriber->state = GX_LIVE;
}

static void retry_later(gx_subscriber *subscriber)
{
    gx_list_remove(&subscriber->in_retries);
    gx_list_push_back(&subscriber->feed->retries, &subscriber->in_retries);
}

static void page_arrived(void *owner, gx_page *page);

static void ask_for_page(gx_subscriber *subscriber, const gx_log_position *after)
{
    if (subscriber->reading)
        return;
    gx_feed *feed = subscriber->feed;
    subscriber->doubted = false;
    subscriber->stale = false;
    gx_page_query query = {
        .developer_id = subscriber->tail->developer_id,
        .after = *after,
        .view = subscriber->view,
        .most_events = subscriber->page_events,
        .arrived = page_arrived,
        .owner = subscriber,
    };
    subscriber->reading = gx_page_ask(feed->options.lanes, feed->options.mailbox, &query);
    if (!subscriber->reading)
        retry_later(subscriber);
}

/* Who takes page after page has the next one read while this one is written: two threads work for him, not one in
 * turn. For a slow one it would be read in vain. */
static void read_ahead(gx_subscriber *subscriber, const gx_page *page)
{
    if (subscriber->flowing && !page->at_head)
        ask_for_page(subscriber, &page->scanned);
}

static void page_arrived(void *owner, gx_page *page)
{
    gx_subscriber *subscriber = owner;
    subscriber->reading = false;
    if (subscriber->closed) {
        free(subscriber);
        return;
    }
    if (!gx_subscriber_may_write(subscriber)) /* a heartbeat filled the socket meanwhile; the page is read again */
        return;
    if (subscriber->stale) {
        gx_subscriber_pump(subscriber);
        return;
    }
    if (page->failed) {
        retry_later(subscriber);
        return;
    }
    gx_count(&counts_of(subscriber)->pages, 1);
    read_ahead(subscriber, page);
    write_page(subscriber, page);
    gx_subscriber_pump(subscriber);
}

void gx_subscriber_pump_run(gx_subscriber *subscriber, gx_run *run)
{
    if (gx_subscriber_may_write(subscriber) && subscriber->aside.length > 0)
        gx_subscriber_write_whole(subscriber, &subscriber->aside);
    while (gx_subscriber_may_write(subscriber) && subscriber->state == GX_LIVE && write_from_tail(subscriber, run))
        ;
    if (gx_subscriber_may_write(subscriber) && subscriber->state == GX_CATCHUP)
        ask_for_page(subscriber, &subscriber->position);
}

void gx_subscriber_pump(gx_subscriber *subscriber)
{
    gx_run run;
    gx_run_begin(&run);
    gx_subscriber_pump_run(subscriber, &run);
    gx_run_end(&run);
}

void gx_subscriber_doubt(gx_subscriber *subscriber)
{
    if (subscriber->state == GX_LIVE)
        gx_subscriber_fall_behind(subscriber);
    subscriber->doubted = subscriber->reading;
    gx_subscriber_pump(subscriber);
}
