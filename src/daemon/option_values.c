#include "daemon/option_values.h"

#include <string.h>

#include "base/span.h"
#include "store/database.h"

static bool copy(gx_span text, char *out, size_t size)
{
    if (text.len >= size)
        return false;
    memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
    return true;
}

bool gx_value_number(const char *value, int64_t least, int64_t most, int64_t *out)
{
    unsigned long long number;
    if (!gx_span_to_uint(gx_span_of(value), &number) || number > INT64_MAX)
        return false;
    if ((int64_t)number < least || (int64_t)number > most)
        return false;
    *out = (int64_t)number;
    return true;
}

bool gx_value_address(const char *value, char *host, size_t size, int *port)
{
    const char *colon = strrchr(value, ':');
    int64_t number;
    if (colon == NULL || colon == value || !gx_value_number(colon + 1, 0, 65535, &number))
        return false;
    gx_span name = {value, (size_t)(colon - value)};
    if (name.len > 2 && name.ptr[0] == '[' && name.ptr[name.len - 1] == ']')
        name = (gx_span){name.ptr + 1, name.len - 2};
    if (!copy(name, host, size))
        return false;
    *port = (int)number;
    return true;
}

bool gx_value_age(const char *value, int64_t *ms)
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
        *ms = (int64_t)number * UNITS[i].ms;
        return true;
    }
    return false;
}

bool gx_value_bytes(const char *value, int64_t *bytes)
{
    static const char LETTERS[] = "KMGT";
    static const unsigned long long MOST = 1ULL << 50;
    size_t length = strlen(value);
    const char *letter = length > 1 ? strchr(LETTERS, value[length - 1]) : NULL;
    unsigned long long number;
    if (!gx_span_to_uint((gx_span){value, letter ? length - 1 : length}, &number) || number < 1)
        return false;
    for (long power = letter ? letter - LETTERS + 1 : 0; power > 0 && number <= MOST; power--)
        number *= 1024;
    if (number > MOST)
        return false;
    *bytes = (int64_t)number;
    return true;
}

bool gx_value_public_url(const char *value, char *url, size_t size)
{
    gx_span text = gx_span_of(value);
    while (text.len > 0 && text.ptr[text.len - 1] == '/')
        text.len--;
    bool http = gx_span_starts_with(text, GX_SPAN("http://")) || gx_span_starts_with(text, GX_SPAN("https://"));
    return http && strpbrk(value, "?# \t\r\n\"") == NULL && copy(text, url, size);
}

bool gx_value_store_url(const char *value, char *url, size_t size)
{
    bool file = strncmp(value, "sqlite:", 7) == 0 && value[7] != '\0' && strcmp(value, "sqlite::memory:") != 0;
    return (file || gx_store_is_server(value)) && copy(gx_span_of(value), url, size);
}

static bool names_behind(gx_span url, gx_span scheme)
{
    return url.len > scheme.len && gx_span_starts_with(url, scheme);
}

bool gx_value_bus_url(const char *value, char *url, size_t size)
{
    gx_span rest = gx_span_of(value), one;
    if (rest.len == 0 || rest.ptr[rest.len - 1] == ',')
        return false;
    while (gx_span_split(&rest, ',', &one))
        if (!names_behind(one, GX_SPAN("nats://")) && !names_behind(one, GX_SPAN("tls://")))
            return false;
    return copy(gx_span_of(value), url, size);
}

bool gx_value_log_level(const char *value, gx_log_level *level)
{
    static const char *const NAMES[] = {"debug", "info", "warn", "error"};
    for (int at = GX_LEVEL_DEBUG; at <= GX_LEVEL_ERROR; at++) {
        if (strcmp(value, NAMES[at]) == 0) {
            *level = (gx_log_level)at;
            return true;
        }
    }
    return false;
}
