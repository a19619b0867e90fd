/* The ids that were handed out last, so that what comes again after a reconnect is left out. Ids are kept whole: two
 * different ids are never taken for one. */
#ifndef GX_LIB_RECENT_H
#define GX_LIB_RECENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

#define GX_RECENT_IDS   4096 /* a power of two; about a second of the busiest developer, or days of a calm one */
#define GX_RECENT_WIDTH 39   /* longest id that is remembered; longer ones are never taken for a repeat */

typedef struct gx_recent {
    uint32_t next; /* where the next id goes; the oldest one when all are in use */
    uint32_t count;
    uint16_t slots[2 * GX_RECENT_IDS]; /* open addressing by hash: index + 1 of an id, 0 free */
    struct {
        uint8_t length;
        char text[GX_RECENT_WIDTH];
    } ids[GX_RECENT_IDS];
} gx_recent;

/* A window that is all zero is empty. */
bool gx_recent_has(const gx_recent *recent, gx_span id);

/* Remembers an id that it does not have; forgets the oldest one when it is full. */
void gx_recent_add(gx_recent *recent, gx_span id);

#endif
