/* A subscriber's life, and what it writes when there is no event to write. */
#include "feed/subscriber.h"

#include <stdlib.h>

#include "feed/poll.h"
#define MOST_UNANSWERED 2

/* --- writing --- */

static void mark_ended(gx_subscriber *subscriber)
{
    if (subscriber->ended)
        return;
    subscriber->ended = true;
    subscriber->feed->subscriber_count--;
    gx_count(&gx_bus_counts(subscriber->feed->member)->ended[gx_framing_transport(subscriber->view.framing)], 1);
    gx_list_remove(&subscriber->in_feed);
    gx_list_remove(&subscriber->in_retries);
}

static void note_write(gx_subscriber *subscriber)
{
    subscriber->last_write_ms = subscriber->feed->now_ms;
    gx_list_remove(&subscriber->in_feed);
    gx_list_push_back(&subscriber->feed->by_last_write, &subscriber->in_feed);
}

int64_t gx_subscriber_write(gx_subscriber *subscriber, const gx_span *pieces, unsigned count)
{
    int64_t taken = subscriber->sink.write(subscriber->sink.context, pieces, count);
    if (taken < 0)
        mark_ended(subscriber);
    else
        note_write(subscriber);
    return taken;
}

void gx_subscriber_hand_over(gx_subscriber *subscriber, gx_span rest, void (*release)(void *reference), void *reference)
{
    subscriber->full = true;
    subscriber->sink.finish(subscriber->sink.context, rest, release, reference);
}

int64_t gx_subscriber_write_whole(gx_subscriber *subscriber, gx_buffer *bytes)
{
    gx_buffer own = *bytes;
    *bytes = GX_BUFFER_INIT(0);
    gx_span all = gx_buffer_span(&own);
    int64_t taken = gx_subscriber_write(subscriber, &all, 1);
    if (taken >= 0 && (size_t)taken < all.len)
        gx_subscriber_hand_over(subscriber, gx_span_behind(all, (size_t)taken), free, own.data);
    else
        gx_buffer_free(&own);
    return taken;
}

/* --- silence and the end --- */

static void release_nothing(void *reference)
{
    (void)reference;
}

static void write_heartbeat(gx_subscriber *subscriber)
{
    subscriber->unanswered += gx_framing_is_answered(subscriber->view.framing);
    gx_span bytes = gx_buffer_span(&subscriber->feed->heartbeats[subscriber->view.framing]);
    int64_t taken = gx_subscriber_write(subscriber, &bytes, 1);
    if (taken >= 0 && (size_t)taken < bytes.len)
        gx_subscriber_hand_over(subscriber, gx_span_behind(bytes, (size_t)taken), release_nothing, NULL);
}

/* False: there is nothing to write, or no memory for it. */
static bool write_cursor(gx_subscriber *subscriber)
{
    gx_buffer frame = GX_BUFFER_INIT(0);
    gx_framing_cursor(&frame, subscriber->view.framing, gx_span_of(subscriber->position.id));
    if (frame.failed || frame.length == 0) {
        gx_buffer_free(&frame);
        return false;
    }
    if (gx_subscriber_write_whole(subscriber, &frame) >= 0)
        subscriber->told_seq = subscriber->position.seq;
    return true;
}

/* The client's cursor must stay behind a `since` that lies in the future: after a reconnect the cursor wins over it. */
static bool cursor_has_moved(const gx_subscriber *subscriber)
{
    return subscriber->position.seq > subscriber->told_seq &&
           subscriber->position.timestamp_ms >= subscriber->view.not_before_ms;
}

void gx_subscriber_beat(gx_subscriber *subscriber)
{
    if (subscriber->full || subscriber->view.quiet)
        note_write(subscriber); /* bytes are waiting for it already, or none are wanted */
    else if (subscriber->unanswered == MOST_UNANSWERED)
        gx_subscriber_end(subscriber, "no_pong", 0);
    else if (!cursor_has_moved(subscriber) || !write_cursor(subscriber))
        write_heartbeat(subscriber);
}

