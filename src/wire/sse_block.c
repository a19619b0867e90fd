#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "wire/sse_parser.h"

void gx_sse_block_start(grantex_sse_parser *parser)
{
    gx_buffer_clear(&parser->data);
    gx_buffer_clear(&parser->type);
    parser->has_data = parser->has_new_id = parser->too_large = parser->delivered = false;
}

void gx_sse_block_drop(grantex_sse_parser *parser)
{
    gx_buffer_clear(&parser->data);
    gx_buffer_clear(&parser->type);
    parser->too_large = true;
}

size_t gx_sse_block_size(const grantex_sse_parser *parser)
{
    return parser->data.length + parser->type.length + (parser->has_new_id ? parser->new_id.length : 0);
}

bool gx_sse_reserve(gx_buffer *buffer, size_t more)
{
    bool room = gx_buffer_reserve(buffer, more);
    buffer->failed = false;
    return room;
}

/* --- fields --- */

/* Sets the buffer to the text, whose repaired length is given. */
static bool replace(gx_buffer *buffer, gx_span text, size_t length)
{
    if (length > buffer->length && !gx_sse_reserve(buffer, length - buffer->length))
        return false;
    gx_buffer_clear(buffer);
    gx_utf8_append_repaired(buffer, text);
    return true;
}

static grantex_status take_data(grantex_sse_parser *parser, gx_span value)
{
    if (parser->too_large)
        return GRANTEX_TIMEOUT;
    size_t more = gx_utf8_repaired_length(value) + parser->has_data;
    if (more > parser->most - gx_sse_block_size(parser)) {
        gx_sse_block_drop(parser);
        return GRANTEX_TIMEOUT;
    }
    if (!gx_sse_reserve(&parser->data, more))
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
    if (length > parser->most - (gx_sse_block_size(parser) - parser->type.length)) {
        gx_sse_block_drop(parser);
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
    if (length > parser->most || gx_sse_block_size(parser) > parser->most)
        gx_sse_block_drop(parser);
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

grantex_status gx_sse_take_field(grantex_sse_parser *parser, gx_span line)
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

/* --- the end --- */

grantex_status gx_sse_block_dispatch(grantex_sse_parser *parser)
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
    gx_sse_block_start(parser);
    return status;
}
