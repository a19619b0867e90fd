/* A stream under examination (?probe=MS): instead of heartbeats the client gets a "stream.probe" frame every MS
 * milliseconds, with the time at which it was written, and at the start what of its request has arrived here. So that a
 * client can measure what the way between does to a stream: `grantex doctor`. */
#ifndef GX_API_STREAM_PROBE_H
#define GX_API_STREAM_PROBE_H

#include "api/stream_socket.h"

enum { GX_PROBE_LEAST_MS = 50, GX_PROBE_MOST_MS = 3600 * 1000 };

/* Reads `probe`; absent: 0. False: call->problem. */
bool gx_stream_probe_parse(gx_call *call, int64_t *every_ms);

/* The first frame of such a stream, which goes out with the head. */
void gx_stream_probe_opening(gx_buffer *out, const gx_call *call, gx_framing framing, int64_t every_ms);

/* For gx_stream_socket_begin; NULL when out of memory. */
gx_stream_socket *gx_stream_probe_new(gx_framing framing, int64_t every_ms);

#endif
