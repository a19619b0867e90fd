/* WebSocket frames of a client: alike however cut, text is valid UTF-8, nothing is larger than allowed. */
#include "base/utf8.h"
#include "fuzz.h"
#include "wire/ws_parser.h"

enum { MOST_MESSAGE_BYTES = 300 };

static void take_messages(gx_ws_parser *parser, gx_span rest, gx_buffer *out)
{
    for (gx_ws_message message; gx_ws_parser_next(parser, &rest, &message);) {
        gx_buffer_printf(out, "%d %u %zu:", (int)message.found, message.code, message.payload.len);
        gx_buffer_append_span(out, message.payload);
        if (message.found == GX_WS_TEXT)
            FUZZ_REQUIRE(gx_utf8_valid(message.payload));
        if (message.found != GX_WS_BROKEN)
            FUZZ_REQUIRE(message.payload.len <= MOST_MESSAGE_BYTES);
        if (message.found == GX_WS_PING || message.found == GX_WS_PONG || message.found == GX_WS_CLOSE)
            FUZZ_REQUIRE(message.payload.len <= GX_WS_MOST_CONTROL);
    }
}

static void read_frames(gx_span bytes, uint32_t seed, gx_buffer *out)
{
    gx_ws_parser parser;
    gx_ws_parser_init(&parser, MOST_MESSAGE_BYTES);
    fuzz_pieces pieces = {.rest = bytes, .seed = seed};
    for (gx_span piece; fuzz_next_piece(&pieces, &piece);)
        take_messages(&parser, piece, out);
    gx_ws_parser_free(&parser);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    gx_span frames = fuzz_after_first(bytes, length);
    gx_buffer whole = GX_BUFFER_INIT(0), cut = GX_BUFFER_INIT(0);
    read_frames(frames, 0, &whole);
    read_frames(frames, 1 + (length > 0 ? bytes[0] : 0u), &cut);
    FUZZ_REQUIRE(gx_span_equal(gx_buffer_span(&whole), gx_buffer_span(&cut)));
    gx_buffer_free(&whole);
    gx_buffer_free(&cut);
    return 0;
}
