#include "feed/frame.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "wire/event.h"

/* Two encodings serve four framings: the plain form lies inside the chunk. */
struct gx_frame {
    atomic_uint references;
    gx_log_position position;
    gx_event_type type;
    gx_buffer chunk;
    gx_span json;               /* the envelope, inside `chunk` */
    _Atomic(gx_buffer *) named; /* the chunk with its event: line; NULL until somebody asks */
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
    atomic_init(&frame->named, NULL);
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
        gx_span inside = gx_framing_inside(gx_buffer_span(&frame->chunk));
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

static void free_named(gx_buffer *named)
{
    if (named)
        gx_buffer_free(named);
    free(named);
}

void gx_frame_drop(gx_frame *frame)
{
    if (atomic_fetch_sub_explicit(&frame->references, 1, memory_order_acq_rel) != 1)
        return;
    free_named(atomic_load_explicit(&frame->named, memory_order_acquire));
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

static gx_buffer *encode_named(const gx_frame *frame)
{
    gx_event event;
    gx_buffer *named = gx_event_scan(frame->json, &event) ? calloc(1, sizeof *named) : NULL;
    if (!named)
        return NULL;
    gx_framing_event(named, GX_FRAMING_CHUNKED_NAMED, event.id, event.type, frame->json);
    if (named->failed) {
        free_named(named);
        return NULL;
    }
    return named;
}

/* Two threads may both encode it; the first to finish wins, and the bytes are the same. */
static const gx_buffer *named_chunk(gx_frame *frame)
{
    gx_buffer *present = atomic_load_explicit(&frame->named, memory_order_acquire);
    if (present)
        return present;
    gx_buffer *named = encode_named(frame);
    if (!named || atomic_compare_exchange_strong(&frame->named, &present, named))
        return named;
    free_named(named);
    return present;
}

gx_span gx_frame_bytes(gx_frame *frame, gx_framing framing)
{
    const gx_buffer *chunk = gx_framing_is_named(framing) ? named_chunk(frame) : &frame->chunk;
    if (!chunk)
        return (gx_span){NULL, 0};
    gx_span bytes = gx_buffer_span(chunk);
    return gx_framing_is_chunked(framing) ? bytes : gx_framing_inside(bytes);
}
