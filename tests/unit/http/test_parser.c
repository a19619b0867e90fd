/* Bytes → request: every case is fed whole, byte by byte, and cut in two at every place, and must give the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "http/parser.h"
#include "support/failing_alloc.h"

#define MOST_HEADER_BYTES 512
#define MOST_BODY_BYTES   64

typedef struct parse_case {
    const char *name;
    const char *bytes;
    const char *expected; /* as describe() writes it */
} parse_case;

static const parse_case requests[] = {
    {"a GET", "GET /v1/grants?a=b HTTP/1.1\r\nHost: x\r\n\r\n", "GET /v1/grants ?a=b 1.1 keep [Host=x] {} +0"},
    {"blanks around a value", "GET / HTTP/1.1\r\nHost: \t x \t\r\nA: \t y z \t\r\n\r\n",
     "GET / ? 1.1 keep [Host=x][A=y z] {} +0"},
    {"a name with a port", "GET / HTTP/1.1\r\nHost: a_b-1.example.:8480\r\n\r\n",
     "GET / ? 1.1 keep [Host=a_b-1.example.:8480] {} +0"},
    {"an IPv6 address with a port", "GET / HTTP/1.1\r\nHost: [fe80::1%25eth0]:8480\r\n\r\n",
     "GET / ? 1.1 keep [Host=[fe80::1%25eth0]:8480] {} +0"},
    {"a header without a value", "GET / HTTP/1.1\r\nA:\r\nHost:\r\nB: b\r\n\r\n",
     "GET / ? 1.1 keep [A=][Host=][B=b] {} +0"},
    {"a counted body", "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
     "POST /p ? 1.1 keep [Host=x][Content-Length=5] {hello} +0"},
    {"a body of no bytes", "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
     "POST /p ? 1.1 keep [Host=x][Content-Length=0] {} +0"},
    {"chunks", "POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;a=b\r\nlo\r\n0\r\n\r\n",
     "POST /p ? 1.1 keep [Host=x][Transfer-Encoding=chunked] {hello} +0"},
    {"chunks with a trailer, which is forgotten",
     "POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\nz\r\n0\r\nHost: evil\r\n\r\n",
     "POST /p ? 1.1 keep [Host=x][Transfer-Encoding=Chunked] {z} +0"},
    {"a chunk that holds line ends",
     "POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n\r\n\r\n\r\n0\r\n\r\n",
     "POST /p ? 1.1 keep [Host=x][Transfer-Encoding=chunked] {\r\n\r\n} +0"},
    {"the bytes of the next one stay", "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\n",
     "GET /1 ? 1.1 keep [Host=x] {} +17"},
    {"close by wish", "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
     "GET / ? 1.1 close [Host=x][Connection=close] {} +0"},
    {"HTTP/1.0 closes", "GET / HTTP/1.0\r\n\r\n", "GET / ? 1.0 close {} +0"},
    {"HTTP/1.0 that wants to go on", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
     "GET / ? 1.0 keep [Connection=keep-alive] {} +0"},
    {"the absolute form", "GET http://example.com:80/p?q HTTP/1.1\r\nHost: x\r\n\r\n",
     "GET /p ?q 1.1 keep [Host=x] {} +0"},
    {"the absolute form of a host alone", "GET http://example.com HTTP/1.1\r\nHost: x\r\n\r\n",
     "GET / ? 1.1 keep [Host=x] {} +0"},
    {"the asterisk", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "OPTIONS * ? 1.1 keep [Host=x] {} +0"},
    {"an upgrade is an ordinary request",
     "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
     "GET /ws ? 1.1 keep [Host=x][Connection=Upgrade][Upgrade=websocket] {} +0"},
    {"bytes past ASCII in a value", "GET / HTTP/1.1\r\nHost: x\r\nA: \xc3\xa4\r\n\r\n",
     "GET / ? 1.1 keep [Host=x][A=\xc3\xa4] {} +0"},
    {"Expect is no matter of 1.0", "GET / HTTP/1.0\r\nExpect: tea\r\n\r\n", "GET / ? 1.0 close [Expect=tea] {} +0"},
    {"not whole yet", "GET / HTTP/1.1\r\nHost: x\r\n", "more"},
    {"a body not whole yet", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n1", "more"},
};

#define POST    "POST / HTTP/1.1\r\nHost: x\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"

static const parse_case refusals[] = {
    {"both lengths", POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", "refused 400"},
    {"both lengths, the other way round", POST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
     "refused 400"},
    {"two different lengths", POST "Content-Length: 3\r\nContent-Length: 4\r\n\r\n", "refused 400"},
    {"two lengths in one", POST "Content-Length: 3, 3\r\n\r\n", "refused 400"},
    {"a signed length", POST "Content-Length: +3\r\n\r\n", "refused 400"},
    {"a negative length", POST "Content-Length: -3\r\n\r\n", "refused 400"},
    {"a length past 64 bits", POST "Content-Length: 99999999999999999999\r\n\r\n", "refused 400"},
    {"a coding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "refused 400"},
    {"codings one upon the other", POST "Transfer-Encoding: gzip, chunked\r\n\r\n", "refused 400"},
    {"a blank before the colon", POST "Content-Length : 3\r\n\r\n", "refused 400"},
    {"a blank in a name", POST "Content Length: 3\r\n\r\n", "refused 400"},
    {"a name past ASCII", POST "\xc3\xa4: 3\r\n\r\n", "refused 400"},
    {"an empty name", POST ": 3\r\n\r\n", "refused 400"},
    {"a line without a colon", POST "Content-Length\r\n\r\n", "refused 400"},
    {"a folded header", POST "A: b\r\n c\r\n\r\n", "refused 400"},
    {"a header folded by a tab", POST "A: b\r\n\tc\r\n\r\n", "refused 400"},
    {"a blank before the first header", "GET / HTTP/1.1\r\n Host: x\r\n\r\n", "refused 400"},
    {"LF alone behind the request line", "GET / HTTP/1.1\nHost: x\r\n\r\n", "refused 400"},
    {"LF alone behind a header", "GET / HTTP/1.1\r\nHost: x\n\r\n", "refused 400"},
    {"LF alone at the end of the head", "GET / HTTP/1.1\r\nHost: x\r\n\n", "refused 400"},
    {"CR alone in a value", "GET / HTTP/1.1\r\nHost: x\ry\r\n\r\n", "refused 400"},
    {"a control character in a value", "GET / HTTP/1.1\r\nHost: x\x01\r\n\r\n", "refused 400"},
    {"no host", "GET / HTTP/1.1\r\n\r\n", "refused 400"},
    {"two hosts", "GET / HTTP/1.1\r\nHost: x\r\nhost: x\r\n\r\n", "refused 400"},
    {"a host with a user", "GET / HTTP/1.1\r\nHost: y@x\r\n\r\n", "refused 400"},
    {"a host with a path", "GET / HTTP/1.1\r\nHost: x/y\r\n\r\n", "refused 400"},
    {"two hosts in one", "GET / HTTP/1.1\r\nHost: x y\r\n\r\n", "refused 400"},
    {"a host that is a script", "GET / HTTP/1.1\r\nHost: <script>\r\n\r\n", "refused 400"},
    {"a host past ASCII", "GET / HTTP/1.0\r\nHost: \xc3\xa4\r\n\r\n", "refused 400"},
    {"two hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n", "refused 400"},
    {"a target that is no path", "GET x HTTP/1.1\r\nHost: x\r\n\r\n", "refused 400"},
    {"an absolute form without a host", "GET http:///p HTTP/1.1\r\nHost: x\r\n\r\n", "refused 400"},
    {"an absolute form with a user", "GET http://u@x/p HTTP/1.1\r\nHost: x\r\n\r\n", "refused 400"},
    {"a target past ASCII", "GET /\xc3\xa4 HTTP/1.1\r\nHost: x\r\n\r\n", "refused 400"},
    {"a fragment", "GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n", "refused 400"},
    {"a chunk size that is none", CHUNKED "g\r\n", "refused 400"},
    {"a chunk without a size", CHUNKED "\r\n", "refused 400"},
    {"LF alone behind a chunk size", CHUNKED "1\nz\r\n0\r\n\r\n", "refused 400"},
    {"CR alone behind a chunk size", CHUNKED "1\rXz\r\n0\r\n\r\n", "refused 400"},
    {"LF alone in a chunk extension", CHUNKED "1;\n2\r\nz\r\n0\r\n\r\n", "refused 400"},
    {"a chunk with two sizes", CHUNKED "1 1\r\nz\r\n0\r\n\r\n", "refused 400"},
    {"a chunk size and a blank", CHUNKED "1 \r\nz\r\n0\r\n\r\n", "refused 400"},
    {"a blank before a chunk extension", CHUNKED "1 ;a=b\r\nz\r\n0\r\n\r\n", "refused 400"},
    {"a chunk size with a sign", CHUNKED "+1\r\nz\r\n0\r\n\r\n", "refused 400"},
    {"a chunk size with a prefix", CHUNKED "0x1\r\nz\r\n0\r\n\r\n", "refused 400"},
    {"a chunk size past 64 bits", CHUNKED "10000000000000001\r\nz\r\n0\r\n\r\n", "refused 400"},
    {"a chunk longer than it said", CHUNKED "1\r\nzz\r\n0\r\n\r\n", "refused 400"},
    {"LF alone behind a chunk", CHUNKED "1\r\nz\n0\r\n\r\n", "refused 400"},
    {"another end behind a chunk", CHUNKED "1\r\nzXY0\r\n\r\n", "refused 400"},
    {"a folded trailer", CHUNKED "0\r\nA: b\r\n c\r\n\r\n", "refused 400"},
    {"another expectation", POST "Content-Length: 1\r\nExpect: tea\r\n\r\n", "refused 417"},
    {"HTTP/2", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", "refused 400"},
    {"CONNECT", "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", "refused 400"},
    {"an unknown method", "GETT / HTTP/1.1\r\nHost: x\r\n\r\n", "refused 400"},
    {"a TLS greeting", "\x16\x03\x01\x02", "refused 400"},
    {"a body past the limit", POST "Content-Length: 65\r\n\r\n", "refused 413"},
    {"a chunk past the limit", CHUNKED "41\r\n", "refused 413"},
    {"chunks past the limit together", CHUNKED "1\r\nz\r\n40\r\n", "refused 413"},
};

static void describe(gx_http_parser *parser, gx_http_parse state, size_t left, gx_buffer *out)
{
    if (state == GX_HTTP_PARSE_MORE) {
        gx_buffer_append_text(out, "more");
        return;
    }
    if (state == GX_HTTP_PARSE_REFUSED) {
        gx_buffer_printf(out, "refused %d", gx_http_parser_refusal(parser).status);
        return;
    }
    const gx_http_request *request = gx_http_parser_request(parser);
    gx_buffer_append_span(out, request->method);
    gx_buffer_printf(out, " %.*s ?%.*s 1.%d %s ", (int)request->path.len, request->path.ptr, (int)request->query.len,
                     request->query.ptr, request->minor_version, gx_http_parser_keeps_alive(parser) ? "keep" : "close");
    for (size_t i = 0; i < request->header_count; i++)
        gx_buffer_printf(out, "[%.*s=%.*s]", (int)request->headers[i].name.len, request->headers[i].name.ptr,
                         (int)request->headers[i].value.len, request->headers[i].value.ptr);
    gx_buffer_printf(out, "%s{%.*s} +%zu", request->header_count > 0 ? " " : "", (int)request->body.len,
                     request->body.len > 0 ? request->body.ptr : "", left);
}

/* Feeds in pieces that end at `cut` (0: none) or are `step` bytes long (0: no end), each in memory of its own size, so
 * that a read past a piece is seen. */
static void check_fed(const parse_case *one, size_t cut, size_t step)
{
    gx_http_parser *parser = gx_http_parser_new(MOST_HEADER_BYTES, MOST_BODY_BYTES, GX_SPAN("peer"));
    assert_non_null(parser);
    size_t length = strlen(one->bytes);
    gx_http_parse state = GX_HTTP_PARSE_MORE;
    size_t at = 0;
    while (at < length && state == GX_HTTP_PARSE_MORE) {
        size_t n = step > 0 ? step : at < cut ? cut - at : length - at;
        char *piece = malloc(n);
        assert_non_null(piece);
        memcpy(piece, one->bytes + at, n);
        size_t used = 0;
        state = gx_http_parser_feed(parser, piece, n, &used);
        assert_true(state != GX_HTTP_PARSE_MORE || used == n);
        free(piece);
        at += used;
    }
    gx_buffer text = GX_BUFFER_INIT(0);
    describe(parser, state, length - at, &text);
    const char *found = gx_buffer_text(&text);
    if (strcmp(found, one->expected) != 0)
        fail_msg("%s (cut %zu, step %zu): expected \"%s\", found \"%s\"", one->name, cut, step, one->expected, found);
    gx_buffer_free(&text);
    gx_http_parser_free(parser);
}

static void check_case(const parse_case *one)
{
    check_fed(one, 0, 0);
    check_fed(one, 0, 1);
    for (size_t cut = 1; cut < strlen(one->bytes); cut++)
        check_fed(one, cut, 0);
}

static void requests_are_read_alike_however_they_are_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++)
        check_case(&requests[i]);
}

static void request_smuggling_what_two_parsers_could_read_differently_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
        check_case(&refusals[i]);
}

static void a_nul_is_refused_wherever_it_stands(void **state)
{
    (void)state;
    static const char whole[] = "GET /abc HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\n";
    for (size_t i = 0; i < sizeof whole - 1; i++) {
        char bytes[sizeof whole];
        memcpy(bytes, whole, sizeof whole);
        bytes[i] = '\0';
        gx_http_parser *parser = gx_http_parser_new(MOST_HEADER_BYTES, MOST_BODY_BYTES, GX_SPAN("peer"));
        size_t used;
        assert_int_equal(gx_http_parser_feed(parser, bytes, sizeof bytes - 1, &used), GX_HTTP_PARSE_REFUSED);
        gx_http_parser_free(parser);
    }
}

static gx_http_parse feed_text(gx_http_parser *parser, const char *text)
{
    size_t used;
    return gx_http_parser_feed(parser, text, strlen(text), &used);
}

static void a_head_of_just_the_limit_is_taken_and_one_byte_more_is_not(void **state)
{
    (void)state;
    static const char begin[] = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
    for (size_t over = 0; over <= 1; over++) {
        gx_buffer bytes = GX_BUFFER_INIT(0);
        gx_buffer_append_text(&bytes, begin);
        while (bytes.length < MOST_HEADER_BYTES - 4 + over)
            gx_buffer_append_char(&bytes, 'a');
        gx_buffer_append_text(&bytes, "\r\n\r\n");
        parse_case one = {over ? "over" : "just", gx_buffer_text(&bytes), over ? "refused 431" : NULL};
        gx_http_parser *parser = gx_http_parser_new(MOST_HEADER_BYTES, MOST_BODY_BYTES, GX_SPAN("peer"));
        assert_int_equal(feed_text(parser, one.bytes), over ? GX_HTTP_PARSE_REFUSED : GX_HTTP_PARSE_WHOLE);
        gx_http_parser_free(parser);
        if (over)
            check_case(&one);
        gx_buffer_free(&bytes);
    }
}

static void sixty_four_headers_are_taken_and_one_more_is_not(void **state)
{
    (void)state;
    for (int count = GX_HTTP_MOST_HEADERS; count <= GX_HTTP_MOST_HEADERS + 1; count++) {
        gx_http_parser *parser = gx_http_parser_new(4096, MOST_BODY_BYTES, GX_SPAN("peer"));
        gx_http_parse fed = feed_text(parser, "GET / HTTP/1.1\r\nHost: x\r\n");
        for (int i = 1; i < count; i++)
            fed = feed_text(parser, "A: b\r\n");
        if (count == GX_HTTP_MOST_HEADERS) {
            assert_int_equal(feed_text(parser, "\r\n"), GX_HTTP_PARSE_WHOLE);
            assert_int_equal(gx_http_parser_request(parser)->header_count, count);
        } else {
            assert_int_equal(fed, GX_HTTP_PARSE_REFUSED);
            assert_int_equal(gx_http_parser_refusal(parser).status, 431);
        }
        gx_http_parser_free(parser);
    }
}

static void trailers_and_chunk_extensions_without_end_are_refused(void **state)
{
    (void)state;
    static const char *const beginnings[] = {CHUNKED "0\r\nA: ", CHUNKED "1;", CHUNKED "0\r\nA: b\r\nB: "};
    for (size_t i = 0; i < 3; i++) {
        gx_http_parser *parser = gx_http_parser_new(MOST_HEADER_BYTES, MOST_BODY_BYTES, GX_SPAN("peer"));
        assert_int_equal(feed_text(parser, beginnings[i]), GX_HTTP_PARSE_MORE);
        gx_http_parse fed = GX_HTTP_PARSE_MORE;
        for (int n = 0; n <= MOST_HEADER_BYTES && fed == GX_HTTP_PARSE_MORE; n++)
            fed = feed_text(parser, "a");
        assert_int_equal(fed, GX_HTTP_PARSE_REFUSED);
        assert_int_equal(gx_http_parser_refusal(parser).status, 431);
        gx_http_parser_free(parser);
    }
}

static void a_word_is_wanted_once_and_only_before_the_body(void **state)
{
    (void)state;
    static const char head[] = POST "Content-Length: 2\r\nExpect: 100-Continue\r\n\r\n";
    gx_http_parser *parser = gx_http_parser_new(MOST_HEADER_BYTES, MOST_BODY_BYTES, GX_SPAN("peer"));
    assert_false(gx_http_parser_wants_continue(parser));
    feed_text(parser, head);
    assert_true(gx_http_parser_wants_continue(parser));
    assert_false(gx_http_parser_wants_continue(parser));
    gx_http_parser_free(parser);

    parser = gx_http_parser_new(MOST_HEADER_BYTES, MOST_BODY_BYTES, GX_SPAN("peer"));
    feed_text(parser, POST "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n1");
    assert_false(gx_http_parser_wants_continue(parser));
    gx_http_parser_free(parser);
}

static void a_refused_request_shows_what_was_understood(void **state)
{
    (void)state;
    gx_http_parser *parser = gx_http_parser_new(MOST_HEADER_BYTES, MOST_BODY_BYTES, GX_SPAN("peer"));
    assert_int_equal(feed_text(parser, "PUT /here?q HTTP/1.1\r\nA: b\r\n folded\r\n"), GX_HTTP_PARSE_REFUSED);
    const gx_http_request *request = gx_http_parser_request(parser);
    assert_true(gx_span_equal(request->method, GX_SPAN("PUT")));
    assert_true(gx_span_equal(request->path, GX_SPAN("/here")));
    assert_true(gx_span_equal(request->query, GX_SPAN("q")));
    assert_true(gx_span_equal(request->peer, GX_SPAN("peer")));
    assert_int_equal(request->header_count, 1);
    gx_http_parser_free(parser);
}

static void a_parser_that_saw_nothing_shows_an_empty_request(void **state)
{
    (void)state;
    gx_http_parser *parser = gx_http_parser_new(MOST_HEADER_BYTES, MOST_BODY_BYTES, GX_SPAN("peer"));
    const gx_http_request *request = gx_http_parser_request(parser);
    assert_int_equal(request->method.len + request->path.len + request->query.len + request->header_count, 0);
    gx_http_parser_free(parser);
}

/* Whichever allocation fails: refused for want of memory, or not begun. */
static void no_memory_is_an_answer_not_a_crash(void **state)
{
    (void)state;
    static const char bytes[] = POST "A: b\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    bool failed = true;
    for (long n = 1; failed; n++) {
        assert_true(n < 100);
        gx_fail_allocation(n);
        gx_http_parser *parser = gx_http_parser_new(MOST_HEADER_BYTES, MOST_BODY_BYTES, GX_SPAN("peer"));
        gx_http_parse fed = parser ? feed_text(parser, bytes) : GX_HTTP_PARSE_REFUSED;
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_int_equal(fed, failed ? GX_HTTP_PARSE_REFUSED : GX_HTTP_PARSE_WHOLE);
        assert_true(!parser || !failed || gx_http_parser_refusal(parser).status == 503);
        gx_http_parser_free(parser);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_read_alike_however_they_are_cut),
        cmocka_unit_test(request_smuggling_what_two_parsers_could_read_differently_is_refused),
        cmocka_unit_test(a_nul_is_refused_wherever_it_stands),
        cmocka_unit_test(a_head_of_just_the_limit_is_taken_and_one_byte_more_is_not),
        cmocka_unit_test(sixty_four_headers_are_taken_and_one_more_is_not),
        cmocka_unit_test(trailers_and_chunk_extensions_without_end_are_refused),
        cmocka_unit_test(a_word_is_wanted_once_and_only_before_the_body),
        cmocka_unit_test(a_refused_request_shows_what_was_understood),
        cmocka_unit_test(a_parser_that_saw_nothing_shows_an_empty_request),
        cmocka_unit_test(no_memory_is_an_answer_not_a_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
