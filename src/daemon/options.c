#include "daemon/options.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/cors.h"
#include "authority/plan.h"
#include "base/span.h"
#include "daemon/option_values.h"

enum {
    DEFAULT_PORT = 8480,
    DEFAULT_HEARTBEAT_MS = 15000,
    DEFAULT_DRAIN_MS = 3000,
    DEFAULT_WEBHOOK_TIMEOUT_MS = 10000,
    DEFAULT_MOST_STREAMS = 1000,
    DEFAULT_DELEGATION_DEPTH = 3,
    DEFAULT_HSTS_S = 365 * 24 * 3600,
    MOST_HSTS_S = 2 * DEFAULT_HSTS_S,

    SECOND_MS = 1000,
    HOUR_MS = 3600 * SECOND_MS,
};

/* --- options with a rule of their own --- */

typedef bool take_value(gx_options *options, const char *value);

static bool take_listen(gx_options *options, const char *value)
{
    options->host = options->host_text;
    return gx_value_address(value, options->host_text, sizeof options->host_text, &options->port);
}

static bool take_store(gx_options *options, const char *value)
{
    options->store = options->store_text;
    return gx_value_store_url(value, options->store_text, sizeof options->store_text);
}

static bool take_from(gx_options *options, const char *value)
{
    options->from = options->from_text;
    return gx_value_store_url(value, options->from_text, sizeof options->from_text);
}

static bool take_to(gx_options *options, const char *value)
{
    options->to = options->to_text;
    return gx_value_store_url(value, options->to_text, sizeof options->to_text);
}

static bool take_bus(gx_options *options, const char *value)
{
    options->bus = options->bus_text;
    return gx_value_bus_url(value, options->bus_text, sizeof options->bus_text);
}

static bool take_public_url(gx_options *options, const char *value)
{
    options->public_url = options->url_text;
    return gx_value_public_url(value, options->url_text, sizeof options->url_text);
}

static bool take_key(gx_options *options, const char *value)
{
    size_t length = strlen(value);
    options->key = value;
    return length >= 16 && length <= 512 && strpbrk(value, " \t\r\n") == NULL;
}

static bool take_mode(gx_options *options, const char *value)
{
    options->mode = value;
    return strcmp(value, "live") == 0 || strcmp(value, "sandbox") == 0;
}

static bool take_cors_origin(gx_options *options, const char *value)
{
    bool ok = gx_cors_is_origin(gx_span_of(value)) && options->cors_count < GX_MOST_CORS_ORIGINS;
    if (ok)
        options->cors_origins[options->cors_count++] = value;
    return ok;
}

static bool take_poll(gx_options *options, const char *value)
{
    int64_t ms;
    bool ok = gx_value_number(value, 0, HOUR_MS, &ms) && (ms == 0 || ms >= 50);
    if (ok)
        options->poll_ms = (int)ms;
    return ok;
}

static bool take_webhook_retry(gx_options *options, const char *value)
{
    return gx_schedule_read(gx_span_of(value), &options->webhook_retry);
}

static bool take_retain_age(gx_options *options, const char *value)
{
    return gx_value_age(value, &options->keep.age_ms);
}

static bool take_retain_bytes(gx_options *options, const char *value)
{
    return gx_value_bytes(value, &options->keep.bytes);
}

static bool take_rate_preset(gx_options *options, const char *value)
{
    return gx_rate_preset_find(value, &options->rates);
}

static bool take_plan(gx_options *options, const char *value)
{
    return gx_plan_find(value, &options->plan);
}

static bool take_log_level(gx_options *options, const char *value)
{
    return gx_value_log_level(value, &options->log_level);
}

/* --- the table --- */

enum { SERVERS = GX_FOR_DEV | GX_FOR_SERVE, ALL = SERVERS | GX_FOR_ADD_DEVELOPER };

typedef enum option_kind { IS_OWN, IS_FLAG, IS_TEXT, IS_NUMBER } option_kind;

