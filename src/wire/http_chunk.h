/* The chunked transfer coding (RFC 9112 section 7.1), for bodies whose length is not known beforehand: streams. */
#ifndef GX_WIRE_HTTP_CHUNK_H
#define GX_WIRE_HTTP_CHUNK_H

#include "base/buffer.h"
#include "base/span.h"

/* What ends a chunked body. */
#define GX_CHUNK_LAST "0\r\n\r\n"

/* Appends the bytes as one chunk. No bytes, no chunk: an empty one would end the body. */
void gx_chunk_write(gx_buffer *out, gx_span bytes);

#endif
