#include <stdio.h>
#include <string.h>

#include "lib/fail.h"
#include "lib/json_value.h"
#include "lib/stream.h"
#include "wire/json_scan.h"
#include "wire/sse_parser.h"

static gx_span span_of(grantex_text text)
{
    return (gx_span){text.text, text.length};
}

/* --- where we are ------------------------------------------------------------------------------------------------- */

static void set_text(char *out, size_t size, gx_span text)
{
    size_t length = text.len < size ? text.len : 0; /* too long to be sent back: as if there were none */
    if (length > 0)
        memcpy(out, text.ptr, length);
    out[length] = '\0';
}

/* All that was parsed so far has been handed out, or was nothing to hand out. */
static void move_cursor(grantex_stream *stream)
{
    gx_position *position = &stream->position;
    set_text(position->id, sizeof position->id, span_of(grantex_sse_parser_last_event_id(stream->parser)));
    position->reached = true;
}

/* --- events ------------------------------------------------------------------------------------------------------- */

static void report_dropped(grantex_stream *stream, grantex_status status, const char *why)
{
    grantex_error error;
    gx_fail(&error, status, "%s", why);
    gx_stream_count(&stream->counts.dropped, 1);
    gx_stream_notify(stream, &(grantex_notice){.kind = GRANTEX_NOTICE_DROPPED, .error = &error});
}

static void report_gap(grantex_stream *stream, int64_t missed, grantex_text detail)
{
    gx_stream_count(&stream->counts.gaps, 1);
    gx_stream_notify(stream, &(grantex_notice){.kind = GRANTEX_NOTICE_GAP, .missed = missed, .detail = detail});
}

/* Sequence numbers have no holes, so on a stream of everything a hole is a loss. */
static void check_sequence(grantex_stream *stream, int64_t seq)
{
    int64_t missed = seq - stream->last_seq - 1;
    bool known = !stream->settings.types && stream->last_seq > 0 && seq > 0;
    stream->last_seq = seq;
    if (known && missed > 0)
        report_gap(stream, missed, (grantex_text){0});
}

/* A number that is higher than the one before needs no search: who counts does not count one event twice. */
static bool is_new(grantex_stream *stream, const gx_event *event)
{
    if (stream->last_seq == 0 || event->seq <= stream->last_seq)
        return gx_recent_add(stream->recent, event->id);
    gx_recent_append(stream->recent, event->id);
    return true;
}

/* GRANTEX_TIMEOUT: it is nothing for the caller. */
static grantex_status take_event(grantex_stream *stream, const grantex_sse_frame *frame)
{
    gx_event event;
    if (!gx_event_scan(span_of(frame->data), &event)) {
        report_dropped(stream, GRANTEX_E_PROTOCOL, "A message that is not an event was left out");
        return GRANTEX_TIMEOUT;
    }
    if (!gx_stream_settings_want(&stream->settings, event.type)) {
        gx_stream_count(&stream->counts.filtered, 1);
        return GRANTEX_TIMEOUT;
    }
    if (!gx_event_record_set(&stream->event, &event, frame->data))
        return GRANTEX_E_NO_MEMORY;
    bool unproven = stream->unproven;
    stream->unproven = false;
    if (!is_new(stream, &event)) { /* the server went back far enough */
        gx_stream_count(&stream->counts.duplicates, 1);
        return GRANTEX_TIMEOUT;
    }
    if (unproven)
        report_gap(stream, -1, (grantex_text){0});

    check_sequence(stream, event.seq);
    if (event.timestamp.len > 0)
        set_text(stream->position.since + strlen(GX_CURSOR_BY_TIME), GX_TIME_SIZE, event.timestamp);
    stream->failures = 0;
    gx_stream_count(&stream->counts.events, 1);
    return GRANTEX_OK;
}

/* --- control frames ----------------------------------------------------------------------------------------------- */

static int64_t read_number(grantex_text json, const char *key, int64_t otherwise)
{
    gx_span value;
    int64_t number;
    bool found = gx_json_scan_find(span_of(json), key, &value) && gx_json_integer(value, &number);
    return found ? number : otherwise;
}

/* {"total":7,"token.issued":7,…}, or a number alone; -1: it does not say. */
static int64_t read_missed(grantex_text json)
{
    gx_span missed, total;
    int64_t number;
    if (!gx_json_scan_find(span_of(json), "missed", &missed))
        return -1;
    if (gx_json_scan_find(missed, "total", &total))
        missed = total;
    return gx_json_integer(missed, &number) ? number : -1;
}

static void obey_gap(grantex_stream *stream, const grantex_sse_frame *frame)
{
    stream->last_seq = 0; /* said once is enough */
    report_gap(stream, read_missed(frame->data), frame->data);
}

static void obey_closing(grantex_stream *stream, const grantex_sse_frame *frame)
{
    move_cursor(stream);
    gx_stream_blame(stream, GRANTEX_END, "The server is closing the stream");
    if (stream->settings.reconnect == GRANTEX_RECONNECT_NEVER)
        gx_stream_end(stream);
    else
        gx_stream_come_back(stream, read_number(frame->data, "reconnectAfterMs", 0), GRANTEX_NOTICE_CLOSING,
                            frame->data);
}

static const struct {
    const char *type;
    void (*obey)(grantex_stream *stream, const grantex_sse_frame *frame);
} controls[] = {
    {"stream.gap", obey_gap},
    {"stream.closing", obey_closing},
};

/* "stream.…" is the server talking about the stream; what this version does not know is none of its business. */
static bool take_control(grantex_stream *stream, const grantex_sse_frame *frame)
{
    if (!gx_span_starts_with(span_of(frame->type), GX_SPAN("stream.")))
        return false;
    for (size_t i = 0; i < sizeof controls / sizeof controls[0]; i++)
        if (gx_span_equal(span_of(frame->type), gx_span_of(controls[i].type)))
            controls[i].obey(stream, frame);
    return true;
}

/* --- bytes -------------------------------------------------------------------------------------------------------- */

static grantex_status parse(grantex_stream *stream, grantex_sse_frame *frame)
{
    char *bytes = stream->input.data + stream->parsed;
    size_t length = stream->input.length - stream->parsed;
    grantex_status status = gx_sse_parser_next_in_place(stream->parser, &bytes, &length, frame);
    stream->parsed = stream->input.length - length;
    return status;
}

static grantex_status take_frame(grantex_stream *stream)
{
    grantex_sse_frame frame;
    grantex_status status = parse(stream, &frame);
    if (status == GRANTEX_E_TOO_LARGE)
        report_dropped(stream, status, "An event larger than max_event_bytes was left out");
    if (status != GRANTEX_OK || take_control(stream, &frame))
        return status == GRANTEX_E_NO_MEMORY ? status : GRANTEX_TIMEOUT;
    return take_event(stream, &frame);
}

grantex_status gx_stream_read(grantex_stream *stream)
{
    bool any = stream->input.length > 0;
    while (stream->phase == GX_PHASE_OPEN && stream->parsed < stream->input.length) {
        grantex_status status = take_frame(stream);
        if (atomic_load(&stream->cancelled)) /* by a notice perhaps: what stands behind it is not handed out any more */
            return GRANTEX_E_CANCELLED;
        if (status == GRANTEX_OK)
            move_cursor(stream);
        if (status != GRANTEX_TIMEOUT)
            return status;
    }
    if (stream->phase == GX_PHASE_OPEN && any) {
        move_cursor(stream);
        gx_buffer_clear(&stream->input);
        stream->parsed = 0;
    }
    return GRANTEX_TIMEOUT;
}
