/* The bus, as a feed sees it (feed.h has the writer's side). It may lose a frame when memory runs out, and says so in a
 * count: it can cost latency, never an event. */
#ifndef GX_FEED_BUS_H
#define GX_FEED_BUS_H

#include <stddef.h>

#include "base/mailbox.h"
#include "base/metrics.h"
#include "feed/feed.h"

typedef struct gx_bus_member gx_bus_member;

/* What one feed counts. In its member, so that threads do not wait for each other's cache lines. */
typedef struct gx_feed_counts {
    gx_counter opened[GX_TRANSPORT_COUNT], ended[GX_TRANSPORT_COUNT];
    gx_counter delivered, replayed, pages, gaps, catchups;
    gx_histogram lag_us; /* gx_bus_stats.lag_us */
} gx_feed_counts;

gx_feed_counts *gx_bus_counts(gx_bus_member *member);

/* Called on the mailbox's thread with frames in commit order, lent for the call, and when they were published
 * (monotonic). */
typedef void gx_bus_receive(void *context, gx_frame *const *frames, size_t count, int64_t published_us);

/* NULL when out of memory. */
gx_bus_member *gx_bus_join(gx_bus *bus, gx_mailbox *mailbox, gx_bus_receive *receive, void *context);

/* The member is this feed, whom letters reach too (gx_bus_go_round); others only hear of events. */
void gx_bus_name_feed(gx_bus_member *member, gx_feed *feed);

/* `receive` is not called any more: batches on their way are dropped. Mailbox's thread. */
void gx_bus_leave(gx_bus_member *member);

/* How often keys had to be looked at. Any thread. */
unsigned gx_bus_key_checks(gx_bus *bus);

/* How often frames were lost. When it has grown, what the store has is the truth. Any thread. */
unsigned gx_bus_losses(gx_bus *bus);

#endif
