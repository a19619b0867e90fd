/* The grammar is llhttp's or http-parser's, whichever the build found (one family, nearly one shape). Both are
 * forgiving in places, and how much depends on how a distribution compiled them (Debian's http-parser: not strict). So
 * the bytes are given to the library piece by piece, and each piece is looked at first: a LINE of the head or of the
 * chunk framing must be text and end in CR LF; a BLOCK of body is counted. A message thus ends where a piece ends, and
 * neither library ever has to stop in the middle of what it was given. */
#include "http/parser.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/encoding.h"
#include "http/head.h"

#ifdef GX_HTTP_HAVE_LLHTTP
#include <llhttp.h>
typedef llhttp_t grammar_state;
typedef llhttp_settings_t grammar_settings;
#define method_name(grammar) llhttp_method_name((llhttp_method_t)(grammar)->method)
#define keeps_alive(grammar) llhttp_should_keep_alive(grammar)
#define complaint(grammar)   llhttp_get_error_reason(grammar)
#define last_error(grammar)  llhttp_get_errno(grammar)
#else
#include <http_parser.h>
typedef http_parser grammar_state;
typedef http_parser_settings grammar_settings;
#define method_name(grammar) http_method_str((enum http_method)(grammar)->method)
#define keeps_alive(grammar) http_should_keep_alive(grammar)
#define complaint(grammar)   http_errno_description(HTTP_PARSER_ERRNO(grammar))
#define last_error(grammar)  HTTP_PARSER_ERRNO(grammar)
#endif

/* Where a header ends in the head's text: offsets, because the text moves as it grows. */
typedef struct header_ends {
    size_t name, value;
} header_ends;

struct gx_http_parser {
    grammar_state grammar;
    size_t most_header_bytes, most_body_bytes;

    gx_buffer text;    /* the target, then name and value of each header, one behind the other */
    size_t target_end; /* in `text` */
    header_ends headers[GX_HTTP_MOST_HEADERS];
    size_t header_count;
    gx_buffer body;

    size_t line_bytes;   /* of the head; of a chunk line and what trails the last one */
    bool inside_line;    /* the next byte is not the first of its line */
    bool after_cr;       /* the last byte of an incomplete line was CR */
    bool past_first;     /* the request line is complete */
    bool new_header;     /* the line has not told its header's name yet */
    bool in_size;        /* of a chunk: no extension and no end of the line has come yet */
    bool in_trailers;    /* the last chunk is behind us */
    uint64_t block_left; /* bytes of a body or chunk still to come, with a chunk's CR LF */

    bool head_complete;
    bool keeps_alive;
    gx_http_framing framing;
    gx_http_parse state;
    gx_http_refusal refusal;
    gx_http_request request;
};

static int refuse(gx_http_parser *parser, int status, const char *reason)
{
    if (parser->state != GX_HTTP_PARSE_REFUSED)
        parser->refusal = (gx_http_refusal){status, reason};
    parser->state = GX_HTTP_PARSE_REFUSED;
    return -1;
}

/* --- the request as a whole --- */

static gx_span piece(const gx_http_parser *parser, size_t begin, size_t end)
{
    return (gx_span){parser->text.length > 0 ? parser->text.data + begin : "", end - begin};
}

/* Makes spans of what has come; false when the target is none. */
static bool expose_head(gx_http_parser *parser)
{
    gx_http_request *request = &parser->request;
    size_t begin = parser->target_end;
    for (size_t i = 0; i < parser->header_count; i++) {
        const header_ends *ends = &parser->headers[i];
        request->headers[i].name = piece(parser, begin, ends->name);
        request->headers[i].value = gx_span_trim(piece(parser, ends->name, ends->value));
        begin = ends->value;
    }
    request->header_count = parser->header_count;
    request->minor_version = parser->grammar.http_minor;
    return gx_http_head_target(piece(parser, 0, parser->target_end), &request->path, &request->query);
}

