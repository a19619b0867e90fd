#include "daemon/options.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/cors.h"
#include "authority/plan.h"
#include "base/span.h"
#include "store/database.h"

enum {
    DEFAULT_PORT = 8480,
    DEFAULT_HEARTBEAT_MS = 15000,
    DEFAULT_DRAIN_MS = 3000,
    DEFAULT_WEBHOOK_TIMEOUT_MS = 10000,
    DEFAULT_MOST_STREAMS = 1000,
    DEFAULT_DELEGATION_DEPTH = 3,
};

typedef bool take_value(gx_options *options, const char *value);

/* --- values --- */

static bool take_number(const char *value, unsigned long long least, unsigned long long most, unsigned long long *out)
{
    return gx_span_to_uint(gx_span_of(value), out) && *out >= least && *out <= most;
}

static bool take_listen(gx_options *options, const char *value)
{
    const char *colon = strrchr(value, ':');
    unsigned long long port;
    if (colon == NULL || colon == value || !take_number(colon + 1, 0, 65535, &port))
        return false;
    gx_span host = {value, (size_t)(colon - value)};
    if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
        host = (gx_span){host.ptr + 1, host.len - 2};
    if (host.len >= sizeof options->host_text)
        return false;
    memcpy(options->host_text, host.ptr, host.len);
    options->host_text[host.len] = '\0';
    options->host = options->host_text;
    options->port = (int)port;
    return true;
}

static bool take_data(gx_options *options, const char *value)
{
    options->data = value;
    return value[0] != '\0';
}

enum { URL_SIZE = sizeof((gx_options *)0)->store_text };

static bool keep_store_url(char text[static URL_SIZE], const char *value)
{
    bool file = strncmp(value, "sqlite:", 7) == 0 && value[7] != '\0' && strcmp(value, "sqlite::memory:") != 0;
    size_t length = strlen(value);
    if (length >= URL_SIZE || !(file || gx_store_is_server(value)))
        return false;
    memcpy(text, value, length + 1);
    return true;
}

static bool take_store(gx_options *options, const char *value)
{
    options->store = options->store_text;
    return keep_store_url(options->store_text, value);
}

static bool take_from(gx_options *options, const char *value)
{
    options->from = options->from_text;
    return keep_store_url(options->from_text, value);
}

static bool take_to(gx_options *options, const char *value)
{
    options->to = options->to_text;
    return keep_store_url(options->to_text, value);
}

static bool take_key(gx_options *options, const char *value)
{
    size_t length = strlen(value);
    options->key = value;
    return length >= 16 && length <= 512 && strpbrk(value, " \t\r\n") == NULL;
}

static bool take_public_url(gx_options *options, const char *value)
{
    size_t length = strlen(value);
    while (length > 0 && value[length - 1] == '/')
        length--;
    bool http = strncmp(value, "http://", 7) == 0 || strncmp(value, "https://", 8) == 0;
    if (!http || length < 8 || length >= sizeof options->url_text || strpbrk(value, "?# \t\r\n\"") != NULL)
        return false;
    memcpy(options->url_text, value, length);
    options->url_text[length] = '\0';
    options->public_url = options->url_text;
    return true;
}

/* Each of the servers with its scheme: "nats://a:4222,nats://b:4222". */
static bool take_bus(gx_options *options, const char *value)
{
    gx_span rest = gx_span_of(value), one;
    if (rest.len == 0 || rest.len >= sizeof options->bus_text)
        return false;
    while (gx_span_split(&rest, ',', &one)) {
        if (!gx_span_starts_with(one, GX_SPAN("nats://")) && !gx_span_starts_with(one, GX_SPAN("tls://")))
            return false;
    }
    memcpy(options->bus_text, value, strlen(value) + 1);
    options->bus = options->bus_text;
    return true;
}

static bool take_bus_credentials(gx_options *options, const char *value)
{
    options->bus_credentials = value;
    return value[0] != '\0';
}

static bool take_bus_ca(gx_options *options, const char *value)
{
    options->bus_ca = value;
    return value[0] != '\0';
}

static bool take_tls_cert(gx_options *options, const char *value)
{
    options->tls_cert = value;
    return value[0] != '\0';
}

static bool take_tls_key(gx_options *options, const char *value)
{
    options->tls_key = value;
    return value[0] != '\0';
}

static bool take_behind_proxy(gx_options *options, const char *value)
{
    (void)value;
    return options->behind_proxy = true;
}

static bool take_open_signup(gx_options *options, const char *value)
{
    (void)value;
    return options->open_signup = true;
}

