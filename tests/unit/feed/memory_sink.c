#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "feed/memory_sink.h"

#include <stdlib.h>
#include <string.h>

#include "wire/event.h"
#include "wire/json_scan.h"

/* --- the sink --- */

void memory_sink_init(memory_sink *sink, size_t room)
{
    memset(sink, 0, sizeof *sink);
    sink->room = room;
}

void memory_sink_free(memory_sink *sink)
{
    gx_buffer_free(&sink->got);
    gx_buffer_free(&sink->last);
}

static size_t take(memory_sink *sink, gx_span bytes)
{
    size_t n = bytes.len < sink->room ? bytes.len : sink->room;
    gx_buffer_append(&sink->got, bytes.ptr, n);
    assert_false(sink->got.failed);
    if (sink->room != SIZE_MAX)
        sink->room -= n;
    return n;
}

static int64_t sink_write(void *context, const gx_span *pieces, unsigned count)
{
    memory_sink *sink = context;
    assert_null(sink->rest.ptr);
    assert_false(sink->ended);
    assert_in_range(count, 1, GX_SINK_MOST_PIECES);
    sink->writes++;
    if (sink->dead)
        return -1;
    int64_t taken = 0;
    for (unsigned i = 0; i < count; i++) {
        assert_true(pieces[i].len > 0);
        size_t n = take(sink, pieces[i]);
        taken += (int64_t)n;
        if (n < pieces[i].len)
            break;
    }
    return taken;
}

static void sink_finish(void *context, gx_span rest, void (*release)(void *reference), void *reference)
{
    memory_sink *sink = context;
    assert_null(sink->rest.ptr);
    assert_false(sink->dead);
    assert_true(rest.len > 0);
    sink->rest = rest;
    sink->release = release;
    sink->reference = reference;
    if (rest.len > sink->largest_rest)
        sink->largest_rest = rest.len;
}

static void sink_end(void *context, gx_span last)
{
    memory_sink *sink = context;
    assert_false(sink->ended);
    sink->ended = true;
    gx_buffer_append_span(&sink->last, last);
}

gx_sink memory_sink_as_sink(memory_sink *sink)
{
    return (gx_sink){.write = sink_write, .finish = sink_finish, .end = sink_end, .context = sink};
}

static void give_back(memory_sink *sink)
{
    sink->rest = (gx_span){NULL, 0};
    sink->release(sink->reference);
}

void memory_sink_give(memory_sink *sink, size_t bytes)
{
    sink->room = bytes > SIZE_MAX - sink->room ? SIZE_MAX : sink->room + bytes;
    if (!sink->rest.ptr)
        return;
    size_t n = take(sink, sink->rest);
    sink->rest = (gx_span){sink->rest.ptr + n, sink->rest.len - n};
    if (sink->rest.len > 0)
        return;
    give_back(sink);
    gx_subscriber_writable(sink->subscriber);
}

void memory_sink_close(memory_sink *sink)
{
    if (sink->rest.ptr)
        give_back(sink);
    if (sink->subscriber)
        gx_subscriber_close(sink->subscriber);
    sink->subscriber = NULL;
}

/* --- the reader --- */

static bool is_chunked(gx_framing framing)
{
    return framing == GX_FRAMING_CHUNKED || framing == GX_FRAMING_CHUNKED_NAMED;
}

/* The next whole block of the body, without its chunk; false at the end or where only a part is there. */
static bool next_block(gx_span *rest, gx_framing framing, gx_span *block)
{
    if (!is_chunked(framing)) {
        const char *end = rest->len ? memmem(rest->ptr, rest->len, "\n\n", 2) : NULL;
        if (!end)
            return false;
        *block = (gx_span){rest->ptr, (size_t)(end - rest->ptr) + 2};
        *rest = (gx_span){end + 2, rest->len - block->len};
        return true;
    }
    const char *head_end = rest->len ? memmem(rest->ptr, rest->len, "\r\n", 2) : NULL;
    if (!head_end)
        return false;
    char *number_end;
    size_t length = strtoul(rest->ptr, &number_end, 16);
    assert_ptr_equal(number_end, head_end);
    size_t whole = (size_t)(head_end - rest->ptr) + 2 + length + 2;
    if (rest->len < whole)
        return false;
    *block = (gx_span){head_end + 2, length};
    assert_memory_equal(block->ptr + length, "\r\n", 2);
    *rest = (gx_span){rest->ptr + whole, rest->len - whole};
    return true;
}

static bool take_line(gx_span *block, const char *prefix, gx_span *value)
{
    gx_span line = *block;
    const char *end = memchr(line.ptr, '\n', line.len);
    assert_non_null(end);
    line.len = (size_t)(end - line.ptr);
    if (!gx_span_starts_with(line, gx_span_of(prefix)))
        return false;
    *value = (gx_span){line.ptr + strlen(prefix), line.len - strlen(prefix)};
    *block = (gx_span){end + 1, block->len - line.len - 1};
    return true;
}

