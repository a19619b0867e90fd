#include "grantex/sse.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/span.h"
#include "base/utf8.h"

#define DEFAULT_MOST_BYTES ((size_t)16 * 1024 * 1024)
#define BYTE_ORDER_MARK    "\xef\xbb\xbf"

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

static void start_block(grantex_sse_parser *parser)
{
    gx_buffer_clear(&parser->data);
    gx_buffer_clear(&parser->type);
    parser->has_data = parser->has_new_id = parser->too_large = parser->delivered = false;
}

/* What is left of a block that is too large is its id. */
static void drop_block(grantex_sse_parser *parser)
{
    gx_buffer_clear(&parser->data);
    gx_buffer_clear(&parser->type);
    parser->too_large = true;
}

static size_t block_size(const grantex_sse_parser *parser)
{
    return parser->data.length + parser->type.length + (parser->has_new_id ? parser->new_id.length : 0);
}

/* Unlike gx_buffer's own, a failure is not remembered: the caller may try again. */
static bool reserve(gx_buffer *buffer, size_t more)
{
    bool room = gx_buffer_reserve(buffer, more);
    buffer->failed = false;
    return room;
}

/* Sets the buffer to the text, whose repaired length is given. */
static bool replace(gx_buffer *buffer, gx_span text, size_t length)
{
    if (length > buffer->length && !reserve(buffer, length - buffer->length))
        return false;
    gx_buffer_clear(buffer);
    gx_utf8_append_repaired(buffer, text);
    return true;
}

/* Every buffer has a byte more than its capacity, for the NUL. */
static grantex_text lend(const gx_buffer *buffer)
{
    if (!buffer->data)
        return (grantex_text){.text = ""};
    buffer->data[buffer->length] = '\0';
    return (grantex_text){buffer->data, buffer->length};
}

/* --- fields --- */

static grantex_status take_data(grantex_sse_parser *parser, gx_span value)
{
    if (parser->too_large)
        return GRANTEX_TIMEOUT;
    size_t more = gx_utf8_repaired_length(value) + parser->has_data;
    if (more > parser->most - block_size(parser)) {
        drop_block(parser);
        return GRANTEX_TIMEOUT;
    }
    if (!reserve(&parser->data, more))
        return GRANTEX_E_NO_MEMORY;
    if (parser->has_data)
        gx_buffer_append_char(&parser->data, '\n');
    gx_utf8_append_repaired(&parser->data, value);
    parser->has_data = true;
    return GRANTEX_TIMEOUT;
}

static grantex_status take_type(grantex_sse_parser *parser, gx_span value)
{
    if (parser->too_large)
        return GRANTEX_TIMEOUT;
    size_t length = gx_utf8_repaired_length(value);
    if (length > parser->most - (block_size(parser) - parser->type.length)) {
        drop_block(parser);
        return GRANTEX_TIMEOUT;
    }
    return replace(&parser->type, value, length) ? GRANTEX_TIMEOUT : GRANTEX_E_NO_MEMORY;
}

static grantex_status take_id(grantex_sse_parser *parser, gx_span value)
{
    if (value.len > 0 && memchr(value.ptr, '\0', value.len))
        return GRANTEX_TIMEOUT;
    size_t length = gx_utf8_repaired_length(value);
    if (length <= parser->most) {
        if (!replace(&parser->new_id, value, length))
            return GRANTEX_E_NO_MEMORY;
        parser->has_new_id = true;
    }
    if (length > parser->most || block_size(parser) > parser->most)
        drop_block(parser);
    return GRANTEX_TIMEOUT;
}

static grantex_status take_retry(grantex_sse_parser *parser, gx_span value)
{
    int64_t ms = 0;
    for (size_t i = 0; i < value.len; i++) {
        int digit = value.ptr[i] - '0';
        if (digit < 0 || digit > 9)
            return GRANTEX_TIMEOUT;
        ms = ms > (INT64_MAX - digit) / 10 ? INT64_MAX : ms * 10 + digit;
    }
    if (value.len > 0)
        parser->retry_ms = ms;
    return GRANTEX_TIMEOUT;
}

static const struct field {
    gx_span name;
    grantex_status (*take)(grantex_sse_parser *parser, gx_span value);
} fields[] = {
    {{"data", 4}, take_data},
    {{"id", 2}, take_id},
    {{"event", 5}, take_type},
    {{"retry", 5}, take_retry},
};

static grantex_status take_field(grantex_sse_parser *parser, gx_span line)
{
    gx_span name = line, value = {line.ptr + line.len, 0};
    const char *colon = memchr(line.ptr, ':', line.len);
    if (colon) {
        name.len = (size_t)(colon - line.ptr);
        value = (gx_span){colon + 1, line.len - name.len - 1};
        if (value.len > 0 && value.ptr[0] == ' ')
            value = (gx_span){value.ptr + 1, value.len - 1};
    }
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (gx_span_equal(name, fields[i].name))
            return fields[i].take(parser, value);
    return GRANTEX_TIMEOUT;
}

/* --- lines --- */

/* The empty line. Its id counts even where the event is left out or there is none. */
static grantex_status dispatch(grantex_sse_parser *parser)
{
    if (parser->has_new_id) {
        gx_buffer previous = parser->last_id;
        parser->last_id = parser->new_id;
        parser->new_id = previous;
        parser->has_new_id = false;
    }
    if (parser->has_data && !parser->too_large) {
        parser->delivered = true;
        return GRANTEX_OK;
    }
    grantex_status status = parser->too_large ? GRANTEX_E_TOO_LARGE : GRANTEX_TIMEOUT;
    start_block(parser);
    return status;
}

static grantex_status take_line(grantex_sse_parser *parser, gx_span line)
{
    bool comment = line.len > 0 && line.ptr[0] == ':';
    if (line.len > parser->most && !comment) {
        drop_block(parser);
        return GRANTEX_TIMEOUT;
    }
    gx_span mark = GX_SPAN(BYTE_ORDER_MARK);
    if (parser->first_line && gx_span_starts_with(line, mark))
        line = (gx_span){line.ptr + mark.len, line.len - mark.len};
    return line.len == 0 ? dispatch(parser) : take_field(parser, line); /* a comment is a field without a name */
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
        drop_block(parser);
        parser->skipping = true;
        return GRANTEX_TIMEOUT;
    }
    if (!reserve(&parser->line, piece.len))
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
        size_t stretch = end - at < 512 ? (size_t)(end - at) : 512;
        const char *lf = memchr(at, '\n', stretch);
        const char *cr = memchr(at, '\r', lf ? (size_t)(lf - at) : stretch);
        if (cr || lf)
            return cr ? cr : lf;
        at += stretch;
    }
    return NULL;
}

static grantex_status step(grantex_sse_parser *parser, const char **bytes, size_t *length)
{
    if (parser->after_cr && **bytes == '\n')
        ++*bytes, --*length;
    parser->after_cr = false;
    if (*length == 0)
        return GRANTEX_TIMEOUT;

    const char *end = find_line_end(*bytes, *length);
    gx_span piece = {*bytes, end ? (size_t)(end - *bytes) : *length};
    grantex_status status = end ? end_line(parser, piece) : keep_piece(parser, piece);
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
        start_block(parser);
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
    grantex_sse_parser *created = calloc(1, sizeof *created);
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
    free(parser);
}

void grantex_sse_parser_reset(grantex_sse_parser *parser)
{
    start_block(parser);
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
