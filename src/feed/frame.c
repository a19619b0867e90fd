#include "feed/frame.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "wire/event.h"

/* The chunk serves the plain framing too, which lies inside it. What else readers want is encoded when the first one
 * asks. */
struct gx_frame {
    atomic_uint references;
    gx_log_position position;
    gx_event_type type;
    gx_buffer chunk;
    gx_span json;                                     /* the envelope, inside `chunk` */
    _Atomic(gx_buffer *) on_demand[GX_FRAMING_COUNT]; /* by gx_framing_holder; NULL until somebody asks */
    char developer_id[];
};

void gx_position_of_event(const gx_logged_event *event, gx_log_position *out)
{
    size_t length = event->id.len < sizeof out->id ? event->id.len : sizeof out->id - 1;
    *out = (gx_log_position){.seq = event->seq, .timestamp_ms = event->timestamp_ms};
    memcpy(out->id, event->id.ptr, length);
}

static gx_frame *allocate(const gx_logged_event *event)
{
    size_t id_size = strlen(event->developer_id) + 1;
    gx_frame *frame = calloc(1, sizeof *frame + id_size);
    if (!frame)
        return NULL;
    atomic_init(&frame->references, 1);
    for (int framing = 0; framing < GX_FRAMING_COUNT; framing++)
        atomic_init(&frame->on_demand[framing], NULL);
    gx_position_of_event(event, &frame->position);
    frame->type = event->type;
    memcpy(frame->developer_id, event->developer_id, id_size);
    return frame;
}

static bool encode(gx_frame *frame, const gx_logged_event *event)
{
    gx_buffer json = GX_BUFFER_INIT(0);
    gx_event_write(&json, event->id, event->type_name, event->timestamp_ms, event->seq, event->data);
    gx_framing_event(&frame->chunk, GX_FRAMING_CHUNKED, event->id, event->type_name, gx_buffer_span(&json));

    bool whole = !json.failed && !frame->chunk.failed;
    if (whole) {
        gx_span inside = gx_framing_inside(GX_FRAMING_PLAIN, gx_buffer_span(&frame->chunk));
        frame->json = (gx_span){inside.ptr + inside.len - 2 - json.length, json.length}; /* "\n\n" ends the frame */
    }
    gx_buffer_free(&json);
    return whole;
}

gx_frame *gx_frame_new(const gx_logged_event *event)
{
    gx_frame *frame = allocate(event);
    if (!frame)
        return NULL;
    if (!encode(frame, event)) {
        gx_frame_drop(frame);
        return NULL;
    }
    return frame;
}

gx_frame *gx_frame_hold(gx_frame *frame)
{
    atomic_fetch_add_explicit(&frame->references, 1, memory_order_relaxed);
    return frame;
}

static void free_encoding(gx_buffer *bytes)
{
    if (bytes)
        gx_buffer_free(bytes);
    free(bytes);
}

void gx_frame_drop(gx_frame *frame)
{
    if (atomic_fetch_sub_explicit(&frame->references, 1, memory_order_acq_rel) != 1)
        return;
    for (int framing = 0; framing < GX_FRAMING_COUNT; framing++)
        free_encoding(atomic_load_explicit(&frame->on_demand[framing], memory_order_acquire));
    gx_buffer_free(&frame->chunk);
    free(frame);
}

const gx_log_position *gx_frame_position(const gx_frame *frame)
{
    return &frame->position;
}

gx_event_type gx_frame_type(const gx_frame *frame)
{
    return frame->type;
}

const char *gx_frame_developer(const gx_frame *frame)
{
    return frame->developer_id;
}

size_t gx_frame_size(const gx_frame *frame)
{
    return sizeof *frame + frame->chunk.capacity;
}

static gx_buffer *encode_as(const gx_frame *frame, gx_framing framing)
{
    gx_event event;
    gx_buffer *bytes = gx_event_scan(frame->json, &event) ? calloc(1, sizeof *bytes) : NULL;
    if (!bytes)
        return NULL;
    gx_framing_event(bytes, framing, event.id, event.type, frame->json);
    if (bytes->failed) {
        free_encoding(bytes);
        return NULL;
    }
    return bytes;
}

/* Two threads may both encode it; the first to finish wins, and the bytes are the same. */
static const gx_buffer *encoding(gx_frame *frame, gx_framing framing)
{
    _Atomic(gx_buffer *) *kept = &frame->on_demand[framing];
    gx_buffer *present = atomic_load_explicit(kept, memory_order_acquire);
    if (present)
        return present;
    gx_buffer *bytes = encode_as(frame, framing);
    if (!bytes || atomic_compare_exchange_strong(kept, &present, bytes))
        return bytes;
    free_encoding(bytes);
    return present;
}

gx_span gx_frame_bytes(gx_frame *frame, gx_framing framing)
{
    gx_framing holder = gx_framing_holder(framing);
    const gx_buffer *bytes = holder == GX_FRAMING_CHUNKED ? &frame->chunk : encoding(frame, holder);
    if (!bytes)
        return (gx_span){NULL, 0};
    return gx_framing_inside(framing, gx_buffer_span(bytes));
}