static void read_event(gx_span block, gx_span id, bool named, received *out)
{
    gx_span type = {NULL, 0}, json;
    gx_event event;
    assert_int_equal(take_line(&block, "event: ", &type), named);
    assert_true(take_line(&block, "data: ", &json));
    assert_true(gx_span_equal(block, GX_SPAN("\n")));
    assert_true(gx_event_scan(json, &event));
    assert_true(gx_span_equal(event.id, id));
    assert_true(!named || gx_span_equal(event.type, type));
    assert_true(out->count < sizeof out->seqs / sizeof *out->seqs);
    out->seqs[out->count++] = event.seq;
}

static int64_t number_in(gx_span json, const char *key)
{
    gx_span value;
    unsigned long long number;
    assert_true(gx_json_scan_find(json, key, &value));
    assert_true(gx_span_to_uint(value, &number));
    return (int64_t)number;
}

static void read_gap(gx_span json, received *out)
{
    gx_span missed;
    assert_true(gx_json_scan_find(json, "missed", &missed));
    out->gaps++;
    out->missed += number_in(missed, "total");
    out->gap_to = number_in(json, "to");
    out->before_gap = out->count;
}

static void read_gap_block(gx_span block, received *out)
{
    gx_span json;
    assert_true(take_line(&block, "event: stream.gap", &json));
    assert_true(take_line(&block, "data:", &json));
    assert_true(gx_span_equal(block, GX_SPAN("\n")));
    read_gap(json, out);
}

static void read_block(gx_span block, bool named, received *out)
{
    gx_span id;
    if (gx_span_equal(block, GX_SPAN(": hb\n\n"))) {
        out->heartbeats++;
    } else if (gx_span_starts_with(block, GX_SPAN("event: stream.closing\ndata:{"))) {
        out->closing = true;
    } else if (gx_span_starts_with(block, GX_SPAN("event: stream.gap\ndata:{"))) {
        read_gap_block(block, out);
    } else if (block.len == 0) {
        out->ended = true;
    } else {
        assert_true(take_line(&block, "id: ", &id));
        assert_true(id.len < sizeof out->last_id);
        memcpy(out->last_id, id.ptr, id.len);
        out->last_id[id.len] = '\0';
        if (gx_span_equal(block, GX_SPAN("\n")))
            out->id_only++;
        else
            read_event(block, id, named, out);
    }
}

/* The next whole WebSocket frame of a server; false where only a part is there. */
static bool next_ws_frame(gx_span *rest, unsigned *first, gx_span *payload)
{
    const unsigned char *head = (const unsigned char *)rest->ptr;
    if (rest->len < 4 && (rest->len < 2 || head[1] > 125))
        return false;
    assert_true(head[1] <= 126); /* unmasked, and no event of a test is longer */
    size_t head_size = head[1] == 126 ? 4 : 2;
    size_t length = head[1] == 126 ? (size_t)head[2] << 8 | head[3] : head[1];
    if (rest->len < head_size + length)
        return false;
    *first = head[0];
    *payload = (gx_span){rest->ptr + head_size, length};
    *rest = (gx_span){payload->ptr + length, rest->len - head_size - length};
    return true;
}

static void read_ws_text(gx_span text, received *out)
{
    gx_event event;
    gx_span data;
    if (gx_span_starts_with(text, GX_SPAN("{\"type\":\"stream.closing\",\"data\":{\"reason\":"))) {
        out->closing = true;
    } else if (gx_span_starts_with(text, GX_SPAN("{\"type\":\"stream.gap\","))) {
        assert_true(gx_json_scan_find(text, "data", &data));
        read_gap(data, out);
    } else {
        assert_true(gx_event_scan(text, &event));
        assert_true(out->count < sizeof out->seqs / sizeof *out->seqs);
        out->seqs[out->count++] = event.seq;
    }
}

static void read_ws_frame(unsigned first, gx_span payload, received *out)
{
    if (first == 0x89) {
        out->heartbeats++;
    } else if (first == 0x88) {
        assert_true(gx_span_starts_with(payload, GX_SPAN("\x03\xe9")));
        out->ended = true;
    } else {
        assert_int_equal(first, 0x81);
        read_ws_text(payload, out);
    }
}

size_t memory_sink_read(const memory_sink *sink, gx_framing framing, received *out)
{
    memset(out, 0, sizeof *out);
    gx_span rest = gx_buffer_span(&sink->got), block;
    unsigned first;
    while (framing == GX_FRAMING_WEBSOCKET && next_ws_frame(&rest, &first, &block))
        read_ws_frame(first, block, out);
    while (framing != GX_FRAMING_WEBSOCKET && next_block(&rest, framing, &block))
        read_block(block, framing == GX_FRAMING_CHUNKED_NAMED || framing == GX_FRAMING_PLAIN_NAMED, out);
    return sink->got.length - rest.len;
}

void assert_received(const memory_sink *sink, gx_framing framing, int64_t first, int64_t last)
{
    static _Thread_local received r;
    size_t whole = memory_sink_read(sink, framing, &r);
    assert_int_equal(whole, sink->got.length);
    assert_int_equal(r.count, last - first + 1);
    for (size_t i = 0; i < r.count; i++)
        assert_int_equal(r.seqs[i], first + (int64_t)i);
}
