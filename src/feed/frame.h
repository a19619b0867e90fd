/* A frame: one event, encoded once, shared by every subscriber of every thread, freed by the last. */
#ifndef GX_FEED_FRAME_H
#define GX_FEED_FRAME_H

#include <stdint.h>

#include "base/span.h"
#include "store/log.h"

/* How the bytes are wrapped for the connection they go to. */
typedef enum gx_framing {
    GX_FRAMING_CHUNKED,       /* an HTTP/1.1 chunk around an SSE frame: a cut connection can be told from a clean end */
    GX_FRAMING_CHUNKED_NAMED, /* the same with an "event: <type>" line */
    GX_FRAMING_PLAIN,         /* the SSE frame alone: HTTP/1.0 */
    GX_FRAMING_PLAIN_NAMED,
    GX_FRAMING_COUNT
} gx_framing;

typedef struct gx_frame gx_frame;

/* One reference is the caller's. NULL when out of memory. Any thread. */
gx_frame *gx_frame_new(const gx_logged_event *event);
gx_frame *gx_frame_hold(gx_frame *frame);
void gx_frame_drop(gx_frame *frame);

int64_t gx_frame_seq(const gx_frame *frame);
gx_event_type gx_frame_type(const gx_frame *frame);
int64_t gx_frame_timestamp_ms(const gx_frame *frame);
gx_span gx_frame_id(const gx_frame *frame); /* "evt_…" */
const char *gx_frame_developer(const gx_frame *frame);

/* The bytes for that wrapping, lent as long as a reference is held. The rarer ones are made on first use; the empty
 * span then means out of memory. Any thread. */
gx_span gx_frame_bytes(gx_frame *frame, gx_framing framing);

#endif