static int check_head(gx_http_parser *parser)
{
    gx_http_refusal refusal;
    bool has_path = expose_head(parser);
    if (parser->grammar.method == HTTP_CONNECT)
        return refuse(parser, 400, "CONNECT is for proxies");
    if (!has_path)
        return refuse(parser, 400, "the request target is not a path");
    if (parser->grammar.http_major != 1)
        return refuse(parser, 400, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    if (!gx_http_head_check(&parser->request, &parser->framing, &refusal))
        return refuse(parser, refusal.status, refusal.reason);
    if (parser->framing.body_length > parser->most_body_bytes)
        return refuse(parser, 413, "the body is too large");
    return 0;
}

/* --- what the library calls --- */

static int append(gx_http_parser *parser, gx_buffer *buffer, const char *bytes, size_t n)
{
    gx_buffer_append(buffer, bytes, n);
    return buffer->failed ? refuse(parser, 503, "out of memory") : 0;
}

static int on_target(grammar_state *grammar, const char *bytes, size_t n)
{
    gx_http_parser *parser = grammar->data;
    parser->request.method = gx_span_of(method_name(grammar));
    if (append(parser, &parser->text, bytes, n) != 0)
        return -1;
    parser->target_end = parser->text.length;
    return 0;
}

static int on_header_name(grammar_state *grammar, const char *bytes, size_t n)
{
    gx_http_parser *parser = grammar->data;
    if (parser->head_complete)
        return 0; /* a trailer: read and forgotten */
    if (parser->new_header && parser->header_count == GX_HTTP_MOST_HEADERS)
        return refuse(parser, 431, "too many headers");
    if (append(parser, &parser->text, bytes, n) != 0)
        return -1;
    if (parser->new_header)
        parser->header_count++;
    parser->new_header = false;
    header_ends *ends = &parser->headers[parser->header_count - 1];
    ends->name = ends->value = parser->text.length;
    return 0;
}

static int on_header_value(grammar_state *grammar, const char *bytes, size_t n)
{
    gx_http_parser *parser = grammar->data;
    if (parser->head_complete)
        return 0;
    if (append(parser, &parser->text, bytes, n) != 0)
        return -1;
    parser->headers[parser->header_count - 1].value = parser->text.length;
    return 0;
}

static int on_head_complete(grammar_state *grammar)
{
    gx_http_parser *parser = grammar->data;
    parser->head_complete = true;
    parser->line_bytes = 0;
    parser->keeps_alive = keeps_alive(grammar) != 0;
    if (check_head(parser) != 0)
        return -1;
    parser->block_left = parser->framing.body_length;
    return 0;
}

static int on_chunk(grammar_state *grammar)
{
    gx_http_parser *parser = grammar->data;
    if (grammar->content_length > parser->most_body_bytes - parser->body.length)
        return refuse(parser, 413, "the body is too large");
    parser->line_bytes = 0;
    parser->in_trailers = grammar->content_length == 0;
    parser->block_left = grammar->content_length > 0 ? grammar->content_length + 2 : 0;
    return 0;
}

static int on_body(grammar_state *grammar, const char *bytes, size_t n)
{
    gx_http_parser *parser = grammar->data;
    return append(parser, &parser->body, bytes, n);
}

static int on_complete(grammar_state *grammar)
{
    gx_http_parser *parser = grammar->data;
    parser->request.body = gx_buffer_span(&parser->body);
    parser->state = GX_HTTP_PARSE_WHOLE;
    return 0;
}

static const grammar_settings callbacks = {
    .on_url = on_target,
    .on_header_field = on_header_name,
    .on_header_value = on_header_value,
    .on_headers_complete = on_head_complete,
    .on_chunk_header = on_chunk,
    .on_body = on_body,
    .on_message_complete = on_complete,
};

/* --- the pieces that the library gets --- */

static int refuse_grammar(gx_http_parser *parser)
{
    if (last_error(&parser->grammar) == HPE_INVALID_METHOD)
        return refuse(parser, 400, "unknown method");
    const char *reason = complaint(&parser->grammar);
    return refuse(parser, 400, reason ? reason : "this is not HTTP");
}

static void execute(gx_http_parser *parser, const char *bytes, size_t n)
{
#ifdef GX_HTTP_HAVE_LLHTTP
    llhttp_execute(&parser->grammar, bytes, n);
#else
    http_parser_execute(&parser->grammar, &callbacks, bytes, n);
#endif
    /* Behind a whole message an error may stand: llhttp pauses for "Upgrade". It is no concern of this request. */
    if (parser->state == GX_HTTP_PARSE_MORE && last_error(&parser->grammar) != HPE_OK)
        refuse_grammar(parser);
}

/* A line is text and tabs, then CR LF; neither a control character nor a CR or LF of its own. */
static bool is_line_text(gx_http_parser *parser, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (parser->after_cr != (c == '\n') || (c < ' ' && c != '\t' && c != '\r' && c != '\n') || c == 0x7f)
            return false;
        parser->after_cr = c == '\r';
    }
    return true;
}

/* RFC 9112, 7.1: the size of a chunk is hexadecimal digits up to ';' or the end of the line. What the libraries pass
 * over behind a blank ("5 5"), somebody in front of us may have read. */
