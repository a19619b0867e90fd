/* The poll: what another program appends to the log does not come over this one's bus. A feed on a store that others
 * write to asks now and then how far the logs go that somebody here follows; pages are read only where one has grown.
 * One question at a time, none when nobody follows. */
#ifndef GX_FEED_POLL_H
#define GX_FEED_POLL_H

#include <stdint.h>

#include "feed/feed.h"

typedef struct gx_poll gx_poll;

/* NULL when out of memory. */
gx_poll *gx_poll_new(gx_feed *feed);

/* An answer that is on its way finds nobody. NULL is allowed. */
void gx_poll_free(gx_poll *poll);

/* Asks when it is time to; NULL never does. */
void gx_poll_tick(gx_poll *poll, int64_t now_ms);

#endif
