#include "feed/feed.h"

#include <stdlib.h>

#include "base/clock.h"
#include "feed/subscriber.h"

#define DEFAULT_HEARTBEAT_MS 15000
#define DEFAULT_TAIL_FRAMES  1024
#define DEFAULT_TAIL_BYTES   ((size_t)4 * 1024 * 1024)
#define DEFAULT_PAGE_EVENTS  1024

enum { CACHE_LINE = 64 };

/* --- who follows which tail --- */

gx_tail *gx_feed_follow(gx_feed *feed, const char *developer_id)
{
    gx_tail *tail = gx_tail_table_find(&feed->tails, developer_id);
    if (tail)
        return tail;
    tail = gx_tail_new(developer_id, feed->options.tail_frames, feed->options.tail_bytes);
    if (tail)
        gx_tail_table_add(&feed->tails, tail);
    return tail;
}

void gx_feed_unfollow(gx_feed *feed, gx_tail *tail)
{
    if (!gx_list_empty(&tail->subscribers))
        return;
    gx_list_remove(&tail->due);
    gx_tail_table_remove(&feed->tails, tail);
    gx_tail_free(tail);
}

/* --- frames from the bus --- */

/* Takes each entry out before it is worked on: the work may close any other one, which then leaves the list it is in.
 */
static gx_list *take_first(gx_list *from, gx_list *to)
{
    gx_list *node = from->next;
    gx_list_remove(node);
    gx_list_push_back(to, node);
    return node;
}

static void move_all(gx_list *from, gx_list *to)
{
    gx_list_init(to);
    while (!gx_list_empty(from))
        take_first(from, to);
}

/* The next follower is far from this one in memory; meanwhile the kernel is at work. */
static void fetch_ahead(const gx_list *node)
{
    const char *lines = (const char *)GX_LIST_ENTRY(node, gx_subscriber, in_tail);
    for (size_t line = 0; line < sizeof(gx_subscriber); line += CACHE_LINE)
        __builtin_prefetch(lines + line);
}

/* The tail lives as long as the entry at hand is in its list, which it is while it is pumped. */
static void wake_followers(gx_tail *tail)
{
    gx_list waiting;
    gx_run run;
    gx_run_begin(&run);
    move_all(&tail->subscribers, &waiting);
    while (!gx_list_empty(&waiting)) {
        gx_list *first = take_first(&waiting, &tail->subscribers);
        fetch_ahead(waiting.next);
        gx_subscriber_pump_run(GX_LIST_ENTRY(first, gx_subscriber, in_tail), &run);
    }
    gx_run_end(&run);
}

static void keep_frame(gx_feed *feed, gx_frame *frame)
{
    gx_tail *tail = gx_tail_table_find(&feed->tails, gx_frame_developer(frame));
    if (!tail)
        return;
    gx_tail_push(tail, frame);
    if (gx_list_empty(&tail->due))
        gx_list_push_back(&feed->due, &tail->due);
}

static void note_lag(gx_feed *feed, int64_t published_us)
{
    int64_t lag = gx_clock_monotonic_us() - published_us;
    gx_histogram_add(&gx_bus_counts(feed->member)->lag_us, &gx_scale_us, lag > 0 ? (uint64_t)lag : 0);
}

static void receive(void *context, gx_frame *const *frames, size_t count, int64_t published_us)
{
    gx_feed *feed = context;
    for (size_t i = 0; i < count; i++)
        keep_frame(feed, frames[i]);
    while (!gx_list_empty(&feed->due)) {
        gx_tail *tail = GX_LIST_ENTRY(feed->due.next, gx_tail, due);
        gx_list_remove(&tail->due);
        wake_followers(tail);
        if (gx_list_empty(&feed->due))
            note_lag(feed, published_us);
    }
}

/* --- its life --- */

static gx_feed_options with_defaults(const gx_feed_options *given)
{
    gx_feed_options options = *given;
    if (options.heartbeat_ms == 0)
        options.heartbeat_ms = DEFAULT_HEARTBEAT_MS;
    if (options.tail_frames == 0)
        options.tail_frames = DEFAULT_TAIL_FRAMES;
    if (options.tail_bytes == 0)
        options.tail_bytes = DEFAULT_TAIL_BYTES;
    if (options.page_events == 0)
        options.page_events = DEFAULT_PAGE_EVENTS;
    return options;
}

static bool write_heartbeats(gx_feed *feed)
{
    bool failed = false;
    for (int framing = 0; framing < GX_FRAMING_COUNT; framing++) {
        gx_framing_heartbeat(&feed->heartbeats[framing], (gx_framing)framing);
        failed = failed || feed->heartbeats[framing].failed;
    }
    return !failed;
}

