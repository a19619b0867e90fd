/* Bytes of a WebSocket client → messages (RFC 6455 section 5), with limits on everything. No socket, no clock: the
 * bytes may come in any pieces. */
#ifndef GX_WIRE_WS_PARSER_H
#define GX_WIRE_WS_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"
#include "wire/ws_writer.h"

#define GX_WS_MOST_HEAD 14

/* Embedded in its owner; an idle one holds no memory. */
typedef struct gx_ws_parser {
    uint8_t head[GX_WS_MOST_HEAD]; /* of the frame at hand */
    uint8_t head_length;           /* bytes of it that have come */
    bool head_done;
    bool over;            /* after a close frame or a fault nothing is read any more */
    uint8_t message_type; /* opcode of the message that is being put together; 0: none */
    uint64_t left;        /* payload of the frame at hand that has not come */
    uint64_t taken;       /* payload of it that has: where in the mask we are */
    gx_buffer message;    /* its fragments so far */
    gx_buffer control;    /* a control frame may stand between them */
} gx_ws_parser;

typedef enum gx_ws_found {
    GX_WS_TEXT, /* valid UTF-8 */
    GX_WS_BINARY,
    GX_WS_PING,
    GX_WS_PONG,
    GX_WS_CLOSE,  /* `code` (GX_WS_NO_CODE without one); nothing follows */
    GX_WS_BROKEN, /* no acceptable frame: close with `code`, because of the payload (static text); nothing follows */
} gx_ws_found;

typedef struct gx_ws_message {
    gx_ws_found found;
    gx_span payload; /* of a close frame: the reason. Lent until the next call */
    unsigned code;
} gx_ws_message;

/* A message of more than `most_message` bytes is GX_WS_TOO_BIG. */
void gx_ws_parser_init(gx_ws_parser *parser, size_t most_message);
void gx_ws_parser_free(gx_ws_parser *parser);

/* Takes bytes off the front of *rest until a message is whole. False: all were taken and there is none. */
bool gx_ws_parser_next(gx_ws_parser *parser, gx_span *rest, gx_ws_message *message);

#endif
