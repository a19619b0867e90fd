#include "wire/ws_parser.h"

#include "base/utf8.h"

enum {
    FINAL = 0x80,
    RESERVED = 0x70,
    OPCODE = 0x0f,
    CONTROL = 0x08, /* the bit that control opcodes have */
    MASKED = 0x80,
    LENGTH = 0x7f,
    LENGTH_IN_2 = 126,
    LENGTH_IN_8 = 127,
    MASK_SIZE = 4,
};

void gx_ws_parser_init(gx_ws_parser *parser, size_t most_message)
{
    *parser = (gx_ws_parser){
        .message = GX_BUFFER_INIT(most_message),
        .control = GX_BUFFER_INIT(GX_WS_MOST_CONTROL),
    };
}

void gx_ws_parser_free(gx_ws_parser *parser)
{
    gx_buffer_free(&parser->message);
    gx_buffer_free(&parser->control);
}

static bool break_off(gx_ws_parser *parser, gx_ws_message *out, unsigned code, gx_span why)
{
    parser->over = true;
    gx_ws_parser_free(parser);
    *out = (gx_ws_message){.found = GX_WS_BROKEN, .code = code, .payload = why};
    return true;
}

static bool violate(gx_ws_parser *parser, gx_ws_message *out, gx_span why)
{
    return break_off(parser, out, GX_WS_PROTOCOL_ERROR, why);
}

/* --- the head of a frame --- */

static unsigned opcode_of(const gx_ws_parser *parser)
{
    return parser->head[0] & OPCODE;
}

static bool is_control(const gx_ws_parser *parser)
{
    return opcode_of(parser) & CONTROL;
}

static bool is_final(const gx_ws_parser *parser)
{
    return parser->head[0] & FINAL;
}

static unsigned length_bytes(const gx_ws_parser *parser)
{
    unsigned length = parser->head[1] & LENGTH;
    return length == LENGTH_IN_8 ? 8 : (length == LENGTH_IN_2 ? 2 : 0);
}

static unsigned head_size(const gx_ws_parser *parser)
{
    return parser->head_length < 2 ? 2 : 2 + length_bytes(parser) + MASK_SIZE;
}

static bool opcode_known(unsigned opcode)
{
    return opcode <= GX_WS_OP_BINARY || (opcode >= GX_WS_OP_CLOSE && opcode <= GX_WS_OP_PONG);
}

/* What the first two bytes break; the empty span: nothing. Said before anything else of the frame is read. */
static gx_span fault_of_start(const gx_ws_parser *parser)
{
    unsigned opcode = opcode_of(parser);
    if (parser->head[0] & RESERVED)
        return GX_SPAN("a reserved bit is set");
    if (!opcode_known(opcode))
        return GX_SPAN("unknown opcode");
    if (!(parser->head[1] & MASKED))
        return GX_SPAN("a client's frame must be masked");
    if (is_control(parser) && !is_final(parser))
        return GX_SPAN("a control frame must not be fragmented");
    if (is_control(parser) && length_bytes(parser) > 0)
        return GX_SPAN("a control frame has at most 125 bytes");
    if (opcode == GX_WS_OP_CONTINUATION && parser->message_type == 0)
        return GX_SPAN("there is no message to continue");
    if (!is_control(parser) && opcode != GX_WS_OP_CONTINUATION && parser->message_type != 0)
        return GX_SPAN("the message before is not finished");
    return (gx_span){NULL, 0};
}

static uint64_t payload_length(const gx_ws_parser *parser)
{
    unsigned bytes = length_bytes(parser);
    uint64_t length = bytes > 0 ? 0 : parser->head[1] & LENGTH;
    for (unsigned i = 0; i < bytes; i++)
        length = length << 8 | parser->head[2 + i];
    return length;
}

/* A length is written in the shortest form there is. */
static bool length_is_short(const gx_ws_parser *parser, uint64_t length)
{
    unsigned bytes = length_bytes(parser);
    return bytes == 0 || (bytes == 2 ? length >= LENGTH_IN_2 : length > UINT16_MAX && length <= INT64_MAX);
}

/* True: the frame is refused. */
static bool begin_payload(gx_ws_parser *parser, gx_ws_message *out)
{
    uint64_t length = payload_length(parser);
    if (!length_is_short(parser, length))
        return violate(parser, out, GX_SPAN("the length is not in its shortest form"));
    if (!is_control(parser) && length > parser->message.limit - parser->message.length)
        return break_off(parser, out, GX_WS_TOO_BIG, GX_SPAN("the message is too big"));
    if (!is_control(parser) && opcode_of(parser) != GX_WS_OP_CONTINUATION)
        parser->message_type = (uint8_t)opcode_of(parser);
    parser->head_done = true;
    parser->left = length;
    parser->taken = 0;
    return false;
}

