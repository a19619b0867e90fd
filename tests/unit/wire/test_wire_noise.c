/* Random input with a fixed seed: nothing may crash, and the answer may depend on the bytes only, not on how they were
 * cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>

#include "base/utf8.h"
#include "wire/event.h"
#include "wire/json_scan.h"
#include "wire/sse_transcript.h"

#define SSE_ROUNDS  4000
#define JSON_ROUNDS 40000

typedef struct noise {
    uint64_t state;
} noise;

/* xorshift64* */
static unsigned below(noise *n, size_t limit)
{
    n->state ^= n->state >> 12;
    n->state ^= n->state << 25;
    n->state ^= n->state >> 27;
    return (unsigned)((n->state * UINT64_C(2685821657736338717) >> 33) % limit);
}

/* Pieces that matter to the grammar, and now and then a byte of any value. */
static void append_noise(gx_buffer *out, noise *n, const char *const *pieces, size_t count)
{
    if (below(n, 10) == 0)
        gx_buffer_append_char(out, (char)below(n, 256));
    else
        gx_buffer_append_text(out, pieces[below(n, count)]);
}

static void make_stream(gx_buffer *out, noise *n)
{
    static const char *const pieces[] = {"\n",
                                         "\n",
                                         "\n",
                                         "\r",
                                         "\r\n",
                                         ":",
                                         " ",
                                         "data",
                                         "data: ",
                                         "id:",
                                         "event:",
                                         "retry:",
                                         "7",
                                         "abc",
                                         "\xef\xbb\xbf",
                                         "\xe2\x82",
                                         "\xf0\x9f\x98\x80",
                                         "\xc3\xa4",
                                         "data:x\n\n",
                                         "data: z\n\n",
                                         "id: y\n"};
    gx_buffer_clear(out);
    for (unsigned i = 0, count = below(n, 40); i < count; i++)
        append_noise(out, n, pieces, sizeof pieces / sizeof *pieces);
}

static void check_utf8(grantex_text text)
{
    assert_true(gx_utf8_valid((gx_span){text.text, text.length}));
}

static void parse(sse_transcript_feeder feed, gx_span stream, size_t limit, noise *cuts, gx_buffer *transcript)
{
    grantex_sse_parser *parser;
    grantex_sse_options options = {.max_event_bytes = limit};
    assert_int_equal(grantex_sse_parser_new(&options, &parser), GRANTEX_OK);
    gx_buffer_clear(transcript);
    while (stream.len > 0) {
        size_t n = cuts ? 1 + below(cuts, 8) : stream.len;
        n = n < stream.len ? n : stream.len;
        feed(transcript, parser, (gx_span){stream.ptr, n});
        stream = (gx_span){stream.ptr + n, stream.len - n};
    }
    check_utf8(grantex_sse_parser_last_event_id(parser));
    sse_transcript_state(transcript, parser);
    grantex_sse_parser_free(parser);
}

static void the_cuts_of_a_stream_do_not_matter(void **state)
{
    (void)state;
    static const struct {
        sse_transcript_feeder feed;
        bool cut;
    } others[] = {
        {sse_transcript_feed, true}, {sse_transcript_feed_in_place, false}, {sse_transcript_feed_in_place, true}};
    noise n = {42};
    gx_buffer stream = GX_BUFFER_INIT(0), whole = GX_BUFFER_INIT(0), cut = GX_BUFFER_INIT(0);
    size_t written = 0;
    for (int round = 0; round < SSE_ROUNDS; round++) {
        make_stream(&stream, &n);
        size_t limit = round % 2 ? 1 + below(&n, 24) : 0;
        parse(sse_transcript_feed, gx_buffer_span(&stream), limit, NULL, &whole);
        for (size_t way = 0; way < sizeof others / sizeof others[0]; way++) {
            parse(others[way].feed, gx_buffer_span(&stream), limit, others[way].cut ? &n : NULL, &cut);
            if (!gx_span_equal(gx_buffer_span(&whole), gx_buffer_span(&cut)))
                fail_msg("round %d, limit %zu, way %zu:\n%.*s\nwhole:\n%s\nthis way:\n%s", round, limit, way,
                         (int)stream.length, stream.data, gx_buffer_text(&whole), gx_buffer_text(&cut));
        }
        assert_true(gx_utf8_valid(gx_buffer_span(&whole)));
        written += whole.length;
    }
    assert_true(written > SSE_ROUNDS * 20); /* it was not all dropped */
    gx_buffer_free(&stream);
    gx_buffer_free(&whole);
    gx_buffer_free(&cut);
}

