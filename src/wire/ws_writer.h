/* The bytes of a WebSocket server's frames (RFC 6455 section 5.2): whole messages, unmasked, no extensions. */
#ifndef GX_WIRE_WS_WRITER_H
#define GX_WIRE_WS_WRITER_H

#include "base/buffer.h"
#include "base/span.h"

typedef enum gx_ws_opcode {
    GX_WS_OP_CONTINUATION = 0x0,
    GX_WS_OP_TEXT = 0x1,
    GX_WS_OP_BINARY = 0x2,
    GX_WS_OP_CLOSE = 0x8,
    GX_WS_OP_PING = 0x9,
    GX_WS_OP_PONG = 0xa,
} gx_ws_opcode;

/* Status codes of a close frame (RFC 6455 section 7.4.1). */
typedef enum gx_ws_code {
    GX_WS_GOING_AWAY = 1001,
    GX_WS_PROTOCOL_ERROR = 1002,
    GX_WS_UNSUPPORTED = 1003,
    GX_WS_NO_CODE = 1005, /* stands for a close frame without one; never sent */
    GX_WS_BAD_TEXT = 1007,
    GX_WS_POLICY = 1008,
    GX_WS_TOO_BIG = 1009,
    GX_WS_SERVER_FAULT = 1011,
} gx_ws_code;

#define GX_WS_MOST_CONTROL 125 /* bytes of payload in a control frame */

/* A control frame has at most GX_WS_MOST_CONTROL bytes of payload. */
void gx_ws_write(gx_buffer *out, gx_ws_opcode opcode, gx_span payload);

/* A close frame. What is too long of `reason` (UTF-8) is cut between two characters; GX_WS_NO_CODE: an empty frame. */
void gx_ws_write_close(gx_buffer *out, unsigned code, gx_span reason);

#endif
