/* A frame: one event, encoded once, shared by every subscriber of every thread, freed by the last. */
#ifndef GX_FEED_FRAME_H
#define GX_FEED_FRAME_H

#include <stddef.h>

#include "base/span.h"
#include "feed/framing.h"
#include "store/log.h"

typedef struct gx_frame gx_frame;

/* One reference is the caller's. NULL when out of memory. Any thread. */
gx_frame *gx_frame_new(const gx_logged_event *event);
gx_frame *gx_frame_hold(gx_frame *frame);
void gx_frame_drop(gx_frame *frame);

/* Where the log is after this event. */
const gx_log_position *gx_frame_position(const gx_frame *frame);
gx_event_type gx_frame_type(const gx_frame *frame);
const char *gx_frame_developer(const gx_frame *frame);

/* Bytes of memory that the encoding takes, about. */
size_t gx_frame_size(const gx_frame *frame);

/* The bytes for that framing, lent as long as a reference is held. All but the chunk are made on first use; the empty
 * span then means out of memory. Any thread. */
gx_span gx_frame_bytes(gx_frame *frame, gx_framing framing);

/* The position of an event as the log has it. */
void gx_position_of_event(const gx_logged_event *event, gx_log_position *out);

#endif
