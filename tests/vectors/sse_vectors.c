/* Runs a file of cases (README.md beside this file) through the public parser, grantex/sse.h: each in its own chunks,
 * whole, byte by byte and split in two at every place.
 *
 *   sse-vectors FILE → what failed, a line each, and "N passed, M failed"; exits with 1 when any failed, 2 when the
 * file is none */
#include <grantex/grantex.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SPLITS = 2048 /* of one case; of a longer one every n-th */ };

typedef struct bytes {
    char *data;
    size_t length;
} bytes;

/* A case, and how far a run through it is. */
typedef struct run {
    json_t *vector;
    const char *manner;
    grantex_sse_parser *parser;
    size_t events;
    bool failed;
} run;

static void *need(void *memory)
{
    if (memory == NULL) {
        fputs("sse-vectors: out of memory\n", stderr);
        exit(2);
    }
    return memory;
}

static bytes decode_base64(const char *text)
{
    static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bytes out = {.data = need(malloc(strlen(text) + 1))};
    unsigned bits = 0;
    for (int waiting = 0; *text != '\0' && *text != '='; text++) {
        const char *letter = strchr(ALPHABET, *text);
        bits = bits << 6 | (unsigned)(letter ? letter - ALPHABET : 0);
        waiting += 6;
        if (waiting >= 8)
            out.data[out.length++] = (char)(bits >> (waiting -= 8) & 0xff);
    }
    return out;
}

static bytes all_chunks(json_t *vector)
{
    bytes all = {.data = need(malloc(1))};
    size_t i;
    json_t *chunk;
    json_array_foreach(json_object_get(vector, "chunks"), i, chunk)
    {
        bytes one = decode_base64(json_string_value(chunk));
        all.data = need(realloc(all.data, all.length + one.length + 1));
        memcpy(all.data + all.length, one.data, one.length);
        all.length += one.length;
        free(one.data);
    }
    return all;
}

/* --- what is wrong --- */

static void fail(run *r, const char *what)
{
    if (!r->failed)
        printf("%s, %s: %s\n", json_string_value(json_object_get(r->vector, "name")), r->manner, what);
    r->failed = true;
}

static bool is(grantex_text text, const json_t *expected)
{
    return text.length == json_string_length(expected) &&
           memcmp(text.text, json_string_value(expected), text.length) == 0 && text.text[text.length] == '\0';
}

static void check_frame(run *r, const grantex_sse_frame *frame)
{
    const json_t *expected = json_array_get(json_object_get(r->vector, "expect"), r->events++);
    if (expected == NULL)
        fail(r, "an event too many");
    else if (!is(frame->type, json_object_get(expected, "event")))
        fail(r, "another type");
    else if (!is(frame->data, json_object_get(expected, "data")))
        fail(r, "other data");
    else if (!is(frame->id, json_object_get(expected, "id")))
        fail(r, "another id");
}

static void check_end(run *r)
{
    const json_t *retry = json_object_get(r->vector, "retry");
    int64_t wanted = json_is_string(retry) ? INT64_MAX : json_is_null(retry) ? -1 : json_integer_value(retry);
    if (r->events < json_array_size(json_object_get(r->vector, "expect")))
        fail(r, "an event too few");
    if (!is(grantex_sse_parser_last_event_id(r->parser), json_object_get(r->vector, "last_id")))
        fail(r, "another last event id");
    if (grantex_sse_parser_retry_ms(r->parser) != wanted)
        fail(r, "another retry time");
}

/* --- the manners of feeding --- */

static void begin(run *r, const char *manner)
{
    r->manner = manner;
    r->events = 0;
    if (grantex_sse_parser_new(NULL, &r->parser) != GRANTEX_OK)
        need(NULL);
}

static void end(run *r)
{
    check_end(r);
    grantex_sse_parser_free(r->parser);
}

