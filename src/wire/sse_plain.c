/* The short way. Almost every line is "data: …" or "id: …" of visible ASCII, and whole. Such a line is searched for its
 * end, judged and copied in one pass. Whatever differs in any way is left to the long way; nothing has happened then.
 */
#include <string.h>

#include "base/utf8.h"
#include "wire/sse_parser.h"

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

/* Copies up to the end of the line; false when something else comes before that. */
static bool copy_plain_rest(char *out, gx_span bytes, size_t *copied)
{
    *copied = gx_utf8_copy_plain(out, bytes);
    return *copied < bytes.len && is_line_end(bytes.ptr[*copied]);
}

static bool take_plain_data(grantex_sse_parser *parser, gx_span bytes, size_t *copied)
{
    if (!gx_sse_reserve(&parser->data, bytes.len + parser->has_data))
        return false;
    char *at = parser->data.data + parser->data.length;
    if (parser->has_data)
        *at++ = '\n';
    if (!copy_plain_rest(at, bytes, copied))
        return false;
    parser->data.length += *copied + parser->has_data;
    parser->has_data = true;
    return true;
}

/* A second id in one block is left to the long way: the first one survives where this one is none. */
static bool take_plain_id(grantex_sse_parser *parser, gx_span bytes, size_t *copied)
{
    gx_buffer *id = &parser->new_id;
    if (parser->has_new_id)
        return false;
    gx_buffer_clear(id);
    if (!gx_sse_reserve(id, bytes.len) || !copy_plain_rest(id->data, bytes, copied))
        return false;
    id->length = *copied;
    parser->has_new_id = true;
    return true;
}

/* What stands behind the prefix of a line, as far as it is worth looking. */
static gx_span value_behind(gx_span bytes, size_t prefix)
{
    size_t length = bytes.len - prefix;
    return (gx_span){bytes.ptr + prefix, length < GX_SSE_STRETCH ? length : GX_SSE_STRETCH};
}

/* How many bytes a line has without its end, when it was taken by the short way; 0: it was not. */
static size_t take_plain_line(grantex_sse_parser *parser, gx_span bytes)
{
    size_t copied;
    if (bytes.len > 6 && memcmp(bytes.ptr, "data: ", 6) == 0)
        return take_plain_data(parser, value_behind(bytes, 6), &copied) ? 6 + copied : 0;
    if (bytes.len > 4 && memcmp(bytes.ptr, "id: ", 4) == 0)
        return take_plain_id(parser, value_behind(bytes, 4), &copied) ? 4 + copied : 0;
    return 0;
}

/* Not within a line, and so far from every limit that none can be passed. */
static bool may_go_plainly(const grantex_sse_parser *parser)
{
    return parser->line.length == 0 && !parser->skipping && !parser->first_line && !parser->too_large &&
           parser->most - gx_sse_block_size(parser) > GX_SSE_STRETCH + 8;
}

bool gx_sse_step_plainly(grantex_sse_parser *parser, const char **bytes, size_t *length, grantex_status *status)
{
    if (!may_go_plainly(parser))
        return false;
    size_t line = take_plain_line(parser, (gx_span){*bytes, *length});
    const char *end = *bytes + line;
    if (line == 0 && !is_line_end(*end))
        return false;
    parser->after_cr = *end == '\r';
    *bytes = end + 1;
    *length -= line + 1;
    *status = line > 0 ? GRANTEX_TIMEOUT : gx_sse_block_dispatch(parser);
    return true;
}
