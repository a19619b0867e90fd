#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/doctor.h"
#include "cli/json_get.h"
#include "cli/moment.h"
#include "cli/probe.h"
#include "cli/probe_frames.h"

#define ANSWER_MS    10000 /* for an ordinary request */
#define HEAD_MS      5000  /* for what is asked beside the stream */
#define SILENT_MS    3600000
#define MOST_STREAMS 64
#define SECOND_US    1000000
/* What no log has: well formed, older than any event. */
#define NO_EVENT "Last-Event-ID: evt_00000000000000000000000000"

typedef struct doctor {
    const doctor_plan *plan;
    doctor_facts *facts;
    cli_probe *probe;
    cli_transfer *steady, *squeezed, *cursor, *websocket, *idle;
    cli_transfer *held[MOST_STREAMS];
} doctor;

static cli_transfer *start(const doctor *d, const char *path, const char *header, const char *other, bool http1)
{
    char url[2048];
    cli_probe_request request = {.url = url, .api_key = d->plan->key, .ca_file = d->plan->ca_file, .http1 = http1};
    snprintf(url, sizeof url, "%s%s", d->plan->url, path);
    request.headers[0] = header;
    request.headers[1] = header ? other : NULL;
    return cli_probe_start(d->probe, &request);
}

static cli_transfer *start_stream(const doctor *d, int every_ms, const char *header)
{
    char path[64];
    snprintf(path, sizeof path, "/v1/events/stream?probe=%d", every_ms);
    return start(d, path, "Accept: text/event-stream", header, false);
}

static bool ended(void *context)
{
    return cli_transfer_ended(context);
}

static void wait_until_ended(const doctor *d, cli_transfer *transfer, int ms)
{
    cli_probe_run(d->probe, cli_now_us() + (int64_t)ms * 1000, ended, transfer);
    cli_probe_stop(d->probe, transfer);
}

/* The code of an error in Grantex's own form; "" when it is not one. */
static void read_code(doctor_facts *facts, const cli_transfer *transfer, char *out, size_t size)
{
    bool no_memory;
    const char *body = transfer->body ? transfer->body : "";
    json_t *json = cli_json_read(body, strlen(body), &no_memory);
    facts->no_memory = facts->no_memory || no_memory;
    const char *code = json_string_value(json_object_get(json, "code"));
    snprintf(out, size, "%s", code && json_object_get(json, "message") ? code : "");
    json_decref(json);
}

/* --- an ordinary request ------------------------------------------------------------------------------------------ */

/* Whole seconds only: what a Date says is anything up to a second old. */
static void read_date(doctor_facts *facts, const cli_transfer *transfer)
{
    char text[64];
    struct tm utc = {0};
    cli_transfer_header(transfer, "Date", text, sizeof text);
    if (!strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &utc))
        return;
    int64_t trip_ms = (transfer->head_us - transfer->sent_us) / 1000;
    facts->skew_ms = (int64_t)timegm(&utc) * 1000 + 500 - (transfer->sent_wall_ms + trip_ms / 2);
    facts->skew_error_ms = 500 + trip_ms / 2;
}

/* Which of the two 401s it is: somebody on the way may have taken the header off. */
static bool says_no_key_came(const cli_transfer *transfer)
{
    return transfer->body && strstr(transfer->body, "Missing or invalid Authorization header") != NULL;
}

static void read_answer(doctor_facts *facts, const cli_transfer *transfer)
{
    facts->status = transfer->head_whole ? transfer->status : 0;
    facts->http_version = transfer->http_version;
    facts->certificate_refused = transfer->certificate_refused;
    facts->certificate_days = transfer->certificate_days;
    snprintf(facts->tls, sizeof facts->tls, "%s", transfer->tls);
    snprintf(facts->error, sizeof facts->error, "%s",
             transfer->error[0]             ? transfer->error
             : cli_transfer_ended(transfer) ? ""
                                            : "no whole answer in 10 s");
    cli_transfer_header(transfer, "Server", facts->server, sizeof facts->server);
    cli_transfer_header(transfer, "Location", facts->location, sizeof facts->location);
    read_code(facts, transfer, facts->code, sizeof facts->code);
    facts->key_lost = transfer->status == 401 && says_no_key_came(transfer);
    read_date(facts, transfer);
}

