#include "wire/ws_writer.h"

#include <stdint.h>

#include "base/utf8.h"

enum { FINAL = 0x80, LENGTH_IN_2 = 126, LENGTH_IN_8 = 127 };

static void write_big_endian(gx_buffer *out, uint64_t value, unsigned bytes)
{
    while (bytes-- > 0)
        gx_buffer_append_char(out, (char)(value >> (8 * bytes) & 0xff));
}

static void write_length(gx_buffer *out, size_t length)
{
    if (length <= GX_WS_MOST_CONTROL) {
        gx_buffer_append_char(out, (char)length);
    } else if (length <= UINT16_MAX) {
        gx_buffer_append_char(out, LENGTH_IN_2);
        write_big_endian(out, length, 2);
    } else {
        gx_buffer_append_char(out, LENGTH_IN_8);
        write_big_endian(out, length, 8);
    }
}

void gx_ws_write(gx_buffer *out, gx_ws_opcode opcode, gx_span payload)
{
    gx_buffer_append_char(out, (char)(FINAL | opcode));
    write_length(out, payload.len);
    gx_buffer_append_span(out, payload);
}

/* As many whole characters as fit. */
static gx_span cut(gx_span text, size_t most)
{
    size_t kept = 0, length;
    while (kept < text.len && gx_utf8_sequence((gx_span){text.ptr + kept, text.len - kept}, &length) &&
           kept + length <= most)
        kept += length;
    return (gx_span){text.ptr, kept};
}

void gx_ws_write_close(gx_buffer *out, unsigned code, gx_span reason)
{
    gx_span said = cut(reason, GX_WS_MOST_CONTROL - 2);
    gx_buffer_append_char(out, (char)(FINAL | GX_WS_OP_CLOSE));
    if (code == GX_WS_NO_CODE) {
        write_length(out, 0);
        return;
    }
    write_length(out, said.len + 2);
    write_big_endian(out, code, 2);
    gx_buffer_append_span(out, said);
}