static bool is_chunk_size(gx_http_parser *parser, const char *bytes, size_t n)
{
    parser->in_size = parser->in_size || !parser->inside_line;
    for (size_t i = 0; i < n && parser->in_size; i++) {
        parser->in_size = gx_hex_digit(bytes[i]) >= 0;
        if (!parser->in_size && bytes[i] != ';' && bytes[i] != '\r')
            return false;
    }
    return true;
}

static int check_line(gx_http_parser *parser, const char *bytes, size_t n)
{
    if (n > parser->most_header_bytes - parser->line_bytes)
        return refuse(parser, 431, "the request line and headers are too large");
    if (!is_line_text(parser, bytes, n))
        return refuse(parser, 400, "a line holds a control character or does not end in CR LF");
    if (!parser->past_first && !parser->inside_line && (bytes[0] < 'A' || bytes[0] > 'Z'))
        return refuse(parser, 400, "this is not HTTP");
    if (parser->past_first && !parser->inside_line && (bytes[0] == ' ' || bytes[0] == '\t'))
        return refuse(parser, 400, "a header goes on in a second line");
    if (parser->head_complete && !parser->in_trailers && !is_chunk_size(parser, bytes, n))
        return refuse(parser, 400, "the size of a chunk is not a hexadecimal number");
    return 0;
}

static size_t feed_line(gx_http_parser *parser, const char *bytes, size_t n)
{
    const char *end = memchr(bytes, '\n', n);
    size_t length = end ? (size_t)(end - bytes) + 1 : n;
    if (check_line(parser, bytes, length) != 0)
        return 0;
    parser->line_bytes += length;
    parser->new_header = parser->past_first && (parser->new_header || !parser->inside_line);
    parser->inside_line = !end;
    execute(parser, bytes, length);
    parser->past_first = parser->past_first || end;
    return length;
}

/* The CR LF behind a chunk, which not every build of the libraries looks at. */
static bool chunk_ends_well(const gx_http_parser *parser, const char *bytes, size_t n)
{
    uint64_t left = parser->block_left;
    bool cr = left < 2 || left - 2 >= n || bytes[left - 2] == '\r';
    bool lf = left - 1 >= n || bytes[left - 1] == '\n';
    return cr && lf;
}

static size_t feed_block(gx_http_parser *parser, const char *bytes, size_t n)
{
    size_t length = n < parser->block_left ? n : (size_t)parser->block_left;
    if (parser->framing.chunked && !chunk_ends_well(parser, bytes, length)) {
        refuse(parser, 400, "a chunk is longer than it said");
        return 0;
    }
    parser->block_left -= length;
    execute(parser, bytes, length);
    return length;
}

/* --- from outside --- */

gx_http_parser *gx_http_parser_new(size_t most_header_bytes, size_t most_body_bytes, gx_span peer)
{
    gx_http_parser *parser = calloc(1, sizeof *parser);
    if (!parser)
        return NULL;
    parser->most_header_bytes = most_header_bytes;
    parser->most_body_bytes = most_body_bytes;
    parser->text = GX_BUFFER_INIT(most_header_bytes);
    parser->body = GX_BUFFER_INIT(most_body_bytes);
    parser->request.peer = peer;
#ifdef GX_HTTP_HAVE_LLHTTP
    llhttp_init(&parser->grammar, HTTP_REQUEST, &callbacks);
#else
    http_parser_init(&parser->grammar, HTTP_REQUEST);
#endif
    parser->grammar.data = parser;
    return parser;
}

void gx_http_parser_free(gx_http_parser *parser)
{
    if (!parser)
        return;
    gx_buffer_free(&parser->text);
    gx_buffer_free(&parser->body);
    free(parser);
}

gx_http_parse gx_http_parser_feed(gx_http_parser *parser, const char *bytes, size_t n, size_t *used)
{
    size_t at = 0;
    while (at < n && parser->state == GX_HTTP_PARSE_MORE)
        at += parser->block_left > 0 ? feed_block(parser, bytes + at, n - at) : feed_line(parser, bytes + at, n - at);
    *used = at;
    return parser->state;
}

bool gx_http_parser_wants_continue(gx_http_parser *parser)
{
    bool wanted = parser->framing.expects_continue && parser->state == GX_HTTP_PARSE_MORE && parser->body.length == 0;
    parser->framing.expects_continue = false;
    return wanted;
}

const gx_http_request *gx_http_parser_request(gx_http_parser *parser)
{
    if (!parser->head_complete)
        expose_head(parser);
    return &parser->request;
}

gx_http_refusal gx_http_parser_refusal(const gx_http_parser *parser)
{
    return parser->refusal;
}

bool gx_http_parser_keeps_alive(const gx_http_parser *parser)
{
    return parser->keeps_alive;
}
