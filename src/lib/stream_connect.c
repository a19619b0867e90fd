#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/timestamp.h"
#include "lib/backoff.h"
#include "lib/fail.h"
#include "lib/stream.h"
#include "lib/url.h"

#define BACKOFF_BASE_MS  500
#define SHORTEST_WAIT_MS 100    /* also when the server says "retry: 0" */
#define RETRY_AFTER_MOST 600000 /* a server that says more is asked again after ten minutes */
#define REFUSAL_MS       5000   /* for the body of an error answer */
#define REFUSAL_BYTES    65536
#define INPUT_BYTES      8192 /* that came and are not parsed yet: then reading waits */
#define HEALTHY_AFTER_MS 30000
#define OWN_HEADERS      6

/* --- reasons ------------------------------------------------------------------------------------------------------ */

void gx_stream_blame(grantex_stream *stream, grantex_status status, const char *format, ...)
{
    stream->last = (grantex_error){.status = status};
    va_list values;
    va_start(values, format);
    vsnprintf(stream->last.message, sizeof stream->last.message, format, values);
    va_end(values);
}

void gx_stream_notify(grantex_stream *stream, const grantex_notice *notice)
{
    grantex_notice whole = *notice;
    if (!whole.detail.text)
        whole.detail = (grantex_text){"", 0};
    if (stream->settings.on_notice)
        stream->settings.on_notice(&whole, stream->settings.notice_user);
}

static void enter(grantex_stream *stream, gx_phase phase, int64_t until)
{
    stream->phase = phase;
    stream->phase_until = until;
    stream->ran_out = false;
}

static void drop_connection(grantex_stream *stream)
{
    gx_transport_stop(stream->transport);
    gx_buffer_clear(&stream->input);
    stream->parsed = 0;
    atomic_store(&stream->counts.connected_at, 0);
}

void gx_stream_end(grantex_stream *stream)
{
    drop_connection(stream);
    enter(stream, GX_PHASE_ENDED, GX_NEVER);
    gx_stream_notify(stream, &(grantex_notice){.kind = GRANTEX_NOTICE_END, .error = &stream->last});
}

/* --- coming back -------------------------------------------------------------------------------------------------- */

static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

/* The server's `retry:` is the least; what it says for this once (Retry-After, reconnectAfterMs) may be more. */
static int64_t next_delay(const grantex_stream *stream, int64_t asked_ms)
{
    int64_t retry =
        clamp(grantex_sse_parser_retry_ms(stream->parser), SHORTEST_WAIT_MS, stream->settings.max_backoff_ms);
    int64_t floor_ms = clamp(asked_ms, retry, RETRY_AFTER_MOST);
    return gx_backoff_ms(stream->failures, floor_ms, BACKOFF_BASE_MS, stream->settings.max_backoff_ms);
}

void gx_stream_come_back(grantex_stream *stream, int64_t delay_ms, grantex_notice_kind kind, grantex_text detail)
{
    if (stream->phase == GX_PHASE_OPEN && gx_clock_monotonic_ms() - stream->open_since >= HEALTHY_AFTER_MS)
        stream->failures = 0;
    int64_t delay = next_delay(stream, delay_ms);
    stream->failures++;
    if (stream->settings.max_attempts && stream->failures >= stream->settings.max_attempts) {
        gx_stream_end(stream);
        return;
    }
    enter(stream, GX_PHASE_WAITING, gx_clock_monotonic_ms() + delay);
    gx_stream_notify(stream, &(grantex_notice){.kind = kind,
                                               .attempt = stream->failures,
                                               .delay_ms = delay,
                                               .error = kind == GRANTEX_NOTICE_RETRYING ? &stream->last : NULL,
                                               .detail = detail});
    drop_connection(stream); /* not before: the detail may stand in the bytes that came */
}

