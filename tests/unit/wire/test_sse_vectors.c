/* The cases of tests/vectors/sse-parse.jsonl, each fed in its own chunks, whole, byte by byte and at every split. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "wire/sse_transcript.h"

#define CASES       108
#define MOST_SPLITS 2048 /* of one case; beyond that (100,000 bytes are the longest) every n-th */

typedef struct vector {
    json_t *json;
    gx_buffer bytes; /* all chunks */
    gx_buffer expected;
} vector;

static int sextet(char c)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return (int)(strchr(alphabet, c) - alphabet);
}

static void append_base64(gx_buffer *out, const char *text)
{
    unsigned bits = 0;
    for (int waiting = 0; *text && *text != '='; text++) {
        bits = bits << 6 | (unsigned)sextet(*text);
        waiting += 6;
        if (waiting >= 8)
            gx_buffer_append_char(out, (char)(bits >> (waiting -= 8) & 0xff));
    }
}

static gx_span text_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    assert_true(json_is_string(value));
    return (gx_span){json_string_value(value), json_string_length(value)};
}

static long long expected_retry(const json_t *retry)
{
    if (json_is_string(retry))
        return INT64_MAX; /* "saturate" */
    return json_is_null(retry) ? -1 : json_integer_value(retry);
}

static void vector_open(vector *v, const char *line)
{
    json_error_t error;
    *v = (vector){.json = json_loads(line, JSON_ALLOW_NUL, &error)};
    assert_non_null(v->json);
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(v->json, "chunks"), i, item) append_base64(&v->bytes, json_string_value(item));
    json_array_foreach(json_object_get(v->json, "expect"), i, item)
        sse_transcript_frame(&v->expected, text_of(item, "event"), text_of(item, "data"), text_of(item, "id"));
    gx_span last_id = text_of(v->json, "last_id");
    gx_buffer_printf(&v->expected, "%zu:", last_id.len);
    gx_buffer_append_span(&v->expected, last_id);
    gx_buffer_printf(&v->expected, " retry %lld\n", expected_retry(json_object_get(v->json, "retry")));
}

static void vector_close(vector *v)
{
    json_decref(v->json);
    gx_buffer_free(&v->bytes);
    gx_buffer_free(&v->expected);
}

/* Calls `check` with every case. */
static void for_each_case(void (*check)(const vector *v))
{
    FILE *file = fopen(GX_SOURCE_DIR "/tests/vectors/sse-parse.jsonl", "r");
    assert_non_null(file);
    char *line = NULL;
    size_t size = 0;
    int count = 0;
    for (; getline(&line, &size, file) > 0; count++) {
        vector v;
        vector_open(&v, line);
        check(&v);
        vector_close(&v);
    }
    free(line);
    fclose(file);
    assert_int_equal(count, CASES);
}

static grantex_sse_parser *new_parser(void)
{
    grantex_sse_parser *parser;
    assert_int_equal(grantex_sse_parser_new(NULL, &parser), GRANTEX_OK);
    return parser;
}

static void check_transcript(const vector *v, const gx_buffer *transcript, const char *manner)
{
    if (!gx_span_equal(gx_buffer_span(transcript), gx_buffer_span(&v->expected)))
        fail_msg("%s, %s: got\n%.*sbut expected\n%.*s", json_string_value(json_object_get(v->json, "name")), manner,
                 (int)transcript->length, transcript->data, (int)v->expected.length, v->expected.data);
}

/* Feeds the bytes in pieces of `first` and then `later` bytes. */
static void check_pieces(const vector *v, size_t first, size_t later, const char *manner)
{
    gx_buffer transcript = GX_BUFFER_INIT(0);
    grantex_sse_parser *parser = new_parser();
    gx_span rest = gx_buffer_span(&v->bytes);
    for (size_t n = first; rest.len > 0; n = later) {
        n = n < rest.len ? n : rest.len;
        sse_transcript_feed(&transcript, parser, (gx_span){rest.ptr, n});
        rest = (gx_span){rest.ptr + n, rest.len - n};
    }
    sse_transcript_state(&transcript, parser);
    check_transcript(v, &transcript, manner);
    grantex_sse_parser_free(parser);
    gx_buffer_free(&transcript);
}

static void check_whole(const vector *v)
{
    check_pieces(v, SIZE_MAX, SIZE_MAX, "whole");
}

static void check_byte_by_byte(const vector *v)
{
    check_pieces(v, 1, 1, "byte by byte");
}

static void check_every_split(const vector *v)
{
    size_t step = v->bytes.length / MOST_SPLITS + 1;
    for (size_t split = 1; split < v->bytes.length; split += step)
        check_pieces(v, split, SIZE_MAX, "split in two");
}

static size_t events_due(const json_t *at, size_t chunk)
{
    size_t due = 0, i;
    json_t *item;
    json_array_foreach(at, i, item) due += (size_t)json_integer_value(item) <= chunk;
    return due;
}

static void check_events_are_out_in_time(const vector *v)
{
    gx_buffer transcript = GX_BUFFER_INIT(0), chunk = GX_BUFFER_INIT(0);
    grantex_sse_parser *parser = new_parser();
    const json_t *at = json_object_get(v->json, "at");
    assert_int_equal(json_array_size(at), json_array_size(json_object_get(v->json, "expect")));
    size_t events = 0, i;
    json_t *item;
    json_array_foreach(json_object_get(v->json, "chunks"), i, item)
    {
        gx_buffer_clear(&chunk);
        append_base64(&chunk, json_string_value(item));
        if (chunk.length > 0)
            events += sse_transcript_feed(&transcript, parser, gx_buffer_span(&chunk));
        if (events != events_due(at, i))
            fail_msg("%s: %zu events after chunk %zu", json_string_value(json_object_get(v->json, "name")), events, i);
    }
    sse_transcript_state(&transcript, parser);
    check_transcript(v, &transcript, "in its own chunks");
    grantex_sse_parser_free(parser);
    gx_buffer_free(&transcript);
    gx_buffer_free(&chunk);
}

static void every_case_comes_out_whole(void **state)
{
    (void)state;
    for_each_case(check_whole);
}

static void every_case_comes_out_byte_by_byte(void **state)
{
    (void)state;
    for_each_case(check_byte_by_byte);
}

static void every_case_comes_out_at_every_split(void **state)
{
    (void)state;
    for_each_case(check_every_split);
}

static void every_event_is_out_after_the_chunk_that_ends_it(void **state)
{
    (void)state;
    for_each_case(check_events_are_out_in_time);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_comes_out_whole),
        cmocka_unit_test(every_case_comes_out_byte_by_byte),
        cmocka_unit_test(every_case_comes_out_at_every_split),
        cmocka_unit_test(every_event_is_out_after_the_chunk_that_ends_it),
    };
    return cmocka_run_group_tests_name("sse_vectors", tests, NULL, NULL);
}
