#include "feed/framing.h"

#include <string.h>

#include "wire/http_chunk.h"
#include "wire/json_writer.h"
#include "wire/sse_writer.h"
#include "wire/ws_writer.h"

/* What there is to say, and how it is said there. NULL: it is not. */
typedef struct language {
    void (*event)(gx_buffer *out, gx_span id, gx_span named_type, gx_span json);
    void (*opening)(gx_buffer *out, int retry_ms);
    void (*cursor)(gx_buffer *out, gx_span id);
    void (*heartbeat)(gx_buffer *out);
    void (*control)(gx_buffer *out, gx_span name, gx_span json);
    void (*goodbye)(gx_buffer *out, const char *reason);
    bool answered;
} language;

static void ws_event(gx_buffer *out, gx_span id, gx_span named_type, gx_span json)
{
    (void)id, (void)named_type; /* both stand in the envelope */
    gx_ws_write(out, GX_WS_OP_TEXT, json);
}

static void ws_heartbeat(gx_buffer *out)
{
    gx_ws_write(out, GX_WS_OP_PING, GX_SPAN(""));
}

/* Without an id: nobody takes it for an event to resume behind. */
static void ws_control(gx_buffer *out, gx_span name, gx_span json)
{
    gx_buffer text = GX_BUFFER_INIT(0);
    gx_json writer = gx_json_on(&text);
    gx_json_open_object(&writer, NULL);
    gx_json_span(&writer, "type", name);
    gx_json_raw(&writer, "data", json);
    gx_json_close_object(&writer);
    gx_ws_write(out, GX_WS_OP_TEXT, gx_buffer_span(&text));
    out->failed = out->failed || text.failed;
    gx_buffer_free(&text);
}

static void ws_goodbye(gx_buffer *out, const char *reason)
{
    gx_ws_write_close(out, GX_WS_GOING_AWAY, gx_span_of(reason));
}

static const language SSE = {
    .event = gx_sse_write_event,
    .opening = gx_sse_write_opening,
    .cursor = gx_sse_write_id_only,
    .heartbeat = gx_sse_write_heartbeat,
    .control = gx_sse_write_control,
};

static const language WEBSOCKET = {
    .event = ws_event,
    .heartbeat = ws_heartbeat,
    .control = ws_control,
    .goodbye = ws_goodbye,
    .answered = true,
};

static const struct form {
    const language *language;
    gx_framing holder;
    bool chunked;
    bool named;
} FORMS[GX_FRAMING_COUNT] = {
    [GX_FRAMING_CHUNKED] = {.language = &SSE, .holder = GX_FRAMING_CHUNKED, .chunked = true},
    [GX_FRAMING_CHUNKED_NAMED] = {&SSE, GX_FRAMING_CHUNKED_NAMED, .chunked = true, .named = true},
    [GX_FRAMING_PLAIN] = {.language = &SSE, .holder = GX_FRAMING_CHUNKED},
    [GX_FRAMING_PLAIN_NAMED] = {.language = &SSE, .holder = GX_FRAMING_CHUNKED_NAMED, .named = true},
    [GX_FRAMING_WEBSOCKET] = {.language = &WEBSOCKET, .holder = GX_FRAMING_WEBSOCKET},
};

gx_transport gx_framing_transport(gx_framing framing)
{
    return FORMS[framing].language == &WEBSOCKET ? GX_TRANSPORT_WEBSOCKET : GX_TRANSPORT_SSE;
}

bool gx_framing_is_chunked(gx_framing framing)
{
    return FORMS[framing].chunked;
}

bool gx_framing_is_answered(gx_framing framing)
{
    return FORMS[framing].language->answered;
}

/* Moves the finished frame to `out`, in its chunk where the framing has one. */
static void emit(gx_buffer *out, gx_framing framing, gx_buffer *frame)
{
    if (FORMS[framing].chunked)
        gx_chunk_write(out, gx_buffer_span(frame));
    else
        gx_buffer_append_span(out, gx_buffer_span(frame));
    out->failed = out->failed || frame->failed;
    gx_buffer_free(frame);
}