/* Takes the bytes of the head there are. True: the frame is refused. */
static bool take_head(gx_ws_parser *parser, gx_span *rest, gx_ws_message *out)
{
    while (rest->len > 0 && parser->head_length < head_size(parser)) {
        parser->head[parser->head_length++] = (uint8_t)*rest->ptr++;
        rest->len--;
        if (parser->head_length != 2)
            continue;
        gx_span fault = fault_of_start(parser);
        if (fault.len > 0)
            return violate(parser, out, fault);
    }
    return parser->head_length == head_size(parser) && begin_payload(parser, out);
}

/* --- its payload --- */

static gx_buffer *target(gx_ws_parser *parser)
{
    return is_control(parser) ? &parser->control : &parser->message;
}

static void unmask(gx_ws_parser *parser, char *bytes, size_t n)
{
    const uint8_t *mask = parser->head + head_size(parser) - MASK_SIZE;
    for (size_t i = 0; i < n; i++)
        bytes[i] = (char)((uint8_t)bytes[i] ^ mask[(parser->taken + i) % MASK_SIZE]);
}

/* True: out of memory. */
static bool take_payload(gx_ws_parser *parser, gx_span *rest, gx_ws_message *out)
{
    gx_buffer *into = target(parser);
    size_t n = rest->len < parser->left ? rest->len : (size_t)parser->left;
    gx_buffer_append(into, rest->ptr, n);
    if (into->failed)
        return break_off(parser, out, GX_WS_SERVER_FAULT, GX_SPAN("out of memory"));
    if (n > 0)
        unmask(parser, into->data + into->length - n, n);
    parser->taken += n;
    parser->left -= n;
    *rest = (gx_span){rest->ptr + n, rest->len - n};
    return false;
}

/* --- a frame that is whole --- */

static bool found(gx_ws_message *out, gx_ws_found what, gx_span payload)
{
    *out = (gx_ws_message){.found = what, .payload = payload};
    return true;
}

/* Those that may stand in a frame: of the protocol, registered, or an application's own. */
static bool close_code_valid(unsigned code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

static bool finish_close(gx_ws_parser *parser, gx_ws_message *out)
{
    gx_span payload = gx_buffer_span(&parser->control);
    parser->over = true;
    if (payload.len == 0) {
        *out = (gx_ws_message){.found = GX_WS_CLOSE, .code = GX_WS_NO_CODE};
        return true;
    }
    unsigned code = payload.len == 1 ? 0 : (unsigned)(uint8_t)payload.ptr[0] << 8 | (uint8_t)payload.ptr[1];
    if (!close_code_valid(code))
        return violate(parser, out, GX_SPAN("the close code is not valid"));
    gx_span reason = {payload.ptr + 2, payload.len - 2};
    if (!gx_utf8_valid(reason))
        return break_off(parser, out, GX_WS_BAD_TEXT, GX_SPAN("the reason is not UTF-8"));
    *out = (gx_ws_message){.found = GX_WS_CLOSE, .code = code, .payload = reason};
    return true;
}

static bool finish_control(gx_ws_parser *parser, gx_ws_message *out)
{
    if (opcode_of(parser) == GX_WS_OP_CLOSE)
        return finish_close(parser, out);
    gx_ws_found what = opcode_of(parser) == GX_WS_OP_PING ? GX_WS_PING : GX_WS_PONG;
    return found(out, what, gx_buffer_span(&parser->control));
}

static bool finish_message(gx_ws_parser *parser, gx_ws_message *out)
{
    bool text = parser->message_type == GX_WS_OP_TEXT;
    gx_span payload = gx_buffer_span(&parser->message);
    parser->message_type = 0;
    if (text && !gx_utf8_valid(payload))
        return break_off(parser, out, GX_WS_BAD_TEXT, GX_SPAN("the text is not UTF-8"));
    return found(out, text ? GX_WS_TEXT : GX_WS_BINARY, payload);
}

/* True: something to tell came of it. */
static bool finish_frame(gx_ws_parser *parser, gx_ws_message *out)
{
    parser->head_done = false;
    parser->head_length = 0;
    if (is_control(parser))
        return finish_control(parser, out);
    return is_final(parser) && finish_message(parser, out);
}

/* What the last call lent. */
static void forget(gx_ws_parser *parser)
{
    if (!parser->head_done && parser->message_type == 0)
        gx_buffer_free(&parser->message);
    if (!parser->head_done)
        gx_buffer_free(&parser->control);
}

bool gx_ws_parser_next(gx_ws_parser *parser, gx_span *rest, gx_ws_message *message)
{
    forget(parser);
    while (rest->len > 0 && !parser->over) {
        if (!parser->head_done && take_head(parser, rest, message))
            return true;
        if (!parser->head_done)
            break;
        if (take_payload(parser, rest, message))
            return true;
        if (parser->left == 0 && finish_frame(parser, message))
            return true;
    }
    *rest = parser->over ? (gx_span){NULL, 0} : *rest;
    return false;
}
