/* GET /v1/events/stream: the log as Server-Sent Events, from a cursor on. What is sent is feed/'s; this file reads the
 * request and writes the head. */
#include <stdlib.h>
#include <time.h>

#include "api/input.h"
#include "api/nouns.h"
#include "api/stream_probe.h"
#include "api/stream_socket.h"
#include "http/date.h"

enum { RETRY_MS = 2000 };

typedef struct sse_args {
    gx_stream_start start;
    bool named;
    int64_t probe_ms; /* 0: none */
} sse_args;

/* --- the request --- */

static bool parse(gx_call *call)
{
    sse_args *args = call->args;
    int64_t named;
    if (!gx_stream_start_parse(call, &args->start) || !gx_input_query_int(call, "named", 0, 1, 0, &named) ||
        !gx_stream_probe_parse(call, &args->probe_ms))
        return false;
    args->named = named == 1;
    return true;
}

static bool run(gx_call *call, gx_act *act)
{
    sse_args *args = call->args;
    return gx_stream_has_room(call, act) && gx_stream_start_find(act, &args->start);
}

/* --- the answer --- */

static gx_framing framing_of(const gx_call *call)
{
    const sse_args *args = call->args;
    if (call->request->minor_version == 0)
        return args->named ? GX_FRAMING_PLAIN_NAMED : GX_FRAMING_PLAIN;
    return args->named ? GX_FRAMING_CHUNKED_NAMED : GX_FRAMING_CHUNKED;
}

/* Headers and the first bytes of the body, for one write. */
static void write_head(gx_buffer *out, const gx_call *call, gx_framing framing)
{
    gx_http_date date = {0};
    gx_buffer_printf(out,
                     "HTTP/1.1 200 OK\r\n"
                     "Date: %s\r\n"
                     "Content-Type: text/event-stream; charset=utf-8\r\n"
                     "Cache-Control: no-cache, no-transform\r\n"
                     "X-Accel-Buffering: no\r\n"
                     "X-Content-Type-Options: nosniff\r\n"
                     "x-request-id: %s\r\n"
                     "%s\r\n",
                     gx_http_date_text(&date, time(NULL)), gx_api_request_id(call),
                     gx_framing_is_chunked(framing) ? "Transfer-Encoding: chunked" : "Connection: close");
    gx_cors_write(gx_api_cors(call->api), call->request, out);
    if (gx_api_hsts(call->api) != NULL)
        gx_buffer_printf(out, "Strict-Transport-Security: %s\r\n", gx_api_hsts(call->api));
    gx_buffer_append_text(out, "\r\n");
    gx_framing_opening(out, framing, RETRY_MS);

    /* Who starts at "now" learns where that is: cut off before his first event, he resumes there and misses nothing.
     * (An empty log has no id to tell.) */
    const sse_args *args = call->args;
    const gx_stream_start *start = &args->start;
    if (start->from == GX_FROM_NOW && start->after.seq > 0)
        gx_framing_cursor(out, framing, gx_span_of(start->after.id));
    if (args->probe_ms > 0)
        gx_stream_probe_opening(out, call, framing, args->probe_ms);
}

static void complete(gx_call *call)
{
    const gx_framing framing = framing_of(call);
    gx_buffer head = GX_BUFFER_INIT(0);
    write_head(&head, call, framing);
    const sse_args *args = call->args;
    gx_stream_socket *socket =
        args->probe_ms > 0 ? gx_stream_probe_new(framing, args->probe_ms) : calloc(1, sizeof *socket);
    gx_stream_socket_begin(call, socket, &head, &args->start, framing);
    gx_buffer_free(&head);
}

static const gx_endpoint ROWS[] = {
    {
        .method = "GET",
        .path = "/v1/events/stream",
        .access = GX_KEY_EVENTS_READ,
        .work = GX_WORK_READ,
        .body = GX_BODY_NONE,
        .args_size = sizeof(sse_args),
        .takes_ticket = true,
        .success = 200,
        .parse = parse,
        .run = run,
        .complete = complete,
    },
};

const gx_endpoints gx_stream_sse_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
