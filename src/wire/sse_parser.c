#include "wire/sse_parser.h"

#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

#define DEFAULT_MOST_BYTES ((size_t)16 * 1024 * 1024)
#define BYTE_ORDER_MARK    "\xef\xbb\xbf"

/* --- lines --- */

static grantex_status take_line(grantex_sse_parser *parser, gx_span line)
{
    bool comment = line.len > 0 && line.ptr[0] == ':';
    if (line.len > parser->most && !comment) {
        gx_sse_block_drop(parser);
        return GRANTEX_TIMEOUT;
    }
    gx_span mark = GX_SPAN(BYTE_ORDER_MARK);
    if (parser->first_line && gx_span_starts_with(line, mark))
        line = (gx_span){line.ptr + mark.len, line.len - mark.len};
    return line.len == 0 ? gx_sse_block_dispatch(parser)
                         : gx_sse_take_field(parser, line); /* a comment is a field without a name */
}

/* The beginning of a line, or more of it: kept until the rest comes. Comments need not be, however long. */
static grantex_status keep_piece(grantex_sse_parser *parser, gx_span piece)
{
    if (parser->line.length == 0 && piece.ptr[0] == ':')
        parser->skipping = true;
    if (parser->skipping)
        return GRANTEX_TIMEOUT;
    if (piece.len > parser->most - parser->line.length) {
        gx_buffer_clear(&parser->line);
        gx_sse_block_drop(parser);
        parser->skipping = true;
        return GRANTEX_TIMEOUT;
    }
    if (!gx_sse_reserve(&parser->line, piece.len))
        return GRANTEX_E_NO_MEMORY;
    gx_buffer_append_span(&parser->line, piece);
    return GRANTEX_TIMEOUT;
}

/* The last piece of a line, which is the whole line unless something was kept. */
static grantex_status end_line(grantex_sse_parser *parser, gx_span piece)
{
    size_t kept = parser->line.length;
    grantex_status status = GRANTEX_TIMEOUT;
    if (kept > 0 && piece.len > 0)
        status = keep_piece(parser, piece);
    if (status != GRANTEX_E_NO_MEMORY && !parser->skipping)
        status = take_line(parser, kept > 0 ? gx_buffer_span(&parser->line) : piece);

    bool repeat = status == GRANTEX_E_NO_MEMORY;
    parser->line.length = repeat ? kept : 0;
    if (!repeat)
        parser->skipping = parser->first_line = false;
    return status;
}

/* The next CR or LF. Looks at a stretch at a time, because a search for LF through all that is left, repeated for every
 * line, would be quadratic where lines end in CR. */
static const char *find_line_end(const char *at, size_t length)
{
    for (const char *end = at + length; at < end;) {
        size_t stretch = end - at < GX_SSE_STRETCH ? (size_t)(end - at) : GX_SSE_STRETCH;
        const char *lf = memchr(at, '\n', stretch);
        const char *cr = memchr(at, '\r', lf ? (size_t)(lf - at) : stretch);
        if (cr || lf)
            return cr ? cr : lf;
        at += stretch;
    }
    return NULL;
}

/* --- bytes --- */

/* Every buffer has a byte more than its capacity, for the NUL. */
static grantex_text lend(const gx_buffer *buffer)
{
    if (!buffer->data)
        return (grantex_text){.text = ""};
    buffer->data[buffer->length] = '\0';
    return (grantex_text){buffer->data, buffer->length};
}

static grantex_status step(grantex_sse_parser *parser, const char **bytes, size_t *length)
{
    if (parser->after_cr && **bytes == '\n')
        ++*bytes, --*length;
    parser->after_cr = false;
    if (*length == 0)
        return GRANTEX_TIMEOUT;
    grantex_status status;
    if (gx_sse_step_plainly(parser, bytes, length, &status))
        return status;

    const char *end = find_line_end(*bytes, *length);
    gx_span piece = {*bytes, end ? (size_t)(end - *bytes) : *length};
    status = end ? end_line(parser, piece) : keep_piece(parser, piece);
    if (status == GRANTEX_E_NO_MEMORY)
        return status;
    parser->after_cr = end && *end == '\r';
    size_t taken = piece.len + (end ? 1 : 0);
    *bytes += taken;
    *length -= taken;
    return status;
}

grantex_status grantex_sse_parser_next(grantex_sse_parser *parser, const char **bytes, size_t *length,
                                       grantex_sse_frame *frame)
{
    if (parser->delivered)
        gx_sse_block_start(parser);
    grantex_status status = GRANTEX_TIMEOUT;
    while (status == GRANTEX_TIMEOUT && *length > 0)
        status = step(parser, bytes, length);
    if (status != GRANTEX_OK)
        return status;

    frame->type = parser->type.length > 0 ? lend(&parser->type) : (grantex_text){"message", sizeof "message" - 1};
    frame->data = lend(&parser->data);
    frame->id = lend(&parser->last_id);
    return GRANTEX_OK;
}

/* --- life --- */

grantex_status grantex_sse_parser_new(const grantex_sse_options *options, grantex_sse_parser **parser)
{
    if (!parser)
        return GRANTEX_E_INVALID;
    grantex_sse_parser *created = gx_calloc(1, sizeof *created);
    if (!created)
        return GRANTEX_E_NO_MEMORY;
    created->most = options && options->max_event_bytes ? options->max_event_bytes : DEFAULT_MOST_BYTES;
    created->line.limit = created->data.limit = created->most;
    created->first_line = true;
    created->retry_ms = -1;
    if (options && options->last_event_id)
        gx_utf8_append_repaired(&created->last_id, gx_span_of(options->last_event_id));
    if (created->last_id.failed) {
        grantex_sse_parser_free(created);
        return GRANTEX_E_NO_MEMORY;
    }
    *parser = created;
    return GRANTEX_OK;
}

void grantex_sse_parser_free(grantex_sse_parser *parser)
{
    if (!parser)
        return;
    gx_buffer *buffers[] = {&parser->line, &parser->data, &parser->type, &parser->new_id, &parser->last_id};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
        gx_buffer_free(buffers[i]);
    gx_free(parser);
}

void grantex_sse_parser_reset(grantex_sse_parser *parser)
{
    gx_sse_block_start(parser);
    gx_buffer_clear(&parser->line);
    parser->skipping = parser->after_cr = false;
    parser->first_line = true;
}

grantex_text grantex_sse_parser_last_event_id(const grantex_sse_parser *parser)
{
    return lend(&parser->last_id);
}

int64_t grantex_sse_parser_retry_ms(const grantex_sse_parser *parser)
{
    return parser->retry_ms;
}
