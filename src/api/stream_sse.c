/* GET /v1/events/stream: the log as Server-Sent Events, from a cursor on. What is sent is feed/'s; this file takes the
 * connection over and ties the two together.
 *
 * A stream is freed in one place, its connection's `closed`, which comes exactly once, whoever ends it. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/api.h"
#include "api/input.h"
#include "api/nouns.h"
#include "api/stream_start.h"
#include "feed/feed.h"
#include "http/date.h"

enum { RETRY_MS = 2000, FULL_RETRY_AFTER_S = 5 };

typedef struct sse_args {
    gx_stream_start start;
    bool named;
} sse_args;

typedef struct sse_stream {
    gx_api *api;
    gx_http_stream *http;
    gx_subscriber *subscriber; /* NULL when it could not be opened */
    char developer_id[];
} sse_stream;

/* --- the request --- */

static bool parse(gx_call *call)
{
    sse_args *args = call->args;
    int64_t named;
    if (!gx_stream_start_parse(call, &args->start) || !gx_input_query_int(call, "named", 0, 1, 0, &named))
        return false;
    args->named = named == 1;
    return true;
}

static bool run(gx_call *call, gx_act *act)
{
    sse_args *args = call->args;
    return gx_stream_start_find(act, &args->start);
}

/* --- between the subscriber and the connection --- */

static int64_t sink_write(void *context, const gx_span *pieces, unsigned count)
{
    const sse_stream *stream = context;
    uv_buf_t buffers[GX_SINK_MOST_PIECES];
    for (unsigned i = 0; i < count; i++)
        buffers[i] = (uv_buf_t){.base = (char *)pieces[i].ptr, .len = pieces[i].len};
    return gx_http_stream_write(stream->http, buffers, count);
}

static void sink_finish(void *context, gx_span rest, void (*release)(void *reference), void *reference)
{
    const sse_stream *stream = context;
    gx_http_stream_finish(stream->http, rest, release, reference);
}

static void sink_end(void *context, gx_span last)
{
    const sse_stream *stream = context;
    gx_http_stream_close(stream->http, last);
}

static void free_stream(sse_stream *stream)
{
    gx_api_stream_leave(stream->api, stream->developer_id);
    free(stream);
}

static void on_writable(void *owner)
{
    const sse_stream *stream = owner;
    if (stream->subscriber)
        gx_subscriber_writable(stream->subscriber);
}

static void on_closed(void *owner)
{
    sse_stream *stream = owner;
    if (stream->subscriber)
        gx_subscriber_close(stream->subscriber);
    free_stream(stream);
}

static const gx_http_stream_events EVENTS = {.writable = on_writable, .closed = on_closed};

/* --- taking over --- */

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
                     "%s\r\n\r\n",
                     gx_http_date_text(&date, time(NULL)), gx_api_request_id(call),
                     gx_framing_is_chunked(framing) ? "Transfer-Encoding: chunked" : "Connection: close");
    gx_framing_opening(out, framing, RETRY_MS);

    /* Who starts at "now" learns where that is: cut off before his first event, he resumes there and misses nothing.
     * (An empty log has no id to tell.) */
    const gx_stream_start *start = &((const sse_args *)call->args)->start;
    if (start->from == GX_FROM_NOW && start->after.seq > 0)
        gx_framing_cursor(out, framing, gx_span_of(start->after.id));
}

static sse_stream *new_stream(gx_call *call)
{
    const char *developer_id = gx_call_developer(call);
    size_t id_size = strlen(developer_id) + 1;
    sse_stream *stream = calloc(1, sizeof *stream + id_size);
    if (!stream)
        return NULL;
    stream->api = call->api;
    memcpy(stream->developer_id, developer_id, id_size);
    return stream;
}

static void open_subscriber(sse_stream *stream, const gx_stream_start *start, gx_framing framing)
{
    const gx_subscription subscription = {
        .developer_id = stream->developer_id,
        .after = start->after,
        .view = {.filter = start->filter, .not_before_ms = start->not_before_ms, .framing = framing},
    };
    const gx_sink sink = {.write = sink_write, .finish = sink_finish, .end = sink_end, .context = stream};
    stream->subscriber = gx_subscriber_open(gx_api_feed(stream->api), &subscription, &sink);
    if (!stream->subscriber)
        gx_http_stream_close(stream->http, (gx_span){NULL, 0});
}

/* The stream and its place are there already; nothing can be refused any more. */
static void begin(gx_call *call, sse_stream *stream, gx_span head, gx_framing framing)
{
    const sse_args *args = call->args;
    stream->http = gx_http_take_over(call->exchange, head, &EVENTS, stream);
    if (stream->http)
        open_subscriber(stream, &args->start, framing);
    else
        free_stream(stream);
    gx_call_free(call);
}

static bool refuse_no_memory(gx_call *call)
{
    return gx_refuse(&call->problem, 503, "SERVICE_UNAVAILABLE", "The server is out of memory; try again");
}

static bool refuse_one_more(gx_call *call)
{
    gx_refuse(&call->problem, 429, "TOO_MANY_CONNECTIONS", "Too many event streams are open; close one first");
    call->problem.retry_after_s = FULL_RETRY_AFTER_S;
    return false;
}

static bool try_to_begin(gx_call *call)
{
    const gx_framing framing = framing_of(call);
    gx_buffer head = GX_BUFFER_INIT(0);
    write_head(&head, call, framing);
    sse_stream *stream = head.failed ? NULL : new_stream(call);
    bool admitted = stream && gx_api_stream_admit(call->api, stream->developer_id);
    if (admitted)
        begin(call, stream, gx_buffer_span(&head), framing);
    gx_buffer_free(&head);
    if (admitted)
        return true;
    free(stream);
    return stream ? refuse_one_more(call) : refuse_no_memory(call);
}

static void complete(gx_call *call)
{
    if (!try_to_begin(call))
        gx_call_answer_problem(call);
}

static const gx_endpoint ROWS[] = {
    {
        .method = "GET",
        .path = "/v1/events/stream",
        .access = GX_ACCESS_KEY,
        .work = GX_WORK_READ,
        .body = GX_BODY_NONE,
        .args_size = sizeof(sse_args),
        .success = 200,
        .parse = parse,
        .run = run,
        .complete = complete,
    },
};

const gx_endpoints gx_stream_sse_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
