/* The chunked transfer coding (RFC 9112 section 7.1), for bodies whose length is not known beforehand: streams. */
#ifndef GX_WIRE_HTTP_CHUNK_H
#define GX_WIRE_HTTP_CHUNK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"

/* What ends a chunked body. */
#define GX_CHUNK_LAST "0\r\n\r\n"

/* Appends the bytes as one chunk. No bytes, no chunk: an empty one would end the body. */
void gx_chunk_write(gx_buffer *out, gx_span bytes);

/* Between chunks stand lines: sizes, extensions, trailers. One that is longer is no HTTP. */
#define GX_CHUNK_MOST_LINE 4096

typedef enum gx_chunk_state {
    GX_CHUNK_SIZE, /* in the line with the size */
    GX_CHUNK_DATA,
    GX_CHUNK_DATA_END, /* in the line end behind the data */
    GX_CHUNK_TRAILER,
    GX_CHUNK_ENDED,  /* the last chunk and the trailer have gone by */
    GX_CHUNK_BROKEN, /* it is no chunked body */
} gx_chunk_state;

/* Starts zeroed. */
typedef struct gx_chunk_reader {
    gx_chunk_state state;
    uint64_t left;     /* bytes of the chunk */
    uint32_t line;     /* bytes of the line that have gone by */
    bool in_extension; /* behind the digits of the size */
} gx_chunk_reader;

/* The next piece of the body that lies in *bytes, which is moved on past it. An empty piece: *bytes is used up, or the
 * body has ended or is broken (reader->state), and *bytes is where that was seen. */
gx_span gx_chunk_read(gx_chunk_reader *reader, gx_span *bytes);

#endif