static bool take_private_webhooks(gx_options *options, const char *value)
{
    (void)value;
    return options->private_webhooks = true;
}

static bool take_webhook_retry(gx_options *options, const char *value)
{
    return gx_schedule_read(gx_span_of(value), &options->webhook_retry);
}

static bool take_webhook_timeout(gx_options *options, const char *value)
{
    unsigned long long ms;
    bool ok = take_number(value, 50, 600 * 1000, &ms);
    if (ok)
        options->webhook_timeout_ms = (int)ms;
    return ok;
}

static bool take_heartbeat(gx_options *options, const char *value)
{
    unsigned long long ms;
    bool ok = take_number(value, 50, 3600 * 1000, &ms);
    if (ok)
        options->heartbeat_ms = (int)ms;
    return ok;
}

static bool take_drain(gx_options *options, const char *value)
{
    unsigned long long ms;
    bool ok = take_number(value, 1, 3600 * 1000, &ms);
    if (ok)
        options->drain_ms = (int)ms;
    return ok;
}

static bool take_poll(gx_options *options, const char *value)
{
    unsigned long long ms;
    bool ok = take_number(value, 0, 3600 * 1000, &ms) && (ms == 0 || ms >= 50);
    if (ok)
        options->poll_ms = (int)ms;
    return ok;
}

static bool take_threads(gx_options *options, const char *value)
{
    unsigned long long threads;
    bool ok = take_number(value, 1, 256, &threads);
    if (ok)
        options->threads = (int)threads;
    return ok;
}

static bool take_stream_count(const char *value, size_t *out)
{
    unsigned long long most;
    bool ok = take_number(value, 1, 1000000, &most);
    if (ok)
        *out = (size_t)most;
    return ok;
}

static bool take_most_streams(gx_options *options, const char *value)
{
    return take_stream_count(value, &options->most_streams);
}

static bool take_most_streams_total(gx_options *options, const char *value)
{
    return take_stream_count(value, &options->most_streams_total);
}

static bool take_cors_origin(gx_options *options, const char *value)
{
    bool ok = gx_cors_is_origin(gx_span_of(value)) && options->cors_count < GX_MOST_CORS_ORIGINS;
    if (ok)
        options->cors_origins[options->cors_count++] = value;
    return ok;
}

static bool take_delegation_depth(gx_options *options, const char *value)
{
    unsigned long long depth;
    bool ok = take_number(value, 1, 10, &depth);
    if (ok)
        options->delegation_depth = (int)depth;
    return ok;
}

/* "30d", "12h", "45m", "60s". */
static bool take_retain_age(gx_options *options, const char *value)
{
    static const struct unit {
        char letter;
        int64_t ms;
    } UNITS[] = {{'s', 1000}, {'m', 60 * 1000}, {'h', 3600 * 1000}, {'d', 24 * 3600 * 1000}};
    size_t length = strlen(value);
    unsigned long long number;
    for (size_t i = 0; i < sizeof UNITS / sizeof *UNITS; i++) {
        if (length < 2 || value[length - 1] != UNITS[i].letter)
            continue;
        if (!gx_span_to_uint((gx_span){value, length - 1}, &number) || number < 1 || number > 100000)
            return false;
        options->keep.age_ms = (int64_t)number * UNITS[i].ms;
        return true;
    }
    return false;
}

static bool take_retain_every(gx_options *options, const char *value)
{
    unsigned long long ms;
    bool ok = take_number(value, 50, 3600 * 1000, &ms);
    if (ok)
        options->retain_every_ms = (int)ms;
    return ok;
}

static bool take_retain_events(gx_options *options, const char *value)
{
    unsigned long long events;
    bool ok = take_number(value, 1, 1000000000000, &events);
    if (ok)
        options->keep.events = (int64_t)events;
    return ok;
}

/* "500M", "20G", or bytes. */
static bool take_retain_bytes(gx_options *options, const char *value)
{
    static const char LETTERS[] = "KMGT";
    size_t length = strlen(value);
    const char *letter = length > 1 ? strchr(LETTERS, value[length - 1]) : NULL;
    unsigned long long number;
    if (!gx_span_to_uint((gx_span){value, letter ? length - 1 : length}, &number) || number < 1)
        return false;
    for (long power = letter ? letter - LETTERS + 1 : 0; power > 0 && number <= UINT64_C(1) << 50; power--)
        number *= 1024;
    bool ok = number <= UINT64_C(1) << 50;
    if (ok)
        options->keep.bytes = (int64_t)number;
    return ok;
}

static bool take_rate_preset(gx_options *options, const char *value)
{
    return gx_rate_preset_find(value, &options->rates);
}

