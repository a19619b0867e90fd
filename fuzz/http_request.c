/* Requests: the bytes are read alike however they are cut, and what is read keeps the limits. */
#include "base/buffer.h"
#include "fuzz.h"
#include "http/parser.h"

enum { MOST_HEADER_BYTES = 2048, MOST_BODY_BYTES = 1024 };

static void describe_request(const gx_http_parser *parser, const gx_http_request *request, gx_buffer *out)
{
    gx_buffer_append_span(out, request->method);
    gx_buffer_append_char(out, ' ');
    gx_buffer_append_span(out, request->path);
    gx_buffer_append_char(out, '?');
    gx_buffer_append_span(out, request->query);
    gx_buffer_printf(out, " 1.%d %d\n", request->minor_version, gx_http_parser_keeps_alive(parser));
    for (size_t i = 0; i < request->header_count; i++) {
        gx_buffer_append_span(out, request->headers[i].name);
        gx_buffer_append_char(out, ':');
        gx_buffer_append_span(out, request->headers[i].value);
        gx_buffer_append_char(out, '\n');
    }
    gx_buffer_append_span(out, request->body);
    FUZZ_REQUIRE(request->body.len <= MOST_BODY_BYTES && request->header_count <= GX_HTTP_MOST_HEADERS);
    FUZZ_REQUIRE(request->path.len > 0 && (request->path.ptr[0] == '/' || request->path.ptr[0] == '*'));
}

static void read_request(gx_span bytes, uint32_t seed, gx_buffer *out)
{
    gx_http_parser *parser = gx_http_parser_new(MOST_HEADER_BYTES, MOST_BODY_BYTES, GX_SPAN("peer"));
    FUZZ_REQUIRE(parser != NULL);
    fuzz_pieces pieces = {.rest = bytes, .seed = seed};
    gx_http_parse state = GX_HTTP_PARSE_MORE;
    size_t taken = 0;
    for (gx_span piece; state == GX_HTTP_PARSE_MORE && fuzz_next_piece(&pieces, &piece);) {
        size_t used = 0;
        state = gx_http_parser_feed(parser, piece.ptr, piece.len, &used);
        FUZZ_REQUIRE(used <= piece.len && (state != GX_HTTP_PARSE_MORE || used == piece.len));
        taken += used;
    }
    free(pieces.piece);
    if (state == GX_HTTP_PARSE_REFUSED) {
        int status = gx_http_parser_refusal(parser).status;
        FUZZ_REQUIRE(status >= 400 && status < 500);
        /* Not which of two reasons: a 65th header that is bad as well is one or the other, as it comes in pieces. */
        gx_buffer_append_text(out, "refused");
    } else if (state == GX_HTTP_PARSE_WHOLE) {
        describe_request(parser, gx_http_parser_request(parser), out);
        gx_buffer_printf(out, " +%zu", bytes.len - taken);
    }
    gx_http_parser_free(parser);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    gx_span request = fuzz_after_first(bytes, length);
    gx_buffer whole = GX_BUFFER_INIT(0), cut = GX_BUFFER_INIT(0);
    read_request(request, 0, &whole);
    read_request(request, 1 + (length > 0 ? bytes[0] : 0u), &cut);
    FUZZ_REQUIRE(gx_span_equal(gx_buffer_span(&whole), gx_buffer_span(&cut)));
    gx_buffer_free(&whole);
    gx_buffer_free(&cut);
    return 0;
}