static const struct option_row {
    const char *name;
    int commands;
    const char *rule;
    option_kind kind;
    bool secret;         /* the value may hold a password */
    take_value *take;    /* IS_OWN */
    size_t place, size;  /* the others: of the member in the options */
    int64_t least, most; /* IS_NUMBER */
} ROWS[] = {
#define OWN(function)    IS_OWN, .take = (function)
#define SECRET(function) IS_OWN, .secret = true, .take = (function)
#define FLAG(member)     IS_FLAG, .place = offsetof(gx_options, member)
#define TEXT(member)     IS_TEXT, .place = offsetof(gx_options, member)
#define NUMBER(member, from, to)                                                                                       \
    IS_NUMBER, .place = offsetof(gx_options, member), .size = sizeof((gx_options *)0)->member, .least = (from),        \
               .most = (to)
    {"--listen", SERVERS, "HOST:PORT, the port from 0 (a free one) to 65535", OWN(take_listen)},
    {"--data", ALL, "a folder", TEXT(data)},
    {"--store", ALL, "sqlite:PATH or postgres://…", SECRET(take_store)},
    {"--from", GX_FOR_MIGRATE, "sqlite:PATH or postgres://…", SECRET(take_from)},
    {"--to", GX_FOR_MIGRATE, "sqlite:PATH or postgres://…", SECRET(take_to)},
    {"--key", GX_FOR_DEV, "16 to 512 characters without blanks", OWN(take_key)},
    {"--public-url", SERVERS, "an http:// or https:// URL without query", OWN(take_public_url)},
    {"--bus", SERVERS, "nats://HOST:PORT or tls://HOST:PORT, several with commas between", SECRET(take_bus)},
    {"--bus-credentials", SERVERS, "a NATS credentials file", TEXT(bus_credentials)},
    {"--bus-ca", SERVERS, "a file with certificates (PEM)", TEXT(bus_ca)},
    {"--tls-cert", SERVERS, "a file with the certificate chain (PEM)", TEXT(tls_cert)},
    {"--tls-key", SERVERS, "a file with its key (PEM, without a passphrase)", TEXT(tls_key)},
    {"--hsts", GX_FOR_SERVE, "seconds from 0 to 63072000", NUMBER(hsts_s, 0, MOST_HSTS_S)},
    {"--behind-proxy", GX_FOR_SERVE, "no value", FLAG(behind_proxy)},
    {"--open-signup", GX_FOR_SERVE, "no value", FLAG(open_signup)},
    {"--allow-private-webhooks", GX_FOR_SERVE, "no value", FLAG(private_webhooks)},
    {"--webhook-retry", SERVERS, "1 to 16 numbers of milliseconds with commas between", OWN(take_webhook_retry)},
    {"--webhook-timeout", SERVERS, "milliseconds from 50 to 600000", NUMBER(webhook_timeout_ms, 50, 600 * SECOND_MS)},
    {"--heartbeat", SERVERS, "milliseconds from 50 to 3600000", NUMBER(heartbeat_ms, 50, HOUR_MS)},
    {"--drain", SERVERS, "milliseconds from 1 to 3600000", NUMBER(drain_ms, 1, HOUR_MS)},
    {"--poll", SERVERS, "milliseconds from 50 to 3600000, or 0 for never", OWN(take_poll)},
    {"--threads", SERVERS, "a number from 1 to 256", NUMBER(threads, 1, 256)},
    {"--connections-per-address", SERVERS, "a number from 1 to 1000000, or 0 for no limit",
     NUMBER(address_connections, 0, 1000000)},
    {"--max-streams", SERVERS, "a number from 1 to 1000000", NUMBER(most_streams, 1, 1000000)},
    {"--max-streams-total", SERVERS, "a number from 1 to 1000000", NUMBER(most_streams_total, 1, 1000000)},
    {"--cors-origin", SERVERS,
     "an origin as browsers send it, such as https://app.example (no path, no slash, no usual port; 64 at most)",
     OWN(take_cors_origin)},
    {"--max-delegation-depth", SERVERS, "a number from 1 to 10", NUMBER(delegation_depth, 1, 10)},
    {"--retain-age", SERVERS, "1 to 100000 and one of s, m, h, d, such as 30d", OWN(take_retain_age)},
    {"--retain-bytes", SERVERS, "bytes, or a number and one of K, M, G, T, such as 500M", OWN(take_retain_bytes)},
    {"--retain-events", SERVERS, "a number from 1 to 1000000000000", NUMBER(keep.events, 1, 1000000000000)},
    {"--retain-every", SERVERS, "milliseconds from 50 to 3600000", NUMBER(retain_every_ms, 50, HOUR_MS)},
    {"--rate-limits", SERVERS, "off, default or reference", OWN(take_rate_preset)},
    {"--rate-limit-ip", SERVERS, "calls a minute, 0 (no limit) to 1000000000", NUMBER(rate_of_client, 0, 1000000000)},
    {"--rate-limit-key", SERVERS, "calls a minute, 0 (no limit) to 1000000000", NUMBER(rate_of_key, 0, 1000000000)},
    {"--plan", SERVERS, "free, pro or enterprise", OWN(take_plan)},
    {"--log-level", SERVERS, "debug, info, warn or error", OWN(take_log_level)},
    {"--name", GX_FOR_ADD_DEVELOPER, "a name", TEXT(name)},
    {"--email", GX_FOR_ADD_DEVELOPER, "an e-mail address", TEXT(email)},
    {"--mode", GX_FOR_ADD_DEVELOPER, "live or sandbox", OWN(take_mode)},
};

static const struct option_row *find_row(gx_span name, int command)
{
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        if ((ROWS[i].commands & command) != 0 && gx_span_equal(name, gx_span_of(ROWS[i].name)))
            return &ROWS[i];
    }
    return NULL;
}

/* --- reading --- */

/* A member is an int, or as wide as an int64_t. */
static bool put_number(const struct option_row *row, void *member, const char *value)
{
    int64_t number;
    if (!gx_value_number(value, row->least, row->most, &number))
        return false;
    if (row->size == sizeof(int))
        *(int *)member = (int)number;
    else
        memcpy(member, &number, row->size);
    return true;
}

static bool put_value(gx_options *options, const struct option_row *row, const char *value)
{
    void *member = (char *)options + row->place;
    switch (row->kind) {
    case IS_OWN:
        return row->take(options, value);
    case IS_FLAG:
        return *(bool *)member = true;
    case IS_TEXT:
        *(const char **)member = value;
        return value[0] != '\0';
    case IS_NUMBER:
        return put_number(row, member, value);
    }
    return false;
}

/* The URL of a store or a bus may hold a password, and ps shows every user of the machine the words of a command. */
static void blank_password(char *value)
{
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
    bool takes_value = row->kind != IS_FLAG;
    if (takes_value && equals == NULL)
        value = *at < argc ? argv[(*at)++] : empty;
    if ((!takes_value && equals != NULL) || !put_value(options, row, value)) {
        fprintf(stderr, "grantexd: %s: must be %s\n", row->name, row->rule);
        return false;
    }
    if (row->secret)
        blank_password(value);
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
        .hsts_s = command == GX_FOR_SERVE ? DEFAULT_HSTS_S : -1, /* dev is of localhost, which is other servers too */
        .address_connections = -1,
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
