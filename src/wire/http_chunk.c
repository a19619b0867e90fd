#include "wire/http_chunk.h"

void gx_chunk_write(gx_buffer *out, gx_span bytes)
{
    if (bytes.len == 0)
        return;
    gx_buffer_printf(out, "%zx\r\n", bytes.len);
    gx_buffer_append_span(out, bytes);
    gx_buffer_append_span(out, GX_SPAN("\r\n"));
}
