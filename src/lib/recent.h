/* The ids that were handed out last, so that what comes again after a reconnect is left out. Ids are kept whole: two
 * different ids are never taken for one. */
#ifndef GX_LIB_RECENT_H
#define GX_LIB_RECENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

#define GX_RECENT_WIDTH 39 /* longest id that is remembered; longer ones are never taken for a repeat */

typedef struct gx_recent gx_recent;

/* A window of the last `ids` ids, 1 to 2^24; gx_free() it. NULL when out of memory. */
gx_recent *gx_recent_new(uint32_t ids);

/* Remembers the id and forgets the oldest one when there is no room. False when it is in the window already. */
bool gx_recent_add(gx_recent *recent, gx_span id);

/* The same for an id that is known not to be in the window: much cheaper, until gx_recent_add is asked again. */
void gx_recent_append(gx_recent *recent, gx_span id);

#endif