static bool take_rate(const char *value, int64_t *out)
{
    unsigned long long per_minute;
    bool ok = take_number(value, 0, 1000000000, &per_minute);
    if (ok)
        *out = (int64_t)per_minute;
    return ok;
}

static bool take_rate_of_client(gx_options *options, const char *value)
{
    return take_rate(value, &options->rate_of_client);
}

static bool take_rate_of_key(gx_options *options, const char *value)
{
    return take_rate(value, &options->rate_of_key);
}

static bool take_plan(gx_options *options, const char *value)
{
    return gx_plan_find(value, &options->plan);
}

static bool take_log_level(gx_options *options, const char *value)
{
    static const char *const NAMES[] = {"debug", "info", "warn", "error"};
    for (int level = GX_LEVEL_DEBUG; level <= GX_LEVEL_ERROR; level++) {
        if (strcmp(value, NAMES[level]) == 0) {
            options->log_level = (gx_log_level)level;
            return true;
        }
    }
    return false;
}

static bool take_name(gx_options *options, const char *value)
{
    options->name = value;
    return value[0] != '\0';
}

static bool take_email(gx_options *options, const char *value)
{
    options->email = value;
    return value[0] != '\0';
}

static bool take_mode(gx_options *options, const char *value)
{
    options->mode = value;
    return strcmp(value, "live") == 0 || strcmp(value, "sandbox") == 0;
}

/* --- the table --- */

enum { SERVERS = GX_FOR_DEV | GX_FOR_SERVE, ALL = SERVERS | GX_FOR_ADD_DEVELOPER };

static const struct option_row {
    const char *name;
    int commands;
    bool has_value;
    take_value *take;
    const char *rule;
} ROWS[] = {
    {"--listen", SERVERS, true, take_listen, "HOST:PORT, the port from 0 (a free one) to 65535"},
    {"--data", ALL, true, take_data, "a folder"},
    {"--store", ALL, true, take_store, "sqlite:PATH or postgres://…"},
    {"--from", GX_FOR_MIGRATE, true, take_from, "sqlite:PATH or postgres://…"},
    {"--to", GX_FOR_MIGRATE, true, take_to, "sqlite:PATH or postgres://…"},
    {"--key", GX_FOR_DEV, true, take_key, "16 to 512 characters without blanks"},
    {"--public-url", SERVERS, true, take_public_url, "an http:// or https:// URL without query"},
    {"--bus", SERVERS, true, take_bus, "nats://HOST:PORT or tls://HOST:PORT, several with commas between"},
    {"--bus-credentials", SERVERS, true, take_bus_credentials, "a NATS credentials file"},
    {"--bus-ca", SERVERS, true, take_bus_ca, "a file with certificates (PEM)"},
    {"--tls-cert", SERVERS, true, take_tls_cert, "a file with the certificate chain (PEM)"},
    {"--tls-key", SERVERS, true, take_tls_key, "a file with its key (PEM, without a passphrase)"},
    {"--behind-proxy", GX_FOR_SERVE, false, take_behind_proxy, "no value"},
    {"--open-signup", GX_FOR_SERVE, false, take_open_signup, "no value"},
    {"--allow-private-webhooks", GX_FOR_SERVE, false, take_private_webhooks, "no value"},
    {"--webhook-retry", SERVERS, true, take_webhook_retry, "1 to 16 numbers of milliseconds with commas between"},
    {"--webhook-timeout", SERVERS, true, take_webhook_timeout, "milliseconds from 50 to 600000"},
    {"--heartbeat", SERVERS, true, take_heartbeat, "milliseconds from 50 to 3600000"},
    {"--drain", SERVERS, true, take_drain, "milliseconds from 1 to 3600000"},
    {"--poll", SERVERS, true, take_poll, "milliseconds from 50 to 3600000, or 0 for never"},
    {"--threads", SERVERS, true, take_threads, "a number from 1 to 256"},
    {"--max-streams", SERVERS, true, take_most_streams, "a number from 1 to 1000000"},
    {"--max-streams-total", SERVERS, true, take_most_streams_total, "a number from 1 to 1000000"},
    {"--cors-origin", SERVERS, true, take_cors_origin,
     "an origin as browsers send it, such as https://app.example (no path, no slash, no usual port; 64 at most)"},
    {"--max-delegation-depth", SERVERS, true, take_delegation_depth, "a number from 1 to 10"},
    {"--retain-age", SERVERS, true, take_retain_age, "1 to 100000 and one of s, m, h, d, such as 30d"},
    {"--retain-bytes", SERVERS, true, take_retain_bytes, "bytes, or a number and one of K, M, G, T, such as 500M"},
    {"--retain-events", SERVERS, true, take_retain_events, "a number from 1 to 1000000000000"},
    {"--retain-every", SERVERS, true, take_retain_every, "milliseconds from 50 to 3600000"},
    {"--rate-limits", SERVERS, true, take_rate_preset, "off, default or reference"},
    {"--rate-limit-ip", SERVERS, true, take_rate_of_client, "calls a minute, 0 (no limit) to 1000000000"},
    {"--rate-limit-key", SERVERS, true, take_rate_of_key, "calls a minute, 0 (no limit) to 1000000000"},
    {"--plan", SERVERS, true, take_plan, "free, pro or enterprise"},
    {"--log-level", SERVERS, true, take_log_level, "debug, info, warn or error"},
    {"--name", GX_FOR_ADD_DEVELOPER, true, take_name, "a name"},
    {"--email", GX_FOR_ADD_DEVELOPER, true, take_email, "an e-mail address"},
    {"--mode", GX_FOR_ADD_DEVELOPER, true, take_mode, "live or sandbox"},
};

