#include <string.h>

#include "base/memory.h"
#include "lib/fail.h"
#include "lib/stream.h"
#include "lib/url.h"

#define MOST_TYPES       64
#define MOST_TYPE_LENGTH 128
#define DEFAULT_WINDOW   4096 /* about a second of the busiest developer, or days of a calm one */
#define MOST_WINDOW      (1u << 20)
#define MOST_HEADER      8192

static grantex_status check_types(const char *const *types, grantex_error *error)
{
    size_t n = 0;
    for (; types && types[n]; n++) {
        gx_span type = gx_span_of(types[n]);
        if (n == MOST_TYPES || !gx_header_value_ok(type, MOST_TYPE_LENGTH) || memchr(type.ptr, ',', type.len))
            return gx_fail(error, GRANTEX_E_INVALID, "event_types must be at most %d names such as \"grant.created\"",
                           MOST_TYPES);
    }
    return GRANTEX_OK;
}

/* "Name: value": what the library says itself, and what would break the request, is refused. */
static bool is_own_header(gx_span header)
{
    static const char *const taken[] = {"authorization",
                                        "accept",
                                        "cache-control",
                                        "last-event-id",
                                        "user-agent",
                                        "host",
                                        "content-length",
                                        "transfer-encoding",
                                        "connection",
                                        "upgrade",
                                        "te",
                                        "accept-encoding"};
    gx_span name, rest = header;
    if (header.len > MOST_HEADER || !gx_span_split(&rest, ':', &name) || !gx_header_value_ok(name, 128))
        return false;
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
        if (gx_span_equal_nocase(name, gx_span_of(taken[i])))
            return false;
    for (size_t i = 0; i < rest.len; i++)
        if ((unsigned char)rest.ptr[i] < ' ' && rest.ptr[i] != '\t')
            return false;
    return name.len < header.len;
}

static grantex_status check_headers(const char *const *headers, grantex_error *error)
{
    for (size_t n = 0; headers && headers[n]; n++)
        if (n == GX_MOST_HEADERS || !is_own_header(gx_span_of(headers[n])))
            return gx_fail(error, GRANTEX_E_INVALID,
                           "headers must be at most %d of the form \"Name: value\", none that the library sends itself",
                           GX_MOST_HEADERS);
    return GRANTEX_OK;
}

/* An id, or a time behind GX_CURSOR_BY_TIME. */
static bool is_cursor(gx_span text)
{
    gx_span by_time = GX_SPAN(GX_CURSOR_BY_TIME);
    if (!gx_header_value_ok(text, GX_CURSOR_SIZE - 1))
        return false;
    return !gx_span_starts_with(text, by_time) || (text.len > by_time.len && text.len - by_time.len < GX_TIME_SIZE);
}

static grantex_status check_options(const grantex_stream_options *options, grantex_error *error)
{
    if (options->since && (!options->since[0] || strlen(options->since) >= GX_TIME_SIZE))
        return gx_fail(error, GRANTEX_E_INVALID, "since must be a time such as 2026-03-01T12:00:00Z");
    if (options->cursor && !is_cursor(gx_span_of(options->cursor)))
        return gx_fail(error, GRANTEX_E_INVALID, "cursor must be what grantex_stream_cursor gave, or an event id");
    if (options->reconnect < GRANTEX_RECONNECT_AUTO || options->reconnect > GRANTEX_RECONNECT_NEVER)
        return gx_fail(error, GRANTEX_E_INVALID, "reconnect must be one of grantex_reconnect");
    if (options->header_timeout_ms < 0 || options->idle_timeout_ms < 0 || options->max_backoff_ms < 0 ||
        options->max_attempts < 0)
        return gx_fail(error, GRANTEX_E_INVALID, "Timeouts and limits must not be negative");
    if (!gx_reserved_unused(options->reserved, sizeof options->reserved / sizeof options->reserved[0]))
        return gx_fail(error, GRANTEX_E_INVALID, "reserved must be zero");
    if (options->window > MOST_WINDOW)
        return gx_fail(error, GRANTEX_E_INVALID, "window must be at most %u", MOST_WINDOW);
    grantex_status status = check_headers(options->headers, error);
    return status == GRANTEX_OK ? check_types(options->event_types, error) : status;
}

/* One block: the pointers, then the texts. */
static char **copy_list(const char *const *texts)
{
    size_t count = 0, bytes = 0;
    for (; texts[count]; count++)
        bytes += strlen(texts[count]) + 1;
    char **copy = gx_malloc((count + 1) * sizeof *copy + bytes);
    if (!copy)
        return NULL;
    char *text = (char *)(copy + count + 1);
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(texts[i]) + 1;
        copy[i] = memcpy(text, texts[i], size);
        text += size;
    }
    copy[count] = NULL;
    return copy;
}

static char *join_types(char **types)
{
    gx_buffer list = {0};
    for (size_t i = 0; types[i]; i++) {
        if (i > 0)
            gx_buffer_append_char(&list, ',');
        gx_buffer_append_text(&list, types[i]);
    }
    if (!gx_buffer_text(&list))
        gx_buffer_free(&list);
    return list.data;
}

static bool copy_texts(gx_stream_settings *settings, const grantex_stream_options *options)
{
    if (options->since && !(settings->since = gx_strdup(options->since)))
        return false;
    if (options->headers && !(settings->headers = copy_list(options->headers)))
        return false;
    if (!options->event_types || !options->event_types[0])
        return true;
    settings->types = copy_list(options->event_types);
    settings->type_list = settings->types ? join_types(settings->types) : NULL;
    return settings->type_list != NULL;
}

grantex_status gx_stream_settings_read(gx_stream_settings *settings, const grantex_stream_options *options,
                                       grantex_error *error)
{
    grantex_status status = check_options(options, error);
    if (status != GRANTEX_OK)
        return status;
    *settings = (gx_stream_settings){
        .reconnect = options->reconnect,
        .on_notice = options->on_notice,
        .notice_user = options->notice_user,
        .header_timeout_ms = gx_default_int(options->header_timeout_ms, 45000),
        .idle_timeout_ms = gx_default_int(options->idle_timeout_ms, 37500),
        .max_backoff_ms = gx_default_int(options->max_backoff_ms, 30000),
        .max_attempts = options->max_attempts,
        .max_event_bytes = options->max_event_bytes,
        .window = options->window ? options->window : DEFAULT_WINDOW,
    };
    return copy_texts(settings, options) ? GRANTEX_OK : gx_fail_memory(error);
}

void gx_stream_settings_free(gx_stream_settings *settings)
{
    gx_free(settings->types);
    gx_free(settings->type_list);
    gx_free(settings->headers);
    gx_free(settings->since);
}

static bool matches(const char *pattern, gx_span type)
{
    size_t length = strlen(pattern);
    if (pattern[length - 1] == '*')
        return gx_span_starts_with(type, (gx_span){pattern, length - 1});
    return gx_span_equal(type, (gx_span){pattern, length});
}

bool gx_stream_settings_want(const gx_stream_settings *settings, gx_span type)
{
    if (!settings->types)
        return true;
    for (char **pattern = settings->types; *pattern; pattern++)
        if (matches(*pattern, type))
            return true;
    return false;
}