/* A fault that heals, if the caller lets it. */
static void suffer(grantex_stream *stream, int64_t delay_ms)
{
    if (stream->settings.reconnect == GRANTEX_RECONNECT_NEVER)
        gx_stream_end(stream);
    else
        gx_stream_come_back(stream, delay_ms, GRANTEX_NOTICE_RETRYING, (grantex_text){0});
}

static void suffer_fault(grantex_stream *stream, const gx_response *response)
{
    bool memory = response->fault == GX_TRANSPORT_FAULT_MEMORY || response->fault == GX_TRANSPORT_FAULT_SINK;
    if (memory)
        gx_fail_memory(&stream->last);
    else
        gx_stream_blame(stream, response->fault == GX_TRANSPORT_FAULT_HEAD ? GRANTEX_E_TOO_LARGE : GRANTEX_E_NETWORK,
                        "%s", response->message);
    if (response->fault == GX_TRANSPORT_FAULT_NETWORK)
        suffer(stream, 0);
    else
        gx_stream_end(stream);
}

/* --- START: the request ------------------------------------------------------------------------------------------- */

static void note_bytes(grantex_stream *stream, size_t length)
{
    int64_t now = gx_clock_monotonic_ms();
    stream->phase_until = now + stream->settings.idle_timeout_ms;
    gx_stream_count(&stream->counts.bytes, length);
    atomic_store_explicit(&stream->counts.last_byte_at, now, memory_order_relaxed);
}

/* The socket may have more than a slow reader has room for: that stays with the kernel, and with the server. */
static gx_sunk take_bytes(void *context, const char *bytes, size_t length)
{
    grantex_stream *stream = context;
    bool refused = gx_transport_response(stream->transport)->status != 200;
    if (refused && stream->input.length + length > REFUSAL_BYTES)
        return GX_SUNK;
    gx_buffer_append(&stream->input, bytes, length);
    if (!refused)
        note_bytes(stream, length);
    return stream->input.failed ? GX_SUNK_FAILED : stream->input.length >= INPUT_BYTES ? GX_SUNK_LATER : GX_SUNK;
}

static bool write_request(grantex_stream *stream, gx_buffer *url, gx_buffer *last_id, const char **headers)
{
    const gx_position *position = &stream->position;
    size_t n = 0;
    if (!gx_credentials_line(&stream->client->credentials, &stream->authorization))
        return false;
    headers[n++] = stream->authorization.data;
    headers[n++] = "Accept: text/event-stream";
    headers[n++] = "Cache-Control: no-cache";
    headers[n++] = GX_USER_AGENT;
    gx_buffer_append_text(url, stream->client->base_url);
    gx_buffer_append_text(url, "/v1/events/stream");
    gx_url_query(url, "types", stream->settings.type_list);
    if (position->id[0]) {
        gx_buffer_append_text(last_id, "Last-Event-ID: ");
        gx_buffer_append_text(last_id, position->id);
        headers[n++] = gx_buffer_text(last_id);
    } else {
        const char *time = gx_position_time(position);
        gx_url_query(url, "since", time[0] ? time : stream->settings.since);
    }
    for (char **own = stream->settings.headers; own && *own; own++)
        headers[n++] = *own;
    return gx_buffer_text(url) && !last_id->failed;
}

static bool send_request(grantex_stream *stream)
{
    gx_buffer url = {0}, last_id = {0};
    const char *headers[OWN_HEADERS + GX_MOST_HEADERS] = {0};
    bool sent = write_request(stream, &url, &last_id, headers) &&
                gx_transport_start(stream->transport, &(gx_request){
                                                          .method = "GET",
                                                          .url = url.data,
                                                          .headers = headers,
                                                          .ca_file = stream->client->ca_file,
                                                          .connect_timeout_ms = stream->client->connect_timeout_ms,
                                                          .limits = stream->client->limits,
                                                          .log = stream->client->on_log,
                                                          .log_user = stream->client->log_user,
                                                          .sink = take_bytes,
                                                          .context = stream,
                                                      });
    gx_buffer_free(&url);
    gx_buffer_free(&last_id);
    gx_stream_count(&stream->counts.attempts, sent);
    return sent;
}

