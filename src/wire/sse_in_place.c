/* The shortest way. Almost every event is "id: …", "data: …" and an empty line, of visible ASCII and LF, and lies whole
 * in what was read. It is judged in one pass and not copied. Whatever differs is left to the other ways; nothing has
 * happened then. */
#include <string.h>

#include "base/utf8.h"
#include "wire/sse_parser.h"

static bool may_begin(const grantex_sse_parser *parser)
{
    return parser->line.length == 0 && !parser->skipping && !parser->first_line && !parser->after_cr &&
           !parser->too_large && !parser->has_data && !parser->has_new_id && parser->type.length == 0;
}

/* The value of a whole line that begins so; *rest is moved on past its LF. */
static bool take_line(gx_span *rest, gx_span prefix, gx_span *value)
{
    if (!gx_span_starts_with(*rest, prefix))
        return false;
    gx_span behind = {rest->ptr + prefix.len, rest->len - prefix.len};
    *value = (gx_span){behind.ptr, gx_utf8_plain(behind)};
    if (value->len == behind.len || behind.ptr[value->len] != '\n')
        return false;
    *rest = (gx_span){behind.ptr + value->len + 1, behind.len - value->len - 1};
    return true;
}

static bool keep_id(gx_buffer *last, gx_span id)
{
    if (id.len > last->length && !gx_sse_reserve(last, id.len - last->length))
        return false;
    if (id.len > 0)
        memcpy(last->data, id.ptr, id.len);
    last->length = id.len;
    return true;
}

static bool take_event(grantex_sse_parser *parser, char **bytes, size_t *length, gx_span *data)
{
    gx_span rest = {*bytes, *length}, id;
    if (!may_begin(parser))
        return false;
    bool has_id = take_line(&rest, GX_SPAN("id: "), &id);
    if (!take_line(&rest, GX_SPAN("data: "), data) || rest.len == 0 || rest.ptr[0] != '\n')
        return false;
    size_t taken = (size_t)(rest.ptr - *bytes) + 1;
    if (taken > parser->most || (has_id && !keep_id(&parser->last_id, id)))
        return false;
    *bytes += taken;
    *length -= taken;
    return true;
}

grantex_status gx_sse_parser_next_in_place(grantex_sse_parser *parser, char **bytes, size_t *length,
                                           grantex_sse_frame *frame)
{
    gx_span data;
    if (parser->delivered)
        gx_sse_block_start(parser);
    char *start = *bytes;
    if (take_event(parser, bytes, length, &data)) {
        start[data.ptr - start + (ptrdiff_t)data.len] = '\0';
        frame->type = (grantex_text){"message", sizeof "message" - 1};
        frame->data = (grantex_text){data.ptr, data.len};
        frame->id = grantex_sse_parser_last_event_id(parser);
        return GRANTEX_OK;
    }
    const char *at = start;
    grantex_status status = grantex_sse_parser_next(parser, &at, length, frame);
    *bytes = start + (at - start);
    return status;
}