/* False when out of memory. */
static bool measure_answer(doctor *d)
{
    cli_transfer *first = start(d, "/v1/me", NULL, NULL, false);
    if (!first)
        return false;
    wait_until_ended(d, first, ANSWER_MS);
    read_answer(d->facts, first);
    if (d->facts->status != 200)
        return true;
    cli_transfer *second = start(d, "/v1/me", NULL, NULL, false);
    if (!second)
        return false;
    wait_until_ended(d, second, ANSWER_MS);
    d->facts->kept_alive = cli_transfer_ended(second) && !second->error[0] && !second->new_connection;
    return true;
}

/* --- the stream --------------------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The number and the time of a frame; false when it is none of ours. */
static bool read_probe(const cli_frame *frame, int64_t *n, int64_t *sent_ms)
{
    const json_t *number = json_object_get(frame->json, "n");
    *n = json_integer_value(number);
    const char *time = json_string_value(json_object_get(frame->json, "time"));
    return strcmp(frame->type, "stream.probe") == 0 && json_is_integer(number) && time &&
           cli_rfc3339_read(time, sent_ms);
}

/* How long after its writing each frame came, by our clock less the server's: milliseconds over an unknown constant.
 * Returns how many. */
static size_t frame_ages(const cli_frames *frames, int64_t *ages, size_t most, int64_t *newest, int64_t *last_sent_ms)
{
    size_t count = 0;
    for (size_t i = 0; i < frames->count && count < most; i++)
        if (read_probe(&frames->items[i], newest, last_sent_ms))
            ages[count++] = frames->items[i].at_us / 1000 - *last_sent_ms;
    return count;
}

/* Of each frame that should have come in the window, how much longer than the quickest it took; one that has not come
 * is late by at least the rest of the window. */
static void read_delays(doctor_facts *facts, const cli_frames *frames, int64_t until_us)
{
    int64_t late[DOCTOR_WINDOW_MS / DOCTOR_EVERY_MS + 1], newest = 0, sent_ms = 0, least = INT64_MAX;
    const size_t most = sizeof late / sizeof *late;
    size_t count = frame_ages(frames, late, most, &newest, &sent_ms);
    for (size_t i = 0; i < count; i++)
        least = late[i] < least ? late[i] : least;
    facts->later_frames = newest > 0;
    if (count == 0)
        return;
    /* The age that each missing one has by now. */
    while (count < most && (sent_ms += DOCTOR_EVERY_MS) + least < until_us / 1000)
        late[count++] = until_us / 1000 - sent_ms;
    qsort(late, count, sizeof *late, compare);
    facts->delay_ms = late[count * 95 / 100] - least;
}

static void read_first_frame(doctor_facts *facts, const cli_transfer *stream, const cli_frame *frame)
{
    const char *version = json_string_value(json_object_get(frame->json, "httpVersion"));
    const char *connection = json_string_value(json_object_get(frame->json, "connection"));
    const char *time = json_string_value(json_object_get(frame->json, "time"));
    int64_t server_ms;
    int64_t trip_ms = (frame->at_us - stream->sent_us) / 1000;
    facts->probed = version != NULL;
    facts->heartbeat_ms = json_integer_value(json_object_get(frame->json, "heartbeatMs"));
    snprintf(facts->upstream_http, sizeof facts->upstream_http, "%s", version ? version : "");
    snprintf(facts->upstream_connection, sizeof facts->upstream_connection, "%s", connection ? connection : "");
    if (time && cli_rfc3339_read(time, &server_ms) && trip_ms / 2 < facts->skew_error_ms) {
        facts->skew_ms = server_ms - (stream->sent_wall_ms + trip_ms / 2);
        facts->skew_error_ms = trip_ms / 2;
    }
}

