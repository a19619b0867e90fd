/* GET /metrics: what the server does, for Prometheus. */
#include "api/metrics.h"

#include <stdio.h>

#include "api/api.h"
#include "api/metrics_text.h"
#include "api/nouns.h"
#include "api/process_stats.h"
#include "authority/secret.h"
#include "store/developers.h"
#include "store/grants.h"

enum { US_PER_SECOND = 1000000 };

typedef struct metrics_args {
    int64_t active_grants;
    int64_t log_events;
} metrics_args;

/* --- who may look --- */

static bool parse(gx_call *call)
{
    const gx_metrics *metrics = gx_api_metrics(call->api);
    if (metrics->key == NULL)
        return metrics->open ||
               gx_refuse(&call->problem, 403, "FORBIDDEN",
                         "Metrics are closed on this server: whoever runs it sets GRANTEX_METRICS_KEY");
    gx_span bearer;
    return gx_call_bearer(call, &bearer) && (gx_secret_equal(bearer, gx_span_of(metrics->key)) ||
                                             gx_refuse(&call->problem, 401, "UNAUTHORIZED", "Invalid metrics key"));
}

/* Two scans, of the grants and of the developers; the limit on this endpoint bounds how often. */
static bool run(gx_call *call, gx_act *act)
{
    metrics_args *args = call->args;
    gx_database *database = act->txn->database;
    return (gx_grants_count_active(database, act->txn->now_ms, &args->active_grants) &&
            gx_developers_count_events(database, &args->log_events)) ||
           gx_act_store_failed(act);
}

/* --- what it says --- */

static void single(gx_buffer *out, const char *name, const char *type, const char *help, uint64_t value)
{
    gx_metrics_head(out, name, type, help);
    gx_metrics_sample(out, name, "", value);
}

static void write_outcomes(gx_buffer *out, const gx_metrics *metrics, const char *name, const char *path,
                           const char *help)
{
    gx_metrics_head(out, name, "counter", help);
    gx_metrics_sample(out, name, "status=\"success\"", gx_call_times_count(metrics->times, "POST", path, 200, 399));
    gx_metrics_sample(out, name, "status=\"failure\"", gx_call_times_count(metrics->times, "POST", path, 400, 599));
}

static void write_authority(gx_buffer *out, const gx_metrics *metrics, const gx_bus_stats *bus)
{
    write_outcomes(out, metrics, "grantex_token_exchange_total", "/v1/token", "Answers of POST /v1/token.");
    write_outcomes(out, metrics, "grantex_authorize_total", "/v1/authorize", "Answers of POST /v1/authorize.");
    single(out, "grantex_grants_revoked_total", "counter", "Grants revoked, those of cascades too.",
           bus->events[GX_EVENT_GRANT_REVOKED]);
}

static void write_by_transport(gx_buffer *out, const char *name, const char *type, const char *help,
                               const uint64_t values[GX_TRANSPORT_COUNT])
{
    gx_metrics_head(out, name, type, help);
    gx_metrics_sample(out, name, "transport=\"sse\"", values[GX_TRANSPORT_SSE]);
    gx_metrics_sample(out, name, "transport=\"websocket\"", values[GX_TRANSPORT_WEBSOCKET]);
}

static void write_streams(gx_buffer *out, const gx_bus_stats *bus)
{
    uint64_t open[GX_TRANSPORT_COUNT];
    for (int transport = 0; transport < GX_TRANSPORT_COUNT; transport++)
        open[transport] = bus->opened[transport] - bus->ended[transport];
    write_by_transport(out, "grantex_streams_open", "gauge", "Event streams open now.", open);
    write_by_transport(out, "grantex_streams_opened_total", "counter", "Event streams opened since the start.",
                       bus->opened);
    gx_metrics_head(
        out, "grantex_stream_lag_seconds", "histogram",
        "From the commit of a batch of events until the last live stream of a network thread was given it.");
    gx_metrics_histogram(out, "grantex_stream_lag_seconds", "", &bus->lag_us, &gx_scale_us, US_PER_SECOND);
}