static bool start(grantex_stream *stream)
{
    grantex_sse_parser_reset(stream->parser);
    drop_connection(stream);
    enter(stream, GX_PHASE_CONNECTING, gx_clock_monotonic_ms() + stream->settings.header_timeout_ms);
    if (!send_request(stream)) {
        gx_fail_memory(&stream->last);
        gx_stream_end(stream);
    }
    return true;
}

/* --- CONNECTING: the verdict -------------------------------------------------------------------------------------- */

static bool is_event_stream(const char *content_type)
{
    gx_span rest = gx_span_of(content_type), essence;
    return gx_span_split(&rest, ';', &essence) &&
           gx_span_equal_nocase(gx_span_trim(essence), GX_SPAN("text/event-stream"));
}

/* A stream that begins "now" has no cursor before its first event. Should it break until then, it goes on from the
 * moment at which the server says that it began, by the server's clock: rather an event too many than one too few. */
static void remember_beginning(grantex_stream *stream, int64_t date_s)
{
    char text[GX_TIMESTAMP_SIZE];
    gx_position *position = &stream->position;
    if (date_s < 0 || position->id[0] || gx_position_time(position)[0] || stream->settings.since)
        return;
    gx_timestamp_write(text, date_s * 1000);
    snprintf(position->since, sizeof position->since, GX_CURSOR_BY_TIME "%s", text);
}

static void end_by_protocol(grantex_stream *stream, const gx_response *response, const char *what, const char *value)
{
    gx_stream_blame(stream, GRANTEX_E_PROTOCOL, "The answer is %s \"%.100s\"", what, value);
    stream->last.http_status = response->status;
    gx_stream_end(stream);
}

static bool is_as_it_is(const char *content_encoding)
{
    return content_encoding[0] == '\0' || gx_span_equal_nocase(gx_span_of(content_encoding), GX_SPAN("identity"));
}

static void accept_answer(grantex_stream *stream, const gx_response *response)
{
    if (!is_event_stream(response->content_type)) {
        end_by_protocol(stream, response, "not text/event-stream but", response->content_type);
        return;
    }
    if (!is_as_it_is(response->content_encoding)) { /* nobody asked for that, and what it grows to has no limit */
        end_by_protocol(stream, response, "compressed:", response->content_encoding);
        return;
    }
    stream->open_since = gx_clock_monotonic_ms();
    enter(stream, GX_PHASE_OPEN, stream->open_since + stream->settings.idle_timeout_ms);
    gx_stream_count(&stream->counts.connections, 1);
    atomic_store(&stream->counts.connected_at, stream->open_since);
    stream->asked_for_key = false;
    stream->unproven = stream->counts.events > 0 && stream->last_seq == 0 && !stream->position.id[0];
    remember_beginning(stream, response->date_s);
    gx_stream_notify(stream, &(grantex_notice){.kind = GRANTEX_NOTICE_OPEN, .attempt = stream->failures + 1});
}

static void end_for_good(grantex_stream *stream, const gx_response *response)
{
    gx_stream_blame(stream, GRANTEX_END, "The server has nothing to stream (%d)", response->status);
    gx_stream_end(stream);
}

static void await_refusal(grantex_stream *stream, const gx_response *response)
{
    (void)response;
    enter(stream, GX_PHASE_REFUSED, gx_clock_monotonic_ms() + REFUSAL_MS);
}

/* The first row that fits. What is not in it is refused for good. */
static const struct {
    int first, last;
    void (*act)(grantex_stream *stream, const gx_response *response);
} verdicts[] = {
    {200, 200, accept_answer},
    {204, 204, end_for_good},
    {0, INT_MAX, await_refusal},
};

