/* What every answer looks like: the headers, the error envelope, the request id. */
#include <string.h>

#include "api/live_call.h"
#include "base/encoding.h"
#include "base/random.h"
#include "wire/json_writer.h"

enum { MOST_ANSWER_BYTES = 64 * 1024 * 1024, MOST_HEADERS = 28, RATE_HEADERS_SIZE = 160 };

void gx_request_id_new(char out[static GX_REQUEST_ID_SIZE])
{
    static const size_t group_bytes[] = {4, 2, 2, 2, 6};
    uint8_t b[16] = {0};
    const uint8_t *group = b;
    gx_random_bytes(b, sizeof b);
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < sizeof group_bytes / sizeof *group_bytes; group += group_bytes[i], i++) {
        if (i > 0)
            *out++ = '-';
        gx_hex_write(out, group, group_bytes[i]);
        out += 2 * group_bytes[i];
    }
}

void gx_answer_render(gx_live_call *live)
{
    const gx_endpoint *endpoint = live->call.endpoint;
    live->answer = (gx_answer){.status = endpoint->success, .body = GX_BUFFER_INIT(MOST_ANSWER_BYTES)};
    if (endpoint->render == NULL)
        return;
    live->answer.content_type = "application/json";
    endpoint->render(&live->call, &live->answer);
}

/* For browsers, whatever the answer is: nothing may frame it, load from it or guess its type, and the address, which
 * may be what lets one decide, is told to nobody. */
#define NO_POLICY "default-src 'none'; frame-ancestors 'none'"

static size_t add_guards(gx_http_header *headers, size_t count, const char *content_policy)
{
    const gx_http_header guards[] = {
        {GX_SPAN("X-Content-Type-Options"), GX_SPAN("nosniff")},
        {GX_SPAN("X-Frame-Options"), GX_SPAN("DENY")},
        {GX_SPAN("X-XSS-Protection"), GX_SPAN("0")}, /* the filters that it starts made holes of their own */
        {GX_SPAN("Referrer-Policy"), GX_SPAN("no-referrer")},
        {GX_SPAN("Permissions-Policy"), GX_SPAN("camera=(), geolocation=(), microphone=()")},
        {GX_SPAN("Content-Security-Policy"), gx_span_of(content_policy == NULL ? NO_POLICY : content_policy)},
    };
    memcpy(headers + count, guards, sizeof guards);
    return count + sizeof guards / sizeof *guards;
}

/* Splits "Name: value\r\nName: value\r\n" into headers. */
static size_t add_lines(gx_http_header *headers, size_t count, const char *lines)
{
    gx_span rest = gx_span_of(lines), line;
    while (count < MOST_HEADERS && gx_span_split(&rest, '\n', &line)) {
        gx_span name;
        if (gx_span_split(&line, ':', &name) && line.len > 0)
            headers[count++] = (gx_http_header){name, gx_span_trim((gx_span){line.ptr, line.len - 1})};
    }
    return count;
}

/* As the hosted service names them: seconds until the minute ends, not the time when. */
static void write_rate(char out[static RATE_HEADERS_SIZE], const gx_rate_verdict *rate)
{
    snprintf(out, RATE_HEADERS_SIZE, "X-RateLimit-Limit: %u\r\nX-RateLimit-Remaining: %u\r\nX-RateLimit-Reset: %u\r\n",
             (unsigned)rate->limit, (unsigned)rate->remaining, (unsigned)rate->reset_s);
}

void gx_answer_send(gx_http_exchange *exchange, const gx_answer_context *context, const gx_answer *answer)
{
    char rate[RATE_HEADERS_SIZE], retry_after[12];
    gx_http_header headers[MOST_HEADERS] = {
        {GX_SPAN("x-request-id"), gx_span_of(context->request_id)},
        {GX_SPAN("Cache-Control"), answer->cache_control ? gx_span_of(answer->cache_control) : GX_SPAN("no-store")},
    };
    size_t count = add_guards(headers, 2, answer->content_policy);
    if (context->hsts != NULL)
        headers[count++] = (gx_http_header){GX_SPAN("Strict-Transport-Security"), gx_span_of(context->hsts)};
    if (context->allow != NULL)
        headers[count++] = (gx_http_header){GX_SPAN("Allow"), gx_span_of(context->allow)};
    if (answer->status == 401)
        headers[count++] = (gx_http_header){GX_SPAN("WWW-Authenticate"), GX_SPAN("Bearer")}; /* RFC 6750 section 3 */
    if (answer->status == 426) { /* RFC 9110 section 15.5.22, RFC 6455 section 4.4 */
        headers[count++] = (gx_http_header){GX_SPAN("Upgrade"), GX_SPAN("websocket")};
        headers[count++] = (gx_http_header){GX_SPAN("Connection"), GX_SPAN("Upgrade")};
        headers[count++] = (gx_http_header){GX_SPAN("Sec-WebSocket-Version"), GX_SPAN("13")};
    }
    if (answer->set_cookie != NULL)
        headers[count++] = (gx_http_header){GX_SPAN("Set-Cookie"), gx_span_of(answer->set_cookie)};
    if (answer->retry_after_s > 0) {
        snprintf(retry_after, sizeof retry_after, "%d", answer->retry_after_s);
        headers[count++] = (gx_http_header){GX_SPAN("Retry-After"), gx_span_of(retry_after)};
    }
    count = gx_cors_add(context->cors, context->origin, headers, count);
    if (context->rate != NULL && context->rate->limit > 0) {
        write_rate(rate, context->rate);
        count = add_lines(headers, count, rate);
    }
    gx_http_answer_send(exchange, &(gx_http_answer){.status = answer->status,
                                                    .content_type = answer->content_type,
                                                    .body = gx_buffer_span(&answer->body),
                                                    .headers = headers,
                                                    .header_count = count});
}

void gx_answer_preflight(gx_http_exchange *exchange, const gx_answer_context *context)
{
    gx_http_header headers[1 + GX_CORS_MOST_HEADERS] = {{GX_SPAN("x-request-id"), gx_span_of(context->request_id)}};
    size_t count = gx_cors_add_preflight(context->origin, gx_span_of(context->allow), headers, 1);
    gx_http_answer_send(exchange, &(gx_http_answer){.status = 204, .headers = headers, .header_count = count});
}

void gx_answer_problem(gx_http_exchange *exchange, const gx_answer_context *context, const gx_problem *problem)
{
    gx_answer answer = {.status = problem->status,
                        .content_type = "application/json",
                        .retry_after_s = problem->retry_after_s > 0 ? problem->retry_after_s : problem->status == 503,
                        .body = GX_BUFFER_INIT(0)};
    gx_json json = gx_json_on(&answer.body);
    gx_json_open_object(&json, NULL);
    gx_json_text(&json, "message", problem->message);
    gx_json_text(&json, "code", problem->code);
    gx_json_text(&json, "requestId", context->request_id);
    gx_json_close_object(&json);
    gx_answer_send(exchange, context, &answer);
    gx_buffer_free(&answer.body);
}
