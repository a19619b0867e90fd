/* Server-Sent Events through the public parser: alike however cut, valid UTF-8, within the limit. */
#include "base/buffer.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "grantex/sse.h"

enum { MOST_EVENT_BYTES = 512 };

static void append(gx_buffer *out, grantex_text text)
{
    FUZZ_REQUIRE(text.text[text.length] == '\0');
    FUZZ_REQUIRE(gx_utf8_valid((gx_span){text.text, text.length}));
    gx_buffer_printf(out, "%zu:", text.length);
    gx_buffer_append(out, text.text, text.length);
}

static void take_frames(grantex_sse_parser *parser, gx_span bytes, gx_buffer *out)
{
    const char *at = bytes.ptr;
    size_t left = bytes.len;
    grantex_sse_frame frame;
    for (grantex_status status; (status = grantex_sse_parser_next(parser, &at, &left, &frame)) != GRANTEX_TIMEOUT;) {
        FUZZ_REQUIRE(status == GRANTEX_OK || status == GRANTEX_E_TOO_LARGE);
        if (status == GRANTEX_E_TOO_LARGE) {
            gx_buffer_append_text(out, "too large\n");
            continue;
        }
        FUZZ_REQUIRE(frame.data.length <= MOST_EVENT_BYTES);
        append(out, frame.type);
        append(out, frame.data);
        append(out, frame.id);
    }
    FUZZ_REQUIRE(left == 0 && at == bytes.ptr + bytes.len);
}

static void read_stream(gx_span bytes, uint32_t seed, gx_buffer *out)
{
    grantex_sse_parser *parser;
    FUZZ_REQUIRE(grantex_sse_parser_new(&(grantex_sse_options){.max_event_bytes = MOST_EVENT_BYTES}, &parser) ==
                 GRANTEX_OK);
    fuzz_pieces pieces = {.rest = bytes, .seed = seed};
    for (gx_span piece; fuzz_next_piece(&pieces, &piece);)
        take_frames(parser, piece, out);
    append(out, grantex_sse_parser_last_event_id(parser));
    gx_buffer_printf(out, " retry %lld", (long long)grantex_sse_parser_retry_ms(parser));
    FUZZ_REQUIRE(grantex_sse_parser_retry_ms(parser) >= -1);
    grantex_sse_parser_free(parser);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    gx_span stream = fuzz_after_first(bytes, length);
    gx_buffer whole = GX_BUFFER_INIT(0), cut = GX_BUFFER_INIT(0);
    read_stream(stream, 0, &whole);
    read_stream(stream, 1 + (length > 0 ? bytes[0] : 0u), &cut);
    FUZZ_REQUIRE(gx_span_equal(gx_buffer_span(&whole), gx_buffer_span(&cut)));
    gx_buffer_free(&whole);
    gx_buffer_free(&cut);
    return 0;
}
