/* The poll: what another program does to the store does not come over this one's bus. A feed on a store that others
 * write to asks now and then how far the logs go that somebody here follows, and under which keys they may be read;
 * pages are read only where one has grown, and who came with another key is ended. One question at a time, none when
 * nobody follows. On a store of its own a feed asks only when a key has changed, or is over. */
#ifndef GX_FEED_POLL_H
#define GX_FEED_POLL_H

#include <stdint.h>

#include "feed/feed.h"

typedef struct gx_poll gx_poll;

/* NULL when out of memory. */
gx_poll *gx_poll_new(gx_feed *feed);

/* Asks with every tick for a while from now on. */
void gx_poll_look(gx_poll *poll, int64_t now_ms);

/* Asks when somebody's key is over, at that time of the wall clock. */
void gx_poll_expect_end(gx_poll *poll, int64_t wall_ms);

/* An answer that is on its way finds nobody. NULL is allowed. */
void gx_poll_free(gx_poll *poll);

/* Asks when it is time to. */
void gx_poll_tick(gx_poll *poll, int64_t now_ms);

#endif
