#include "api/stream_probe.h"

#include <stdlib.h>

#include "api/input.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "wire/json_writer.h"

/* More of a header than anybody needs to recognize it. */
enum { MOST_ECHO = 200 };

/* The timer is a handle of the loop and dies later than the stream. */
typedef struct ticker {
    uv_timer_t timer;
    struct probe *probe;
} ticker;

typedef struct probe {
    gx_stream_socket socket;
    gx_framing framing;
    int64_t every_ms;
    int64_t written;
    ticker *ticker;
} probe;

bool gx_stream_probe_parse(gx_call *call, int64_t *every_ms)
{
    return gx_input_query_int(call, "probe", GX_PROBE_LEAST_MS, GX_PROBE_MOST_MS, 0, every_ms);
}

/* --- frames --- */

static void write_frame(gx_buffer *out, gx_framing framing, const gx_buffer *json)
{
    gx_framing_control(out, framing, GX_SPAN("stream.probe"), gx_buffer_span(json));
    out->failed = out->failed || json->failed;
}

static void echo_header(gx_json *json, const char *key, const gx_http_request *request, const char *name)
{
    gx_span value = gx_span_trim(gx_http_header_find(request, name));
    if (value.ptr && gx_utf8_valid(value))
        gx_json_span(json, key, (gx_span){value.ptr, value.len < MOST_ECHO ? value.len : 0});
}

void gx_stream_probe_opening(gx_buffer *out, const gx_call *call, gx_framing framing, int64_t every_ms)
{
    gx_buffer text = GX_BUFFER_INIT(0);
    gx_json json = gx_json_on(&text);
    gx_json_open_object(&json, NULL);
    gx_json_int(&json, "n", 0);
    gx_json_time(&json, "time", gx_clock_wall_ms());
    gx_json_int(&json, "everyMs", every_ms);
    gx_json_int(&json, "heartbeatMs", gx_feed_heartbeat_ms(gx_api_feed(call->api)));
    gx_json_text(&json, "httpVersion", call->request->minor_version == 0 ? "1.0" : "1.1");
    echo_header(&json, "connection", call->request, "Connection");
    gx_json_close_object(&json);
    write_frame(out, framing, &text);
    gx_buffer_free(&text);
}

static void say(probe *self)
{
    gx_buffer text = GX_BUFFER_INIT(0), frame = GX_BUFFER_INIT(0);
    gx_json json = gx_json_on(&text);
    gx_json_open_object(&json, NULL);
    gx_json_int(&json, "n", ++self->written);
    gx_json_time(&json, "time", gx_clock_wall_ms());
    gx_json_close_object(&json);
    write_frame(&frame, self->framing, &text);
    if (!frame.failed)
        gx_subscriber_say(self->socket.subscriber, &frame);
    gx_buffer_free(&frame);
    gx_buffer_free(&text);
}

/* --- its life --- */

static void on_timer(uv_timer_t *timer)
{
    say(((const ticker *)timer->data)->probe);
}

static void free_ticker(uv_handle_t *handle)
{
    free(handle->data);
}

static void opened(gx_stream_socket *socket)
{
    probe *self = (probe *)socket;
    ticker *made = self->ticker;
    uv_timer_init(gx_http_stream_loop(socket->http), &made->timer);
    made->timer.data = made;
    made->probe = self;
    uv_timer_start(&made->timer, on_timer, (uint64_t)self->every_ms, (uint64_t)self->every_ms);
}

static void release(gx_stream_socket *socket)
{
    ticker *made = ((probe *)socket)->ticker;
    if (made->probe)
        uv_close((uv_handle_t *)&made->timer, free_ticker);
    else
        free(made);
}

gx_stream_socket *gx_stream_probe_new(gx_framing framing, int64_t every_ms)
{
    probe *self = calloc(1, sizeof *self);
    ticker *made = calloc(1, sizeof *made);
    if (!self || !made) {
        free(self);
        free(made);
        return NULL;
    }
    self->socket.opened = opened;
    self->socket.release = release;
    self->socket.quiet = true;
    self->framing = framing;
    self->every_ms = every_ms;
    self->ticker = made;
    return &self->socket;
}