static bool connect_on(grantex_stream *stream)
{
    const gx_response *response = gx_transport_response(stream->transport);
    if (response->status > 0) {
        for (size_t i = 0;; i++)
            if (response->status >= verdicts[i].first && response->status <= verdicts[i].last) {
                verdicts[i].act(stream, response);
                return true;
            }
    }
    if (response->over) {
        suffer_fault(stream, response);
        return true;
    }
    if (stream->ran_out) {
        gx_stream_blame(stream, GRANTEX_E_NETWORK, "No answer within %d ms", stream->settings.header_timeout_ms);
        suffer(stream, 0);
        return true;
    }
    return false;
}

/* --- REFUSED ------------------------------------------------------------------------------------------------------ */

static bool may_heal(int http_status)
{
    return http_status == 408 || http_status == 425 || http_status == 429 || http_status >= 500;
}

/* Another key, once for each that was taken; at once, because nothing is wrong with the way. */
static bool renew_key(grantex_stream *stream)
{
    if (stream->asked_for_key || !gx_credentials_renew(&stream->client->credentials, stream->authorization.data))
        return false;
    stream->asked_for_key = true;
    enter(stream, GX_PHASE_START, GX_NEVER);
    return true;
}

static bool hear_refusal(grantex_stream *stream)
{
    const gx_response *response = gx_transport_response(stream->transport);
    if (!response->over && !stream->ran_out)
        return false;
    gx_fail_answer(&stream->last, response->status, gx_buffer_span(&stream->input), response->request_id);
    if (response->status < 400)
        stream->last.status = GRANTEX_E_PROTOCOL;
    if (response->status == 401 && renew_key(stream))
        return true;
    if (may_heal(response->status))
        suffer(stream, response->retry_after_ms);
    else
        gx_stream_end(stream);
    return true;
}

/* --- OPEN --------------------------------------------------------------------------------------------------------- */

static void end_cleanly(grantex_stream *stream)
{
    gx_stream_blame(stream, GRANTEX_END, "The server ended the stream");
    if (stream->settings.reconnect == GRANTEX_RECONNECT_ALWAYS)
        gx_stream_come_back(stream, 0, GRANTEX_NOTICE_RETRYING, (grantex_text){0});
    else
        gx_stream_end(stream);
}

/* All that came is parsed. */
static bool read_on(grantex_stream *stream)
{
    if (gx_transport_resume(stream->transport))
        return true;
    size_t came = gx_transport_receive(stream->transport, &stream->input);
    if (came > 0)
        note_bytes(stream, came);
    return came > 0;
}

static bool stay_open(grantex_stream *stream)
{
    if (read_on(stream))
        return true;
    const gx_response *response = gx_transport_response(stream->transport);
    if (response->over && response->fault == GX_TRANSPORT_FAULT_NONE) {
        end_cleanly(stream);
        return true;
    }
    if (response->over) {
        suffer_fault(stream, response);
        return true;
    }
    if (stream->ran_out) {
        gx_stream_blame(stream, GRANTEX_E_NETWORK, "Nothing came for %d ms", stream->settings.idle_timeout_ms);
        suffer(stream, 0);
        return true;
    }
    return false;
}

void gx_stream_start_anew(grantex_stream *stream)
{
    drop_connection(stream);
    enter(stream, GX_PHASE_START, GX_NEVER);
}

/* --- the table of phases ------------------------------------------------------------------------------------------ */

static bool wait_on(grantex_stream *stream)
{
    if (stream->phase_until > gx_clock_monotonic_ms())
        return false;
    enter(stream, GX_PHASE_START, GX_NEVER);
    return true;
}

static bool stay_ended(grantex_stream *stream)
{
    (void)stream;
    return false;
}

bool gx_stream_advance(grantex_stream *stream)
{
    static bool (*const phases[])(grantex_stream * stream) = {
        [GX_PHASE_START] = start,          [GX_PHASE_CONNECTING] = connect_on, [GX_PHASE_OPEN] = stay_open,
        [GX_PHASE_REFUSED] = hear_refusal, [GX_PHASE_WAITING] = wait_on,       [GX_PHASE_ENDED] = stay_ended,
    };
    return phases[stream->phase](stream);
}
