/* A run: the frames that one write takes, gathered from the tail. Followers of a tail mostly stand at the same place
 * and want to see the same, so what was gathered for one serves the next, and its bytes lie in one piece: for the
 * kernel many small pieces cost several times what one long one does. */
#ifndef GX_FEED_RUN_H
#define GX_FEED_RUN_H

#include "base/buffer.h"
#include "feed/feed.h"
#include "feed/tail.h"

typedef struct gx_run {
    const gx_tail *tail; /* NULL: nothing is gathered */
    int64_t after;
    gx_view view;
    gx_frame *frames[GX_SINK_MOST_PIECES]; /* lent by the tail */
    gx_span pieces[GX_SINK_MOST_PIECES];
    size_t bytes; /* of all pieces */
    unsigned count;
    const gx_frame *last; /* the last one that was looked at, shown or not; NULL: there was none */
    gx_buffer joined;     /* the pieces once more, one after the other; empty: they are written as they are */
} gx_run;

/* No frame may come into the tail, nor the tail go, between this and gx_run_end. */
static inline void gx_run_begin(gx_run *run)
{
    run->tail = NULL;
    run->joined = GX_BUFFER_INIT(0);
}

static inline void gx_run_end(gx_run *run)
{
    gx_buffer_free(&run->joined);
}

/* What a subscriber with that view gets after `after`; `last` tells whether there is anything. */
void gx_run_gather(gx_run *run, const gx_tail *tail, int64_t after, const gx_view *view);

#endif
