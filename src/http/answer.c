/* An answer as bytes, and its way out. */
#include <string.h>
#include <time.h>

#include "http/engine.h"
#include "http/status.h"

#define TYPICAL_HEAD 512

static void append_header(gx_buffer *head, gx_span name, gx_span value)
{
    gx_buffer_append_span(head, name);
    gx_buffer_append_text(head, ": ");
    gx_buffer_append_span(head, value);
    gx_buffer_append_text(head, "\r\n");
}

/* A CR or LF in a value would let whoever wrote it add headers, or an answer of his own. */
static bool stays_on_its_line(gx_span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '\r' || text.ptr[i] == '\n' || text.ptr[i] == '\0')
            return false;
    return true;
}

static bool has_content(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

static void append_connection(gx_buffer *head, const gx_http_request *request, bool last)
{
    if (last)
        append_header(head, GX_SPAN("Connection"), GX_SPAN("close"));
    else if (request->minor_version == 0) /* 1.0 would close after this one if it were not told */
        append_header(head, GX_SPAN("Connection"), GX_SPAN("keep-alive"));
}

static void append_content_headers(gx_buffer *head, const gx_http_answer *answer)
{
    gx_span type = gx_span_of(answer->content_type);
    if (type.len > 0 && stays_on_its_line(type))
        append_header(head, GX_SPAN("Content-Type"), type);
    gx_buffer_append_text(head, "Content-Length: ");
    gx_buffer_append_int(head, (long long)answer->body.len);
    gx_buffer_append_text(head, "\r\n");
}

static void write_head(gx_buffer *head, const gx_http_request *request, const gx_http_answer *answer, const char *date,
                       bool last)
{
    gx_buffer_reserve(head, TYPICAL_HEAD);
    gx_buffer_append_text(head, "HTTP/1.1 ");
    gx_buffer_append_int(head, answer->status);
    gx_buffer_append_char(head, ' ');
    gx_buffer_append_text(head, gx_http_status_phrase(answer->status));
    gx_buffer_append_text(head, "\r\n");
    append_header(head, GX_SPAN("Date"), gx_span_of(date));
    if (has_content(answer->status))
        append_content_headers(head, answer);
    append_connection(head, request, last);
    for (size_t i = 0; i < answer->header_count; i++)
        if (stays_on_its_line(answer->headers[i].name) && stays_on_its_line(answer->headers[i].value))
            append_header(head, answer->headers[i].name, answer->headers[i].value);
    gx_buffer_append_text(head, "\r\n");
}

static void on_written(uv_write_t *write, int status)
{
    gx_http_connection *connection = write->handle->data;
    gx_http_send_free(write);
    if (status == 0 && connection->phase == GX_HTTP_SENDING)
        gx_http_connection_answered(connection);
    else
        gx_http_connection_close(connection);
}

/* Afterwards the phase tells: HANDLING when all has gone out, SENDING when some is queued, CLOSING when broken. */
static void send_answer(gx_http_connection *connection, gx_span head, gx_span body)
{
    uv_buf_t pieces[] = {{.base = (char *)head.ptr, .len = head.len}, {.base = (char *)body.ptr, .len = body.len}};
    unsigned count = body.len > 0 ? 2 : 1;
    int64_t taken = gx_http_send_some(connection, pieces, count);
    if (taken < 0 || (size_t)taken == head.len + body.len)
        return;
    if (!gx_http_send_rest(connection, pieces, count, (size_t)taken, on_written)) {
        gx_http_connection_close(connection);
        return;
    }
    gx_http_connection_sending(connection);
}

static void answer_connected(gx_http_exchange *exchange, const gx_http_answer *answer)
{
    gx_http_connection *connection = exchange->connection;
    gx_http_server *server = connection->server;
    const gx_http_request *request = gx_http_exchange_request(exchange);
    bool with_body = has_content(answer->status) && !gx_span_equal(request->method, GX_SPAN("HEAD"));
    gx_buffer head = GX_BUFFER_INIT(0);
    connection->last_answer = exchange->last || server->draining;
    write_head(&head, request, answer, gx_http_date_text(&server->date, time(NULL)), connection->last_answer);
    if (head.failed)
        gx_http_connection_close(connection);
    else
        send_answer(connection, gx_buffer_span(&head), with_body ? answer->body : GX_SPAN(""));
    gx_buffer_free(&head);
}

void gx_http_answer_send(gx_http_exchange *exchange, const gx_http_answer *answer)
{
    gx_http_connection *connection = exchange->connection;
    bool connected = connection->phase == GX_HTTP_HANDLING;
    if (connected)
        answer_connected(exchange, answer);
    bool all_sent = connected && connection->phase == GX_HTTP_HANDLING;
    gx_http_exchange_end(exchange); /* the connection may be gone with it, if it was not connected */
    if (all_sent)
        gx_http_connection_answered(connection);
}