void gx_subscriber_end(gx_subscriber *subscriber, const char *reason, int reconnect_after_ms)
{
    gx_buffer last = GX_BUFFER_INIT(0);
    gx_framing_closing(&last, subscriber->view.framing, reason, reconnect_after_ms);
    bool unsaid = subscriber->full || last.failed; /* it must not land in the middle of a frame */
    mark_ended(subscriber);
    subscriber->sink.end(subscriber->sink.context, unsaid ? (gx_span){NULL, 0} : gx_buffer_span(&last));
    gx_buffer_free(&last);
}

/* --- its life --- */

static void init(gx_subscriber *subscriber, gx_feed *feed, const gx_subscription *subscription, const gx_sink *sink)
{
    *subscriber = (gx_subscriber){
        .feed = feed,
        .sink = *sink,
        .view = subscription->view,
        .position = subscription->after,
        .told_seq = subscription->after.seq,
        .last_write_ms = feed->now_ms,
        .page_events = feed->options.page_events,
        .session_ends_ms = subscription->session_ends_at > 0 ? subscription->session_ends_at : INT64_MAX,
    };
    gx_key_mark_of(subscriber->key_mark, subscription->key_hash);
    if (subscription->key_expires_at > 0)
        gx_poll_expect_end(feed->poll, subscription->key_expires_at);
    gx_poll_expect_end(feed->poll, subscriber->session_ends_ms);
    gx_list_init(&subscriber->in_tail);
    gx_list_init(&subscriber->in_feed);
    gx_list_init(&subscriber->in_retries);
}

gx_subscriber *gx_subscriber_open(gx_feed *feed, const gx_subscription *subscription, const gx_sink *sink)
{
    gx_subscriber *subscriber = feed->closing ? NULL : malloc(sizeof *subscriber);
    gx_tail *tail = subscriber ? gx_feed_follow(feed, subscription->developer_id) : NULL;
    if (!tail) {
        free(subscriber);
        return NULL;
    }
    init(subscriber, feed, subscription, sink);
    subscriber->tail = tail;
    subscriber->full = subscription->held;
    gx_list_push_back(&tail->subscribers, &subscriber->in_tail);
    gx_list_push_back(&feed->by_last_write, &subscriber->in_feed);
    feed->subscriber_count++;
    gx_count(&gx_bus_counts(feed->member)->opened[gx_framing_transport(subscriber->view.framing)], 1);

    /* An empty tail proves nothing: something may have been committed since the start was looked up, before anybody
     * followed here. One with frames is whole from there on. */
    if (tail->newest > 0)
        subscriber->state = GX_LIVE;
    else
        gx_subscriber_fall_behind(subscriber);
    gx_subscriber_pump(subscriber);
    return subscriber;
}

void gx_subscriber_filter(gx_subscriber *subscriber, gx_event_filter filter)
{
    subscriber->view.filter = filter;
    subscriber->stale = subscriber->reading;
}

void gx_subscriber_say(gx_subscriber *subscriber, gx_buffer *bytes)
{
    gx_buffer_free(&subscriber->aside);
    subscriber->aside = *bytes;
    *bytes = GX_BUFFER_INIT(0);
    gx_subscriber_pump(subscriber);
}

void gx_subscriber_heard(gx_subscriber *subscriber)
{
    subscriber->unanswered = 0;
}

void gx_subscriber_writable(gx_subscriber *subscriber)
{
    subscriber->full = false;
    gx_subscriber_pump(subscriber);
}

void gx_subscriber_close(gx_subscriber *subscriber)
{
    mark_ended(subscriber);
    gx_list_remove(&subscriber->in_tail);
    gx_feed_unfollow(subscriber->feed, subscriber->tail);
    gx_buffer_free(&subscriber->aside);
    subscriber->closed = true;
    subscriber->feed = NULL;
    subscriber->tail = NULL;
    if (!subscriber->reading)
        free(subscriber);
}

bool gx_subscriber_is_live(const gx_subscriber *subscriber)
{
    return subscriber->state == GX_LIVE && !subscriber->full;
}

const gx_view *gx_subscriber_view(const gx_subscriber *subscriber)
{
    return &subscriber->view;
}

const gx_log_position *gx_subscriber_position(const gx_subscriber *subscriber)
{
    return &subscriber->position;
}