/* False when out of memory. */
static bool read_stream(doctor_facts *facts, const cli_transfer *stream, int64_t until_us)
{
    facts->stream_status = stream->head_whole ? stream->status : 0;
    facts->window_ms = (until_us - stream->sent_us) / 1000;
    cli_transfer_header(stream, "Content-Type", facts->content_type, sizeof facts->content_type);
    cli_transfer_header(stream, "Cache-Control", facts->cache_control, sizeof facts->cache_control);
    cli_transfer_header(stream, "Content-Encoding", facts->encoding, sizeof facts->encoding);
    if (facts->stream_status != 200) {
        read_code(facts, stream, facts->stream_code, sizeof facts->stream_code);
        return true;
    }
    if (stream->piece_count > 0)
        facts->first_byte_ms = (stream->pieces[0].at_us - stream->sent_us) / 1000;
    cli_frames frames;
    if (!cli_frames_read(stream, &frames))
        return false;
    for (size_t i = 0; i < frames.count && !facts->probed; i++)
        if (strcmp(frames.items[i].type, "stream.probe") == 0)
            read_first_frame(facts, stream, &frames.items[i]);
    if (facts->probed)
        read_delays(facts, &frames, until_us);
    cli_frames_free(&frames);
    return true;
}

/* --- what is asked beside it -------------------------------------------------------------------------------------- */

static bool start_all(doctor *d)
{
    d->steady = start_stream(d, DOCTOR_EVERY_MS, NULL);
    d->squeezed = start_stream(d, DOCTOR_EVERY_MS, "Accept-Encoding: gzip, deflate, br");
    d->cursor = start_stream(d, SILENT_MS, NO_EVENT);
    d->idle = d->plan->idle_s > 0 ? start_stream(d, SILENT_MS, NULL) : NULL;
    char path[] = "/v1/events/ws";
    cli_probe_request upgrade = {
        .api_key = d->plan->key,
        .ca_file = d->plan->ca_file,
        .http1 = true,
        .headers = {"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="},
    };
    char url[2048];
    snprintf(url, sizeof url, "%s%s", d->plan->url, path);
    upgrade.url = url;
    d->websocket = cli_probe_start(d->probe, &upgrade);
    return d->steady && d->squeezed && d->cursor && d->websocket && (d->idle || d->plan->idle_s == 0);
}

static int first_streams(const doctor *d)
{
    return d->idle ? 4 : 3; /* with the one that asks for a cursor, which is refused: it is let go again */
}

static bool start_held(doctor *d)
{
    for (int i = 0; i < d->plan->streams - (first_streams(d) - 1) && i < MOST_STREAMS; i++)
        if (!(d->held[i] = start_stream(d, SILENT_MS, NULL)))
            return false;
    return true;
}

static void count_stream(doctor_facts *facts, const cli_transfer *transfer)
{
    if (!transfer)
        return;
    facts->streams_wanted++;
    if (transfer->head_whole && transfer->status == 200) {
        facts->streams_open++;
    } else if (transfer->head_whole) {
        facts->refused_status = transfer->status;
        read_code(facts, transfer, facts->refused_code, sizeof facts->refused_code);
    }
}

static void read_others(const doctor *d)
{
    doctor_facts *facts = d->facts;
    cli_transfer_header(d->squeezed, "Content-Encoding", facts->squeezed, sizeof facts->squeezed);
    facts->cursor_status = d->cursor->head_whole ? d->cursor->status : -1;
    facts->websocket_status = d->websocket->status;
    count_stream(facts, d->steady);
    count_stream(facts, d->squeezed);
    count_stream(facts, d->idle);
    for (int i = 0; i < MOST_STREAMS; i++)
        count_stream(facts, d->held[i]);
}

