/* Framing: the bytes around an event on its connection. The only place that knows them; a further kind of connection is
 * a further row in framing.c. */
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
    GX_FRAMING_WEBSOCKET, /* a text frame with the envelope */
    GX_FRAMING_COUNT
} gx_framing;

typedef enum gx_transport { GX_TRANSPORT_SSE, GX_TRANSPORT_WEBSOCKET, GX_TRANSPORT_COUNT } gx_transport;

gx_transport gx_framing_transport(gx_framing framing);

bool gx_framing_is_chunked(gx_framing framing);

/* Whether a live peer answers a heartbeat. */
bool gx_framing_is_answered(gx_framing framing);

/* What follows appends to `out`; failure shows in out->failed. */

/* An event whose envelope is `json`. */
void gx_framing_event(gx_buffer *out, gx_framing framing, gx_span id, gx_span type, gx_span json);

/* The same for one of many: what has to be put together first, is in `scratch`, whose memory the next one uses again.
 */
void gx_framing_event_by(gx_buffer *scratch, gx_buffer *out, gx_framing framing, gx_span id, gx_span type,
                         gx_span json);

/* What every stream begins with, before any event; nothing on a WebSocket. */
void gx_framing_opening(gx_buffer *out, gx_framing framing, int retry_ms);

/* Moves the client's cursor without an event; nothing on a WebSocket, whose clients know ids from events only. */
void gx_framing_cursor(gx_buffer *out, gx_framing framing, gx_span id);

void gx_framing_heartbeat(gx_buffer *out, gx_framing framing);

/* The server's own word about the stream, named "stream.…"; on a WebSocket a text frame {"type":name,"data":json},
 * which has no id. */
void gx_framing_control(gx_buffer *out, gx_framing framing, gx_span name, gx_span json);

/* Why the stream ends, and the clean end: stream.closing, and the last chunk or a close frame with `reason`. */
void gx_framing_closing(gx_buffer *out, gx_framing framing, const char *reason, int reconnect_after_ms);

/* The framing whose bytes of an event have those of this one inside, so that they need not be encoded; and those. */
gx_framing gx_framing_holder(gx_framing framing);
gx_span gx_framing_inside(gx_framing framing, gx_span bytes_of_holder);

#endif
