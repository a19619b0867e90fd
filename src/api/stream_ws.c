/* GET /v1/events/ws: the log over a WebSocket (RFC 6455): one text frame per event, the same JSON and the same cursors
 * as Server-Sent Events. What is sent is feed/'s; this file reads the request and what the client sends later.
 *
 * A client's {"types":[…]} is its new filter. What is not that is passed over, as existing clients expect; but a type
 * that nobody knows closes the stream with 1008: a filter that is silently another one would hide events. */
#include <jansson.h>
#include <stdlib.h>

#include "api/nouns.h"
#include "api/stream_socket.h"
#include "api/ws_upgrade.h"
#include "wire/ws_parser.h"
#include "json/load.h"

enum { MOST_MESSAGE = 64 * 1024 };

typedef struct ws_stream {
    gx_stream_socket socket; /* first */
    gx_ws_parser parser;
} ws_stream;

/* --- the request --- */

static bool check_origin(gx_call *call)
{
    return gx_cors_admits(gx_api_cors(call->api), call->request) ||
           gx_refuse(&call->problem, 403, "FORBIDDEN", "Origin: pages of this origin are not allowed here");
}

static bool parse(gx_call *call)
{
    return gx_ws_upgrade_check(call) && check_origin(call) && gx_stream_start_parse(call, call->args);
}

static bool run(gx_call *call, gx_act *act)
{
    return gx_stream_has_room(call, act) && gx_stream_start_find(act, call->args);
}

/* --- what the client sends --- */

static void close_with(ws_stream *stream, unsigned code, gx_span reason)
{
    gx_buffer last = GX_BUFFER_INIT(0);
    gx_ws_write_close(&last, code, reason);
    gx_http_stream_close(stream->socket.http, last.failed ? (gx_span){NULL, 0} : gx_buffer_span(&last));
    gx_buffer_free(&last);
}

static void refuse_type(ws_stream *stream, gx_span type)
{
    gx_buffer reason = GX_BUFFER_INIT(0);
    gx_buffer_append_text(&reason, "INVALID_EVENT_TYPE: ");
    gx_buffer_append_span(&reason, type);
    close_with(stream, GX_WS_POLICY, gx_buffer_span(&reason));
    gx_buffer_free(&reason);
}

static gx_span text_of(const json_t *value)
{
    return (gx_span){json_string_value(value), json_string_length(value)};
}

/* An empty list blocks everything. False: *unknown is no type. */
static bool read_filter(const json_t *types, gx_event_filter *filter, gx_span *unknown)
{
    size_t index;
    const json_t *value;
    *filter = 0;
    json_array_foreach(types, index, value)
    {
        *unknown = text_of(value);
        if (!json_is_string(value) || !gx_event_filter_add(filter, *unknown, unknown))
            return false;
    }
    return true;
}

static void take_text(ws_stream *stream, gx_span text)
{
    bool no_memory;
    json_t *message = gx_json_load(text, 0, NULL, &no_memory);
    if (no_memory) { /* it may have been a filter: one that is passed over would be another filter */
        close_with(stream, GX_WS_SERVER_FAULT, GX_SPAN("short of memory"));
        return;
    }
    const json_t *types = json_object_get(message, "types");
    gx_event_filter filter;
    gx_span unknown;
    if (json_is_array(types) && read_filter(types, &filter, &unknown))
        gx_subscriber_filter(stream->socket.subscriber, filter);
    else if (json_is_array(types))
        refuse_type(stream, unknown);
    json_decref(message);
}

static void take_ping(ws_stream *stream, gx_span payload)
{
    gx_buffer pong = GX_BUFFER_INIT(0);
    gx_ws_write(&pong, GX_WS_OP_PONG, payload);
    if (pong.failed)
        gx_buffer_free(&pong);
    else
        gx_subscriber_say(stream->socket.subscriber, &pong);
}

static void take(ws_stream *stream, const gx_ws_message *message)
{
    switch (message->found) {
    case GX_WS_TEXT:
        take_text(stream, message->payload);
        break;
    case GX_WS_PING:
        take_ping(stream, message->payload);
        break;
    case GX_WS_PONG:
        break; /* that something came is all it says */
    case GX_WS_BINARY:
        close_with(stream, GX_WS_UNSUPPORTED, GX_SPAN("only text is understood"));
        break;
    case GX_WS_CLOSE: /* answered with its own code */
        close_with(stream, message->code, (gx_span){NULL, 0});
        break;
    case GX_WS_BROKEN:
        close_with(stream, message->code, message->payload);
        break;
    }
}

/* Several may come at once. What stands behind one that closed the stream is not looked at, because
 * gx_http_stream_close has ended what `take` could do. */
static void received(gx_stream_socket *socket, gx_span bytes)
{
    ws_stream *stream = (ws_stream *)socket;
    gx_ws_message message;
    gx_subscriber_heard(socket->subscriber);
    while (gx_ws_parser_next(&stream->parser, &bytes, &message))
        take(stream, &message);
}

static void release(gx_stream_socket *socket)
{
    gx_ws_parser_free(&((ws_stream *)socket)->parser);
}

/* --- the answer --- */

static void write_head(gx_buffer *out, const gx_call *call)
{
    char accept[GX_WS_ACCEPT_SIZE];
    gx_span key = gx_span_trim(gx_http_header_find(call->request, "Sec-WebSocket-Key"));
    if (!gx_ws_upgrade_accept(key, accept)) {
        out->failed = true;
        return;
    }
    gx_buffer_printf(out,
                     "HTTP/1.1 101 Switching Protocols\r\n"
                     "Upgrade: websocket\r\n"
                     "Connection: Upgrade\r\n"
                     "Sec-WebSocket-Accept: %s\r\n"
                     "x-request-id: %s\r\n\r\n",
                     accept, gx_api_request_id(call));
}

static gx_stream_socket *new_stream(void)
{
    ws_stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return NULL;
    stream->socket.received = received;
    stream->socket.release = release;
    gx_ws_parser_init(&stream->parser, MOST_MESSAGE);
    return &stream->socket;
}

static void complete(gx_call *call)
{
    gx_buffer head = GX_BUFFER_INIT(0);
    write_head(&head, call);
    gx_stream_socket_begin(call, new_stream(), &head, call->args, GX_FRAMING_WEBSOCKET);
    gx_buffer_free(&head);
}

static const gx_endpoint ROWS[] = {
    {
        .method = "GET",
        .path = "/v1/events/ws",
        .access = GX_KEY_EVENTS_READ,
        .work = GX_WORK_READ,
        .body = GX_BODY_NONE,
        .args_size = sizeof(gx_stream_start),
        .takes_ticket = true,
        .success = 101,
        .parse = parse,
        .run = run,
        .complete = complete,
    },
};

const gx_endpoints gx_stream_ws_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