static void write_events(gx_buffer *out, const gx_bus_stats *bus)
{
    static const char COMMITTED[] = "grantex_events_committed_total";
    gx_metrics_head(out, COMMITTED, "counter", "Events committed since the start, by type.");
    for (int type = 0; type < GX_EVENT_TYPE_COUNT; type++) {
        char label[64];
        snprintf(label, sizeof label, "type=\"%s\"", gx_event_type_name((gx_event_type)type));
        gx_metrics_sample(out, COMMITTED, label, bus->events[type]);
    }
    write_streams(out, bus);
    single(out, "grantex_events_delivered_total", "counter", "Events handed to sockets of streams.", bus->delivered);
    single(out, "grantex_events_replayed_total", "counter", "Of them, events that were read from the store.",
           bus->replayed);
    single(out, "grantex_stream_catchups_total", "counter",
           "How often a stream was behind: at its start, or because its reader was too slow.", bus->catchups);
    single(out, "grantex_catchup_pages_total", "counter", "Pages of the log read for streams that were behind.",
           bus->pages);
    single(out, "grantex_stream_gaps_total", "counter", "Gaps told to streams that trimming had overtaken.", bus->gaps);
}

static void write_relay(gx_buffer *out, const gx_relay *relay)
{
    static const char MESSAGES[] = "grantex_bus_messages_total";
    gx_relay_counts counts;
    if (relay == NULL)
        return;
    gx_relay_read_counts(relay, &counts);
    single(out, "grantex_bus_connected", "gauge", "Whether the bus between servers (--bus) is there.",
           counts.connected ? 1 : 0);
    gx_metrics_head(out, MESSAGES, "counter",
                    "Messages of the bus between servers; what was dropped is found in the store.");
    gx_metrics_sample(out, MESSAGES, "kind=\"sent\"", counts.sent);
    gx_metrics_sample(out, MESSAGES, "kind=\"received\"", counts.received);
    gx_metrics_sample(out, MESSAGES, "kind=\"dropped\"", counts.dropped);
    gx_metrics_sample(out, MESSAGES, "kind=\"refused\"", counts.refused);
}

static void write_webhooks(gx_buffer *out, const gx_metrics *metrics)
{
    static const char DELIVERIES[] = "grantex_webhook_deliveries_total";
    gx_webhook_counts counts;
    metrics->count_webhooks(metrics->webhooks, &counts);
    gx_metrics_head(out, DELIVERIES, "counter", "Deliveries to webhooks that are over: taken, or given up.");
    gx_metrics_sample(out, DELIVERIES, "status=\"delivered\"", counts.delivered);
    gx_metrics_sample(out, DELIVERIES, "status=\"failed\"", counts.failed);
    single(out, "grantex_webhook_retries_total", "counter", "Attempts that failed and are made again.", counts.retried);
    single(out, "grantex_webhook_skipped_events_total", "counter",
           "Events that retention took away before their webhook had come to them.", counts.skipped);
    single(out, "grantex_webhook_lag_events", "gauge", "Events that webhooks have yet to get, over all of them.",
           counts.lag);
}

static void write_store(gx_buffer *out, const gx_lanes *lanes)
{
    const gx_lane_stats *stats = gx_lanes_stats(lanes);
    single(out, "grantex_commits_total", "counter", "Transactions committed.", gx_histogram_count(&stats->commit_us));
    single(out, "grantex_transactions_lost_total", "counter", "Transactions that could not be kept.",
           gx_counted(&stats->lost));
    single(out, "grantex_store_full", "gauge", "1 when the last transaction found no room, 0 once one was kept again.",
           gx_lanes_full(lanes));
    single(out, "grantex_transactions_repeated_total", "counter",
           "Transactions that another one was in the way of, and whose requests ran again.",
           gx_counted(&stats->crossed));
    gx_metrics_head(out, "grantex_jobs_per_commit", "histogram", "Requests that shared one commit.");
    gx_metrics_histogram(out, "grantex_jobs_per_commit", "", &stats->jobs, &gx_scale_jobs, 1);
    gx_metrics_head(out, "grantex_commit_duration_seconds", "histogram", "How long COMMIT took.");
    gx_metrics_histogram(out, "grantex_commit_duration_seconds", "", &stats->commit_us, &gx_scale_us, US_PER_SECOND);
}

