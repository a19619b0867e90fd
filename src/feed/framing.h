/* Framing: the bytes around an event on its connection. The only place that knows them; a further kind of connection is
 * a further row here. */
#ifndef GX_FEED_FRAMING_H
#define GX_FEED_FRAMING_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/span.h"

typedef enum gx_framing {
    GX_FRAMING_CHUNKED,       /* an HTTP/1.1 chunk around an SSE frame: a cut connection can be told from a clean end */
    GX_FRAMING_CHUNKED_NAMED, /* the same with an "event: <type>" line */
    GX_FRAMING_PLAIN,         /* the SSE frame alone: HTTP/1.0 */
    GX_FRAMING_PLAIN_NAMED,
    GX_FRAMING_COUNT
} gx_framing;

static inline bool gx_framing_is_chunked(gx_framing framing)
{
    return framing == GX_FRAMING_CHUNKED || framing == GX_FRAMING_CHUNKED_NAMED;
}
static inline bool gx_framing_is_named(gx_framing framing)
{
    return framing == GX_FRAMING_CHUNKED_NAMED || framing == GX_FRAMING_PLAIN_NAMED;
}

/* What follows appends to `out`; failure shows in out->failed. */

/* An event whose envelope is `json`. */
void gx_framing_event(gx_buffer *out, gx_framing framing, gx_span id, gx_span type, gx_span json);

/* What every stream begins with, before any event. */
void gx_framing_opening(gx_buffer *out, gx_framing framing, int retry_ms);

/* Moves the client's cursor without an event. */
void gx_framing_cursor(gx_buffer *out, gx_framing framing, gx_span id);

void gx_framing_heartbeat(gx_buffer *out, gx_framing framing);

/* The server's own word about the stream, named "stream.…". */
void gx_framing_control(gx_buffer *out, gx_framing framing, gx_span name, gx_span json);

/* stream.closing and the clean end of the body. */
void gx_framing_closing(gx_buffer *out, gx_framing framing, const char *reason, int reconnect_after_ms);

/* What lies inside one whole chunk: the plain form, without encoding it again. */
gx_span gx_framing_inside(gx_span chunk);

#endif
