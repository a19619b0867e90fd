#include "feed/framing.h"

#include <string.h>

#include "wire/http_chunk.h"
#include "wire/json_writer.h"
#include "wire/sse_writer.h"

/* Moves the finished SSE frame to `out`, in its chunk where the framing has one. */
static void emit(gx_buffer *out, gx_framing framing, gx_buffer *frame)
{
    if (gx_framing_is_chunked(framing))
        gx_chunk_write(out, gx_buffer_span(frame));
    else
        gx_buffer_append_span(out, gx_buffer_span(frame));
    out->failed = out->failed || frame->failed;
    gx_buffer_free(frame);
}

void gx_framing_event(gx_buffer *out, gx_framing framing, gx_span id, gx_span type, gx_span json)
{
    gx_buffer frame = GX_BUFFER_INIT(0);
    gx_span name = gx_framing_is_named(framing) ? type : (gx_span){0};
    gx_sse_write_event(&frame, id, name, json);
    emit(out, framing, &frame);
}

void gx_framing_opening(gx_buffer *out, gx_framing framing, int retry_ms)
{
    gx_buffer frame = GX_BUFFER_INIT(0);
    gx_sse_write_opening(&frame, retry_ms);
    emit(out, framing, &frame);
}

void gx_framing_cursor(gx_buffer *out, gx_framing framing, gx_span id)
{
    gx_buffer frame = GX_BUFFER_INIT(0);
    gx_sse_write_id_only(&frame, id);
    emit(out, framing, &frame);
}

void gx_framing_heartbeat(gx_buffer *out, gx_framing framing)
{
    gx_buffer frame = GX_BUFFER_INIT(0);
    gx_sse_write_heartbeat(&frame);
    emit(out, framing, &frame);
}

void gx_framing_control(gx_buffer *out, gx_framing framing, gx_span name, gx_span json)
{
    gx_buffer frame = GX_BUFFER_INIT(0);
    gx_sse_write_control(&frame, name, json);
    emit(out, framing, &frame);
}

static void write_closing_json(gx_buffer *out, const char *reason, int reconnect_after_ms)
{
    gx_json json = gx_json_on(out);
    gx_json_open_object(&json, NULL);
    gx_json_text(&json, "reason", reason);
    gx_json_int(&json, "reconnectAfterMs", reconnect_after_ms);
    gx_json_close_object(&json);
}

void gx_framing_closing(gx_buffer *out, gx_framing framing, const char *reason, int reconnect_after_ms)
{
    gx_buffer json = GX_BUFFER_INIT(0), frame = GX_BUFFER_INIT(0);
    write_closing_json(&json, reason, reconnect_after_ms);
    gx_sse_write_control(&frame, GX_SPAN("stream.closing"), gx_buffer_span(&json));
    out->failed = out->failed || json.failed;
    gx_buffer_free(&json);
    emit(out, framing, &frame);
    if (gx_framing_is_chunked(framing))
        gx_buffer_append_text(out, GX_CHUNK_LAST);
}

gx_span gx_framing_inside(gx_span chunk)
{
    const char *head_end = memchr(chunk.ptr, '\n', chunk.len);
    size_t head_length = (size_t)(head_end + 1 - chunk.ptr);
    return (gx_span){head_end + 1, chunk.len - head_length - 2};
}
