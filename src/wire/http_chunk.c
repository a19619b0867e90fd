#include "wire/http_chunk.h"

/* A replay writes a million of these heads: printf(3) would be a tenth of its time. */
static void write_size(gx_buffer *out, size_t size)
{
    char digits[2 * sizeof size];
    size_t at = sizeof digits;
    do
        digits[--at] = "0123456789abcdef"[size & 15];
    while ((size >>= 4) > 0);
    gx_buffer_append(out, digits + at, sizeof digits - at);
}

void gx_chunk_write(gx_buffer *out, gx_span bytes)
{
    if (bytes.len == 0)
        return;
    write_size(out, bytes.len);
    gx_buffer_append_span(out, GX_SPAN("\r\n"));
    gx_buffer_append_span(out, bytes);
    gx_buffer_append_span(out, GX_SPAN("\r\n"));
}
