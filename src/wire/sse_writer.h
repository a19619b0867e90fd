/* The bytes of our SSE frames (contract section 3; WHATWG HTML section 9.2.5). LF only, one data line, one space. */
#ifndef GX_WIRE_SSE_WRITER_H
#define GX_WIRE_SSE_WRITER_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"

/* "retry: N\n: connected\n\n": what every stream starts with. */
void gx_sse_write_opening(gx_buffer *out, int retry_ms);

/* "id: I\n" ["event: T\n"] "data: J\n\n". `named_type` is empty for the plain form. */
void gx_sse_write_event(gx_buffer *out, gx_span id, gx_span named_type, gx_span json);

/* "id: I\n\n": moves the client's cursor, dispatches nothing. */
void gx_sse_write_id_only(gx_buffer *out, gx_span id);

/* ": hb\n\n" */
void gx_sse_write_heartbeat(gx_buffer *out);

/* "event: stream.X\ndata:J\n\n": control frame, `data:` WITHOUT the space, so that clients which match the text "data:
 * " skip it. */
void gx_sse_write_control(gx_buffer *out, gx_span type, gx_span json);

#endif
