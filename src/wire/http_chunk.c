#include "wire/http_chunk.h"

#include <string.h>

#include "base/encoding.h"

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

/* --- reading ------------------------------------------------------------------------------------------------------ */

static gx_chunk_state start_data(gx_chunk_reader *reader)
{
    return reader->left > 0 ? GX_CHUNK_DATA : GX_CHUNK_TRAILER;
}

/* One byte of "1a;extension CR LF". A lone LF ends it as well, as libcurl has it. */
static gx_chunk_state take_size(gx_chunk_reader *reader, char c)
{
    int digit = reader->in_extension ? -1 : gx_hex_digit(c);
    if (digit >= 0) {
        bool fits = reader->left <= UINT64_MAX >> 4;
        reader->left = reader->left << 4 | (unsigned)digit;
        return fits ? GX_CHUNK_SIZE : GX_CHUNK_BROKEN;
    }
    if (!reader->in_extension && (reader->line == 1 || !memchr("; \t\r\n", c, 5))) /* no digit, or no number */
        return GX_CHUNK_BROKEN;
    reader->in_extension = true;
    return c == '\n' ? start_data(reader) : GX_CHUNK_SIZE;
}

static gx_chunk_state take_data_end(gx_chunk_reader *reader, char c)
{
    if (c == '\n')
        return GX_CHUNK_SIZE;
    return c == '\r' && reader->line == 1 ? GX_CHUNK_DATA_END : GX_CHUNK_BROKEN;
}

/* An empty line ends it; `in_extension` says that the line has something. */
static gx_chunk_state take_trailer(gx_chunk_reader *reader, char c)
{
    if (c == '\n' && !reader->in_extension)
        return GX_CHUNK_ENDED;
    reader->in_extension = c != '\n' && (reader->in_extension || c != '\r');
    return GX_CHUNK_TRAILER;
}

static void take_between(gx_chunk_reader *reader, char c)
{
    static gx_chunk_state (*const take[])(gx_chunk_reader *, char) = {
        [GX_CHUNK_SIZE] = take_size, [GX_CHUNK_DATA_END] = take_data_end, [GX_CHUNK_TRAILER] = take_trailer};
    gx_chunk_state before = reader->state;
    reader->line++;
    reader->state = take[before](reader, c);
    if (reader->state != before) {
        reader->line = 0;
        reader->in_extension = false;
    } else if (reader->line > GX_CHUNK_MOST_LINE) {
        reader->state = GX_CHUNK_BROKEN;
    }
}

static gx_span take_data(gx_chunk_reader *reader, gx_span *bytes)
{
    gx_span piece = {bytes->ptr, reader->left < bytes->len ? (size_t)reader->left : bytes->len};
    *bytes = (gx_span){bytes->ptr + piece.len, bytes->len - piece.len};
    reader->left -= piece.len;
    if (reader->left == 0)
        reader->state = GX_CHUNK_DATA_END;
    return piece;
}

gx_span gx_chunk_read(gx_chunk_reader *reader, gx_span *bytes)
{
    while (bytes->len > 0 && reader->state < GX_CHUNK_ENDED) {
        if (reader->state == GX_CHUNK_DATA)
            return take_data(reader, bytes);
        take_between(reader, *bytes->ptr);
        *bytes = (gx_span){bytes->ptr + 1, bytes->len - 1};
    }
    return (gx_span){bytes->ptr, 0};
}
