#include "api/stream_socket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { MOST_USER_AGENT = 160 };

/* --- between the subscriber and the connection --- */

static int64_t sink_write(void *context, const gx_span *pieces, unsigned count)
{
    const gx_stream_socket *socket = context;
    uv_buf_t buffers[GX_SINK_MOST_PIECES];
    for (unsigned i = 0; i < count; i++)
        buffers[i] = (uv_buf_t){.base = (char *)pieces[i].ptr, .len = pieces[i].len};
    return gx_http_stream_write(socket->http, buffers, count);
}

static void sink_finish(void *context, gx_span rest, void (*release)(void *reference), void *reference)
{
    const gx_stream_socket *socket = context;
    gx_http_stream_finish(socket->http, rest, release, reference);
}

static void sink_end(void *context, gx_span last)
{
    const gx_stream_socket *socket = context;
    gx_http_stream_close(socket->http, last);
}

static void discard(gx_stream_socket *socket)
{
    if (socket == NULL)
        return;
    if (socket->release != NULL)
        socket->release(socket);
    free(socket->user_agent);
    free(socket);
}

static void leave(gx_stream_socket *socket)
{
    gx_stream_ledger_leave(gx_api_streams(socket->api), socket->developer_id);
    discard(socket);
}

static void on_writable(void *owner)
{
    const gx_stream_socket *socket = owner;
    if (socket->subscriber)
        gx_subscriber_writable(socket->subscriber);
}

static void on_closed(void *owner)
{
    gx_stream_socket *socket = owner;
    if (socket->subscriber)
        gx_subscriber_close(socket->subscriber);
    leave(socket);
}

static void on_received(void *owner, gx_span bytes)
{
    gx_stream_socket *socket = owner;
    socket->received(socket, bytes);
}

static const gx_http_stream_events SPEAKING = {.writable = on_writable, .closed = on_closed};
static const gx_http_stream_events LISTENING = {.writable = on_writable, .closed = on_closed, .received = on_received};

/* --- taking over --- */

/* What the client sent along with its request is understood before anything is delivered: it may change the filter. */
static void open_subscriber(gx_stream_socket *socket, const gx_call *call, const gx_stream_start *start,
                            gx_framing framing)
{
    const gx_subscription subscription = {
        .developer_id = socket->developer_id,
        .key_hash = gx_call_key_hash(call),
        .key_expires_at = gx_call_key_expires_at(call),
        .session_ends_at = gx_call_session_ends_at(call),
        .after = start->after,
        .view = {.filter = start->filter,
                 .not_before_ms = start->not_before_ms,
                 .framing = framing,
                 .quiet = socket->quiet},
        .held = true,
    };
    const gx_sink sink = {.write = sink_write, .finish = sink_finish, .end = sink_end, .context = socket};
    socket->subscriber = gx_subscriber_open(gx_api_feed(socket->api), &subscription, &sink);
    if (!socket->subscriber) {
        gx_http_stream_close(socket->http, (gx_span){NULL, 0});
        return;
    }
    if (socket->opened)
        socket->opened(socket);
    if (socket->received)
        gx_http_stream_listen(socket->http);
    gx_subscriber_writable(socket->subscriber);
}

/* The stream and its place are there already; nothing can be refused any more. */
static void take_over(gx_call *call, gx_stream_socket *socket, gx_span head, const gx_stream_start *start,
                      gx_framing framing)
{
    const gx_http_stream_events *events = socket->received ? &LISTENING : &SPEAKING;
    socket->http = gx_http_take_over(call->exchange, head, events, socket);
    if (socket->http)
        open_subscriber(socket, call, start, framing);
    else
        leave(socket);
    gx_call_free(call);
}

static bool refuse_no_memory(gx_call *call)
{
    return gx_refuse(&call->problem, 503, "SERVICE_UNAVAILABLE", "The server is out of memory; try again");
}

/* For who looks at the open streams; without memory it stays unknown. */
static void describe(gx_stream_socket *socket, const gx_call *call)
{
    gx_span agent = gx_span_trim(gx_http_header_find(call->request, "User-Agent"));
    if (agent.len > MOST_USER_AGENT)
        agent.len = MOST_USER_AGENT;
    socket->client = gx_client_address_of(call->request, gx_api_behind_proxy(call->api));
    socket->opened_at_ms = gx_clock_wall_ms();
    socket->user_agent = agent.len > 0 ? strndup(agent.ptr, agent.len) : NULL;
    for (char *c = socket->user_agent; c != NULL && *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
}

static bool admit(gx_call *call, gx_stream_socket *socket, const gx_buffer *head)
{
    if (socket == NULL || head->failed)
        return refuse_no_memory(call);
    socket->api = call->api;
    snprintf(socket->developer_id, sizeof socket->developer_id, "%s", gx_call_developer(call));
    describe(socket, call);
    return gx_stream_admitted(gx_stream_ledger_admit(gx_api_streams(call->api), socket->developer_id), &call->problem);
}

void gx_stream_socket_begin(gx_call *call, gx_stream_socket *socket, const gx_buffer *head,
                            const gx_stream_start *start, gx_framing framing)
{
    if (admit(call, socket, head)) {
        take_over(call, socket, gx_buffer_span(head), start, framing);
    } else {
        discard(socket);
        gx_call_answer_problem(call);
    }
}