static bool init(gx_feed *feed, const gx_feed_options *options)
{
    feed->options = with_defaults(options);
    feed->now_ms = gx_clock_monotonic_ms();
    gx_list_init(&feed->by_last_write);
    gx_list_init(&feed->retries);
    gx_list_init(&feed->due);
    if (!write_heartbeats(feed) || !gx_tail_table_init(&feed->tails))
        return false;
    feed->poll = gx_poll_new(feed);
    if (!feed->poll)
        return false;
    feed->key_checks = gx_bus_key_checks(options->bus);
    feed->losses = gx_bus_losses(options->bus);
    feed->member = gx_bus_join(options->bus, options->mailbox, receive, feed);
    if (feed->member)
        gx_bus_name_feed(feed->member, feed);
    return feed->member != NULL;
}

gx_feed *gx_feed_new(const gx_feed_options *options)
{
    gx_feed *feed = calloc(1, sizeof *feed);
    if (feed && !init(feed, options)) {
        gx_feed_free(feed);
        return NULL;
    }
    return feed;
}

void gx_feed_free(gx_feed *feed)
{
    if (!feed)
        return;
    if (feed->member)
        gx_bus_leave(feed->member);
    gx_poll_free(feed->poll);
    gx_tail_table_free(&feed->tails);
    for (int framing = 0; framing < GX_FRAMING_COUNT; framing++)
        gx_buffer_free(&feed->heartbeats[framing]);
    free(feed);
}

gx_bus *gx_feed_bus(const gx_feed *feed)
{
    return feed->options.bus;
}

int gx_feed_heartbeat_ms(const gx_feed *feed)
{
    return feed->options.heartbeat_ms;
}

size_t gx_feed_subscribers(const gx_feed *feed)
{
    return feed->subscriber_count;
}

void gx_feed_each_subscriber(gx_feed *feed, const char *developer_id,
                             void (*visit)(void *context, const gx_subscriber *subscriber, void *sink_context),
                             void *context)
{
    const gx_tail *tail = gx_tail_table_find(&feed->tails, developer_id);
    for (gx_list *node = tail ? tail->subscribers.next : NULL; tail && node != &tail->subscribers; node = node->next) {
        const gx_subscriber *subscriber = GX_LIST_ENTRY(node, gx_subscriber, in_tail);
        if (!subscriber->ended)
            visit(context, subscriber, subscriber->sink.context);
    }
}

/* --- time --- */

static gx_subscriber *next_silent(const gx_feed *feed)
{
    if (gx_list_empty(&feed->by_last_write))
        return NULL;
    gx_subscriber *first = GX_LIST_ENTRY(feed->by_last_write.next, gx_subscriber, in_feed);
    return feed->now_ms - first->last_write_ms >= feed->options.heartbeat_ms ? first : NULL;
}

static void beat(gx_feed *feed)
{
    gx_subscriber *silent;
    while ((silent = next_silent(feed)))
        gx_subscriber_beat(silent); /* moves it to the end of the list, or off it */
}

static void retry(gx_feed *feed)
{
    gx_list waiting;
    move_all(&feed->retries, &waiting);
    while (!gx_list_empty(&waiting)) {
        gx_subscriber *subscriber = GX_LIST_ENTRY(waiting.next, gx_subscriber, in_retries);
        gx_list_remove(&subscriber->in_retries);
        gx_subscriber_pump(subscriber);
    }
}

/* A frame that the bus lost may have been the newest one: no later frame would show the hole. So no tail proves
 * anything any more, to those who are here nor to those who come. */
static void heal_losses(gx_feed *feed)
{
    unsigned losses = gx_bus_losses(feed->options.bus);
    if (losses == feed->losses)
        return;
    feed->losses = losses;
    gx_tail_table_reset(&feed->tails);
    gx_list waiting;
    move_all(&feed->by_last_write, &waiting);
    while (!gx_list_empty(&waiting))
        gx_subscriber_doubt(GX_LIST_ENTRY(take_first(&waiting, &feed->by_last_write), gx_subscriber, in_feed));
}

static void look_at_keys(gx_feed *feed)
{
    unsigned checks = gx_bus_key_checks(feed->options.bus);
    if (checks != feed->key_checks)
        gx_poll_look(feed->poll, feed->now_ms);
    feed->key_checks = checks;
}

void gx_feed_tick(gx_feed *feed, int64_t monotonic_ms)
{
    feed->now_ms = monotonic_ms;
    heal_losses(feed);
    look_at_keys(feed);
    gx_poll_tick(feed->poll, monotonic_ms);
    retry(feed);
    beat(feed);
}

void gx_feed_admit_no_more(gx_feed *feed)
{
    feed->closing = true;
}

void gx_feed_close_some(gx_feed *feed, size_t most, const char *reason, int reconnect_after_ms)
{
    for (size_t closed = 0; closed < most && !gx_list_empty(&feed->by_last_write); closed++) {
        gx_subscriber *subscriber = GX_LIST_ENTRY(feed->by_last_write.next, gx_subscriber, in_feed);
        gx_subscriber_end(subscriber, reason, reconnect_after_ms);
    }
}