static void stop_all(const doctor *d)
{
    cli_probe_stop(d->probe, d->steady);
    cli_probe_stop(d->probe, d->squeezed);
    cli_probe_stop(d->probe, d->cursor);
    cli_probe_stop(d->probe, d->websocket);
    for (int i = 0; i < MOST_STREAMS && d->held[i]; i++)
        cli_probe_stop(d->probe, d->held[i]);
}

/* --- the silent stream -------------------------------------------------------------------------------------------- */

/* It counts from the last byte that came; a server that knows no ?probe goes on beating. */
static void watch_idle(const doctor *d, bool progress)
{
    cli_transfer *idle = d->idle;
    doctor_facts *facts = d->facts;
    if (!idle || !idle->head_whole || idle->status != 200)
        return;
    facts->idle_wanted_ms = (long long)d->plan->idle_s * 1000;
    int64_t until = idle->sent_us + (int64_t)d->plan->idle_s * SECOND_US;
    for (int64_t now = cli_now_us(); now < until && !cli_transfer_ended(idle); now = cli_now_us()) {
        if (progress)
            fprintf(stderr, "\rwatching a silent stream, %lld s to go ", (long long)((until - now) / SECOND_US));
        cli_probe_run(d->probe, now + SECOND_US < until ? now + SECOND_US : until, ended, idle);
    }
    if (progress)
        fprintf(stderr, "\r%*s\r", 48, "");
    int64_t last = idle->piece_count > 0 ? idle->pieces[idle->piece_count - 1].at_us : idle->head_us;
    facts->idle_cut = cli_transfer_ended(idle);
    facts->idle_ms = ((facts->idle_cut ? idle->ended_us : cli_now_us()) - last) / 1000;
}

/* --- all ---------------------------------------------------------------------------------------------------------- */

static bool heads_are_there(void *context)
{
    const doctor *d = context;
    return d->steady->head_whole && d->cursor->head_whole && d->squeezed->head_whole && d->websocket->status;
}

static bool measure_streams(doctor *d, bool progress)
{
    if (!start_all(d))
        return false;
    int64_t begin = cli_now_us();
    cli_probe_run(d->probe, begin + (int64_t)DOCTOR_WINDOW_MS * 1000 / 2, heads_are_there, d);
    if (!start_held(d))
        return false;
    int64_t until = d->steady->sent_us + (int64_t)DOCTOR_WINDOW_MS * 1000;
    cli_probe_run(d->probe, until, NULL, NULL);
    bool good = read_stream(d->facts, d->steady, cli_now_us());
    read_others(d);
    stop_all(d);
    watch_idle(d, progress);
    return good;
}

static void read_url(const doctor_plan *plan, doctor_facts *facts)
{
    static const char *const local[] = {"127.", "localhost", "[::1]"};
    const char *host = strstr(plan->url, "://");
    host = host ? host + 3 : plan->url;
    facts->https = strncmp(plan->url, "https:", 6) == 0;
    for (size_t i = 0; i < sizeof local / sizeof *local; i++)
        facts->loopback = facts->loopback || strncmp(host, local[i], strlen(local[i])) == 0;
}

bool doctor_measure(const doctor_plan *plan, doctor_facts *facts, bool progress)
{
    *facts = (doctor_facts){.certificate_days = -1,
                            .first_byte_ms = -1,
                            .delay_ms = -1,
                            .cursor_status = -1,
                            .skew_error_ms = INT32_MAX,
                            .idle_wanted_ms = -1,
                            .idle_ms = -1};
    doctor d = {.plan = plan, .facts = facts, .probe = cli_probe_open()};
    if (!d.probe)
        return false;
    read_url(plan, facts);
    bool good = measure_answer(&d) && (facts->status != 200 || measure_streams(&d, progress));
    return cli_probe_close(d.probe) && good && !facts->no_memory;
}
