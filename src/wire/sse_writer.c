#include "wire/sse_writer.h"

static void write_line(gx_buffer *out, gx_span field, gx_span value)
{
    gx_buffer_append_span(out, field);
    gx_buffer_append_span(out, value);
    gx_buffer_append_char(out, '\n');
}

void gx_sse_write_opening(gx_buffer *out, int retry_ms)
{
    gx_buffer_printf(out, "retry: %d\n: connected\n\n", retry_ms);
}

void gx_sse_write_event(gx_buffer *out, gx_span id, gx_span named_type, gx_span json)
{
    write_line(out, GX_SPAN("id: "), id);
    if (named_type.len > 0)
        write_line(out, GX_SPAN("event: "), named_type);
    write_line(out, GX_SPAN("data: "), json);
    gx_buffer_append_char(out, '\n');
}

void gx_sse_write_id_only(gx_buffer *out, gx_span id)
{
    write_line(out, GX_SPAN("id: "), id);
    gx_buffer_append_char(out, '\n');
}

void gx_sse_write_heartbeat(gx_buffer *out)
{
    gx_buffer_append_span(out, GX_SPAN(": hb\n\n"));
}

void gx_sse_write_control(gx_buffer *out, gx_span type, gx_span json)
{
    write_line(out, GX_SPAN("event: "), type);
    write_line(out, GX_SPAN("data:"), json);
    gx_buffer_append_char(out, '\n');
}
