/* The inside of the parser of grantex/sse.h. Its files: sse_parser.c cuts bytes into lines, sse_block.c makes lines
 * into events, sse_plain.c does both at once for the lines that nearly all are, sse_in_place.c for whole events that
 * may stay where they are. */
#ifndef GX_WIRE_SSE_PARSER_H
#define GX_WIRE_SSE_PARSER_H

#include "base/buffer.h"
#include "base/span.h"
#include "grantex/sse.h"

/* Bytes that are searched for the end of a line before anything else is tried. */
#define GX_SSE_STRETCH 1024

/* Inside, GRANTEX_TIMEOUT means "go on". A step either happens whole or returns GRANTEX_E_NO_MEMORY and leaves the
 * parser as it was, so that the caller can repeat it. */
struct grantex_sse_parser {
    size_t most; /* bytes of an event, and of a line */

    /* the line */
    gx_buffer line;  /* the beginning of a line whose end has not come yet */
    bool skipping;   /* the line is a comment or too long: nothing of it is kept */
    bool first_line; /* a byte order mark may stand before it */
    bool after_cr;   /* an LF that comes now belongs to the CR before it */

    /* the event */
    gx_buffer data, type;
    gx_buffer new_id; /* of this block, when has_new_id */
    bool has_data, has_new_id;
    bool too_large; /* data and type are no longer collected, the id is */
    bool delivered; /* the caller has data and type on loan until the next call */

    /* the connection and the next one */
    gx_buffer last_id;
    int64_t retry_ms;
};

/* sse_in_place.c */
/* As grantex_sse_parser_next, for bytes that may be written to: the data of an event that lies whole in them stays
 * there and gets its NUL over its line end. So a frame is lent as long as its bytes are left alone, too. */
grantex_status gx_sse_parser_next_in_place(grantex_sse_parser *parser, char **bytes, size_t *length,
                                           grantex_sse_frame *frame);

/* sse_block.c */
void gx_sse_block_start(grantex_sse_parser *parser);

/* What is left of a block that is too large is its id. */
void gx_sse_block_drop(grantex_sse_parser *parser);
size_t gx_sse_block_size(const grantex_sse_parser *parser);

/* Unlike gx_buffer's own, a failure is not remembered: the caller may try again. */
bool gx_sse_reserve(gx_buffer *buffer, size_t more);

/* One line that is not empty and is no longer than the limit. */
grantex_status gx_sse_take_field(grantex_sse_parser *parser, gx_span line);

/* The empty line. Its id counts even where the event is left out or there is none. */
grantex_status gx_sse_block_dispatch(grantex_sse_parser *parser);

/* sse_plain.c */
/* Takes one line by the short way: *bytes and *length are moved on, *status is what came of it. False when the line is
 * not for it; nothing has happened then. `*length` is not 0. */
bool gx_sse_step_plainly(grantex_sse_parser *parser, const char **bytes, size_t *length, grantex_status *status);

#endif