static const struct option_row *find_row(gx_span name, int command)
{
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        if ((ROWS[i].commands & command) != 0 && gx_span_equal(name, gx_span_of(ROWS[i].name)))
            return &ROWS[i];
    }
    return NULL;
}

/* The URL of a store or a bus may hold a password, and ps shows every user of the machine the words of a command. */
static void blank_url(char *value, take_value *taken_by)
{
    if (taken_by != take_store && taken_by != take_from && taken_by != take_to && taken_by != take_bus)
        return;
    char *secret = strstr(value, "://");
    for (char *at = secret != NULL ? secret + 3 : NULL; at != NULL && *at != '\0'; at++)
        *at = '*';
}

/* Reads "--name value" or "--name=value" at argv[*at] and moves *at past it. */
static bool read_one(gx_options *options, int command, int argc, char **argv, int *at)
{
    char *word = argv[(*at)++];
    const char *equals = strchr(word, '=');
    gx_span name = {word, equals != NULL ? (size_t)(equals - word) : strlen(word)};
    const struct option_row *row = find_row(name, command);
    if (row == NULL) {
        fprintf(stderr, "grantexd: %.*s: unknown option here; see grantexd --help\n", (int)name.len, name.ptr);
        return false;
    }
    char empty[] = "";
    char *value = equals != NULL ? word + (equals - word) + 1 : empty;
    if (row->has_value && equals == NULL)
        value = *at < argc ? argv[(*at)++] : empty;
    if ((!row->has_value && equals != NULL) || !row->take(options, value)) {
        fprintf(stderr, "grantexd: %s: must be %s\n", row->name, row->rule);
        return false;
    }
    blank_url(value, row->take);
    return true;
}

/* An empty one is none. */
static const char *metrics_key(void)
{
    const char *key = getenv("GRANTEX_METRICS_KEY");
    return key != NULL && key[0] != '\0' ? key : NULL;
}

bool gx_options_read(gx_options *options, int command, int argc, char **argv)
{
    *options = (gx_options){
        .host = "127.0.0.1",
        .port = DEFAULT_PORT,
        .webhook_retry = gx_schedule_default(),
        .webhook_timeout_ms = DEFAULT_WEBHOOK_TIMEOUT_MS,
        .heartbeat_ms = DEFAULT_HEARTBEAT_MS,
        .drain_ms = DEFAULT_DRAIN_MS,
        .poll_ms = -1,
        .most_streams = DEFAULT_MOST_STREAMS,
        .delegation_depth = DEFAULT_DELEGATION_DEPTH,
        .rates = command == GX_FOR_SERVE ? GX_RATES_DEFAULT : GX_RATES_OFF,
        .rate_of_client = -1,
        .rate_of_key = -1,
        .plan = GX_PLAN_ENTERPRISE,
        .metrics_key = metrics_key(),
        .log_level = GX_LEVEL_INFO,
        .mode = "live",
    };
    int at = 2;
    while (at < argc) {
        if (!read_one(options, command, argc, argv, &at))
            return false;
    }
    if ((options->tls_cert != NULL) != (options->tls_key != NULL)) {
        fprintf(stderr, "grantexd: --tls-cert and --tls-key: one needs the other\n");
        return false;
    }
    return true;
}

bool gx_options_loopback(const gx_options *options)
{
    struct in_addr v4;
    if (inet_pton(AF_INET, options->host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
    return strcmp(options->host, "::1") == 0 || strcmp(options->host, "localhost") == 0;
}