static void make_value(gx_buffer *out, noise *n, int depth)
{
    static const char *const leaves[] = {"0",     "-1",   "1.5",  "2e3",     "true",
                                         "false", "null", "\"\"", "\"a b\"", "\"\\n\\\"\""};
    unsigned kind = depth < 4 ? below(n, 6) : 5;
    if (kind > 1) {
        gx_buffer_append_text(out, leaves[below(n, sizeof leaves / sizeof *leaves)]);
        return;
    }
    gx_buffer_append_char(out, kind ? '{' : '[');
    for (unsigned i = 0, count = below(n, 4); i < count; i++) {
        if (i > 0)
            gx_buffer_append_text(out, ", ");
        if (kind)
            gx_buffer_printf(out, "\"k%u\":", below(n, 3));
        make_value(out, n, depth + 1);
    }
    gx_buffer_append_char(out, kind ? '}' : ']');
}

/* An object, and in most rounds one place of it changed. */
static void make_json(gx_buffer *out, noise *n)
{
    static const char alphabet[] = "{}[],:\"\\ 019-+.eEtrufalsn\n";
    gx_buffer_clear(out);
    gx_buffer_append_text(out, "{\"id\":\"i\",\"type\":\"t\",\"data\":");
    make_value(out, n, 0);
    gx_buffer_append_char(out, '}');
    size_t at = below(n, out->length);
    if (below(n, 4) > 0)
        out->data[at] = alphabet[below(n, sizeof alphabet - 1)];
    if (below(n, 4) == 0)
        out->length = at;
}

static bool scan_whole(gx_span json)
{
    gx_json_scan scan = gx_json_scan_object(json);
    gx_span key, value;
    while (gx_json_scan_next(&scan, &key, &value))
        assert_true(value.len > 0 && value.ptr >= json.ptr && value.ptr + value.len <= json.ptr + json.len);
    return !scan.failed;
}

static void the_scan_agrees_with_another_library(void **state)
{
    (void)state;
    noise n = {7};
    int good = 0;
    gx_buffer json = GX_BUFFER_INIT(0);
    for (int round = 0; round < JSON_ROUNDS; round++) {
        make_json(&json, &n);
        json_t *other = json_loadb(json.data, json.length, 0, NULL);
        bool object = json_is_object(other);
        if (scan_whole(gx_buffer_span(&json)) != object)
            fail_msg("round %d: %s %s", round, gx_buffer_text(&json), object ? "refused" : "taken");
        good += object;
        json_decref(other);
    }
    assert_in_range(good, JSON_ROUNDS / 10, JSON_ROUNDS * 9 / 10); /* both kinds were there */
    gx_buffer_free(&json);
}

/* A blank in front keeps an envelope from the short way that those of our own server take. */
static void both_ways_to_scan_an_envelope_agree(void **state)
{
    static const char own[] = "{\"id\":\"evt_1\",\"type\":\"a.b\",\"timestamp\":\"T\",\"createdAt\":\"C\",\"seq\":107,"
                              "\"data\":{\"a\":[1,\"\\\"\"],\"b\":null}}";
    static const char others[] = "\"\\{}[],: 0719.eE-+atn\x01";
    (void)state;
    noise n = {13};
    int good = 0;
    for (int round = 0; round < JSON_ROUNDS; round++) {
        char text[sizeof own + 1] = " ";
        memcpy(text + 1, own, sizeof own);
        for (unsigned i = below(&n, 3); i > 0; i--)
            text[1 + below(&n, sizeof own - 1)] = others[below(&n, sizeof others - 1)];
        gx_event quick = {.seq = -1}, slow = {.seq = -1};
        bool taken = gx_event_scan((gx_span){text + 1, sizeof own - 1}, &quick);
        assert_int_equal(taken, gx_event_scan((gx_span){text, sizeof own}, &slow));
        assert_memory_equal(&quick, &slow, sizeof quick); /* spans into the same text */
        good += taken;
    }
    assert_in_range(good, JSON_ROUNDS / 10, JSON_ROUNDS * 9 / 10);
}

static void any_bytes_at_all_are_scanned_without_harm(void **state)
{
    (void)state;
    static const char *const pieces[] = {"{",  "}",  "[",     "]", ":",         ",",
                                         "\"", "\\", "\\u00", "1", "\"id\":\"", "\"type\":\""};
    noise n = {11};
    gx_buffer json = GX_BUFFER_INIT(0);
    for (int round = 0; round < JSON_ROUNDS; round++) {
        gx_buffer_clear(&json);
        for (unsigned i = 0, count = below(&n, 30); i < count; i++)
            append_noise(&json, &n, pieces, sizeof pieces / sizeof *pieces);
        char *exact = malloc(json.length + 1); /* so that a sanitizer sees a read beyond */
        if (json.length > 0)
            memcpy(exact + 1, json.data, json.length);
        gx_span text = {exact + 1, json.length};
        gx_event event;
        if (gx_event_scan(text, &event))
            assert_true(scan_whole(text));
        free(exact);
    }
    gx_buffer_free(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cuts_of_a_stream_do_not_matter),
        cmocka_unit_test(the_scan_agrees_with_another_library),
        cmocka_unit_test(both_ways_to_scan_an_envelope_agree),
        cmocka_unit_test(any_bytes_at_all_are_scanned_without_harm),
    };
    return cmocka_run_group_tests_name("wire_noise", tests, NULL, NULL);
}