static void write_waiting(gx_buffer *out, gx_lanes *lanes)
{
    static const char WAITING[] = "grantex_jobs_waiting";
    gx_metrics_head(out, WAITING, "gauge", "Requests that wait for the store.");
    gx_metrics_sample(out, WAITING, "lane=\"write\"", gx_lanes_waiting_to_write(lanes));
    gx_metrics_sample(out, WAITING, "lane=\"read\"", gx_lanes_waiting_to_read(lanes));
    gx_metrics_sample(out, WAITING, "lane=\"prepare\"", gx_lanes_waiting_to_prepare(lanes));
}

static void write_process(gx_buffer *out, const gx_metrics *metrics)
{
    char label[64];
    snprintf(label, sizeof label, "version=\"%s\"", metrics->version);
    gx_metrics_head(out, "grantex_build_info", "gauge", "Always 1; the label tells the version.");
    gx_metrics_sample(out, "grantex_build_info", label, 1);
    single(out, "process_resident_memory_bytes", "gauge", "Resident memory.", gx_process_resident_bytes());
    single(out, "process_open_fds", "gauge", "Open file descriptors.", gx_process_open_descriptors());
    single(out, "process_start_time_seconds", "gauge", "When the server started, in seconds since 1970.",
           (uint64_t)(metrics->started_ms / 1000));
}

/* What only the store knows. */
static void write_stored(gx_buffer *out, const metrics_args *args)
{
    single(out, "grantex_store_up", "gauge", "Whether the store answered.", args != NULL);
    if (args == NULL)
        return;
    single(out, "grantex_active_grants", "gauge", "Grants that are neither revoked nor expired.",
           (uint64_t)args->active_grants);
    single(out, "grantex_log_events", "gauge", "Events in the log ever, of all developers: the sum of their heads.",
           (uint64_t)args->log_events);
}

static void write_all(const gx_call *call, const metrics_args *args, gx_answer *answer)
{
    static const char DURATION[] = "grantex_http_request_duration_seconds";
    const gx_metrics *metrics = gx_api_metrics(call->api);
    gx_buffer *out = &answer->body;
    gx_bus_stats bus;
    gx_bus_stats_read(metrics->bus, &bus);
    answer->content_type = "text/plain; version=0.0.4; charset=utf-8";
    write_stored(out, args);
    write_authority(out, metrics, &bus);
    write_events(out, &bus);
    write_relay(out, metrics->relay);
    write_webhooks(out, metrics);
    write_store(out, gx_api_lanes(call->api));
    write_waiting(out, gx_api_lanes(call->api));
    gx_metrics_head(out, DURATION, "histogram", "From the request to its answer; of a stream, to its opening.");
    gx_call_times_write(metrics->times, DURATION, out);
    write_process(out, metrics);
}

static void render(const gx_call *call, gx_answer *answer)
{
    write_all(call, call->args, answer);
}

static void render_without_store(const gx_call *call, gx_answer *answer)
{
    write_all(call, NULL, answer);
}

static const gx_endpoint ROWS[] = {
    {
        .method = "GET",
        .path = "/metrics",
        .args_size = sizeof(metrics_args),
        .access = GX_ACCESS_PUBLIC,
        .work = GX_WORK_READ,
        .rate = GX_RATE_METRICS,
        .success = 200,
        .parse = parse,
        .run = run,
        .render = render,
        .without_store = render_without_store,
    },
};

const gx_endpoints gx_metrics_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
