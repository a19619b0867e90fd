/* The tail: the newest frames of one developer's log, without holes between them, and who follows them here. Bounded in
 * frames and in bytes; what it cannot keep, the store has. */
#ifndef GX_FEED_TAIL_H
#define GX_FEED_TAIL_H

#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "feed/frame.h"

typedef struct gx_tail gx_tail;
struct gx_tail {
    gx_tail *next_in_bucket; /* tail_table.c's */
    gx_list subscribers;     /* gx_subscriber.in_tail */
    gx_list due;             /* in gx_feed.due while a batch is taken in */

    int64_t newest; /* seq of the newest frame that was seen, 0 before the first */
    size_t count;   /* frames kept: seq newest - count + 1 … newest */
    size_t bytes;
    size_t most_frames, most_bytes;
    size_t capacity; /* of ring, a power of two; it grows with the count */
    gx_frame **ring; /* frame seq is in slot seq % capacity */
    char developer_id[];
};

gx_tail *gx_tail_new(const char *developer_id, size_t most_frames, size_t most_bytes);
void gx_tail_free(gx_tail *tail);

/* Takes a reference of its own. A frame that it has seen is ignored; one that leaves a hole begins the tail anew. Never
 * fails: without memory it keeps fewer. */
void gx_tail_push(gx_tail *tail, gx_frame *frame);

/* Forgets all frames, and that there were any: they may not be all there were. */
void gx_tail_reset(gx_tail *tail);

/* NULL when that frame is not kept. */
gx_frame *gx_tail_find(const gx_tail *tail, int64_t seq);

#endif