void gx_framing_event_by(gx_buffer *scratch, gx_buffer *out, gx_framing framing, gx_span id, gx_span type, gx_span json)
{
    const struct form *form = &FORMS[framing];
    gx_span named_type = form->named ? type : (gx_span){0};
    if (!form->chunked) {
        form->language->event(out, id, named_type, json);
        return;
    }
    gx_buffer_clear(scratch);
    form->language->event(scratch, id, named_type, json);
    gx_chunk_write(out, gx_buffer_span(scratch));
    out->failed = out->failed || scratch->failed;
}

void gx_framing_event(gx_buffer *out, gx_framing framing, gx_span id, gx_span type, gx_span json)
{
    gx_buffer scratch = GX_BUFFER_INIT(0);
    gx_framing_event_by(&scratch, out, framing, id, type, json);
    gx_buffer_free(&scratch);
}

void gx_framing_opening(gx_buffer *out, gx_framing framing, int retry_ms)
{
    gx_buffer frame = GX_BUFFER_INIT(0);
    if (FORMS[framing].language->opening)
        FORMS[framing].language->opening(&frame, retry_ms);
    emit(out, framing, &frame);
}

void gx_framing_cursor(gx_buffer *out, gx_framing framing, gx_span id)
{
    gx_buffer frame = GX_BUFFER_INIT(0);
    if (FORMS[framing].language->cursor)
        FORMS[framing].language->cursor(&frame, id);
    emit(out, framing, &frame);
}

void gx_framing_heartbeat(gx_buffer *out, gx_framing framing)
{
    gx_buffer frame = GX_BUFFER_INIT(0);
    FORMS[framing].language->heartbeat(&frame);
    emit(out, framing, &frame);
}

void gx_framing_control(gx_buffer *out, gx_framing framing, gx_span name, gx_span json)
{
    gx_buffer frame = GX_BUFFER_INIT(0);
    FORMS[framing].language->control(&frame, name, json);
    emit(out, framing, &frame);
}

static void write_closing_json(gx_buffer *out, const char *reason, int reconnect_after_ms)
{
    gx_json json = gx_json_on(out);
    gx_json_open_object(&json, NULL);
    gx_json_text(&json, "reason", reason);
    gx_json_int(&json, "reconnectAfterMs", reconnect_after_ms);
    gx_json_close_object(&json);
}

void gx_framing_closing(gx_buffer *out, gx_framing framing, const char *reason, int reconnect_after_ms)
{
    gx_buffer json = GX_BUFFER_INIT(0);
    write_closing_json(&json, reason, reconnect_after_ms);
    gx_framing_control(out, framing, GX_SPAN("stream.closing"), gx_buffer_span(&json));
    out->failed = out->failed || json.failed;
    gx_buffer_free(&json);
    if (FORMS[framing].language->goodbye)
        FORMS[framing].language->goodbye(out, reason);
    if (FORMS[framing].chunked)
        gx_buffer_append_text(out, GX_CHUNK_LAST);
}

gx_framing gx_framing_holder(gx_framing framing)
{
    return FORMS[framing].holder;
}

static gx_span inside_chunk(gx_span chunk)
{
    const char *head_end = memchr(chunk.ptr, '\n', chunk.len);
    size_t head_length = (size_t)(head_end + 1 - chunk.ptr);
    return (gx_span){head_end + 1, chunk.len - head_length - 2};
}

gx_span gx_framing_inside(gx_framing framing, gx_span bytes_of_holder)
{
    bool chunk = FORMS[FORMS[framing].holder].chunked && !FORMS[framing].chunked;
    return chunk ? inside_chunk(bytes_of_holder) : bytes_of_holder;
}