/* From a block of exactly that size, so that a sanitizer sees whoever reads beyond. */
static void feed(run *r, const char *data, size_t length)
{
    char *block = need(malloc(length > 0 ? length : 1));
    memcpy(block, data, length);
    const char *at = block;
    grantex_sse_frame frame;
    grantex_status status;
    while ((status = grantex_sse_parser_next(r->parser, &at, &length, &frame)) == GRANTEX_OK)
        check_frame(r, &frame);
    if (status != GRANTEX_TIMEOUT || length > 0)
        fail(r, "the parser refuses");
    free(block);
}

static void feed_pieces(run *r, const bytes *all, size_t first, size_t later, const char *manner)
{
    begin(r, manner);
    size_t piece = first;
    for (size_t done = 0; done < all->length; done += piece, piece = later) {
        piece = piece < all->length - done ? piece : all->length - done;
        feed(r, all->data + done, piece);
    }
    end(r);
}

static size_t events_due(const json_t *at, size_t chunk)
{
    size_t due = 0, i;
    json_t *index;
    json_array_foreach(at, i, index) due += (size_t)json_integer_value(index) <= chunk;
    return due;
}

static void feed_chunks(run *r)
{
    begin(r, "in its own chunks");
    const json_t *at = json_object_get(r->vector, "at");
    size_t i;
    json_t *chunk;
    json_array_foreach(json_object_get(r->vector, "chunks"), i, chunk)
    {
        bytes one = decode_base64(json_string_value(chunk));
        feed(r, one.data, one.length);
        free(one.data);
        if (r->events != events_due(at, i))
            fail(r, "an event is not out after the chunk that ends it");
    }
    end(r);
}

static bool passes(json_t *vector)
{
    run r = {.vector = vector};
    bytes all = all_chunks(vector);
    feed_chunks(&r);
    feed_pieces(&r, &all, SIZE_MAX, SIZE_MAX, "whole");
    feed_pieces(&r, &all, 1, 1, "byte by byte");
    for (size_t split = 1; split < all.length; split += all.length / MOST_SPLITS + 1)
        feed_pieces(&r, &all, split, SIZE_MAX, "split in two");
    free(all.data);
    return !r.failed;
}

/* --- the file --- */

static bool all_texts(const json_t *array)
{
    size_t i;
    json_t *item;
    json_array_foreach(array, i, item)
    {
        if (!json_is_string(item))
            return false;
    }
    return json_is_array(array);
}

/* What is read without another look. */
static bool is_a_case(const json_t *vector)
{
    const json_t *expect = json_object_get(vector, "expect");
    size_t i;
    json_t *event;
    json_array_foreach(expect, i, event)
    {
        if (!json_is_string(json_object_get(event, "event")) || !json_is_string(json_object_get(event, "data")) ||
            !json_is_string(json_object_get(event, "id")))
            return false;
    }
    return json_is_array(expect) && all_texts(json_object_get(vector, "chunks")) &&
           json_is_string(json_object_get(vector, "name")) && json_is_string(json_object_get(vector, "last_id")) &&
           json_array_size(json_object_get(vector, "at")) == json_array_size(expect);
}

/* False when a line is no case. */
static bool run_file(FILE *file, int *passed, int *failed)
{
    char *line = NULL;
    size_t size = 0;
    bool good = true;
    for (int number = 1; good && getline(&line, &size, file) > 0; number++) {
        json_error_t error;
        json_t *vector = json_loads(line, JSON_ALLOW_NUL, &error);
        good = is_a_case(vector);
        if (!good)
            fprintf(stderr, "sse-vectors: line %d is no case\n", number);
        else if (passes(vector))
            ++*passed;
        else
            ++*failed;
        json_decref(vector);
    }
    free(line);
    return good;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: sse-vectors FILE\n", stderr);
        return 2;
    }
    FILE *file = fopen(argv[1], "r");
    if (file == NULL) {
        perror(argv[1]);
        return 2;
    }
    int passed = 0, failed = 0;
    bool good = run_file(file, &passed, &failed);
    fclose(file);
    printf("%d passed, %d failed\n", passed, failed);
    return !good ? 2 : failed > 0 ? 1 : 0;
}
