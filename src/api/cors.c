#include "api/cors.h"

#include <ctype.h>

/* --- origins --- */

static bool is_host_character(char c)
{
    return (islower((unsigned char)c) || isdigit((unsigned char)c) || c == '.' || c == '-' || c == '_');
}

static bool is_port(gx_span text, const char *usual)
{
    unsigned long long port;
    return gx_span_to_uint(text, &port) && port >= 1 && port <= 65535 && text.ptr[0] != '0' &&
           !gx_span_equal(text, gx_span_of(usual));
}

/* An IPv6 address stands in brackets. */
static size_t host_length(gx_span text)
{
    size_t length = 0;
    if (text.len > 0 && text.ptr[0] == '[') {
        while (length < text.len && text.ptr[length] != ']')
            length++;
        return length < text.len && length > 2 ? length + 1 : 0;
    }
    while (length < text.len && is_host_character(text.ptr[length]))
        length++;
    return length;
}

static bool is_authority(gx_span text, const char *usual_port)
{
    size_t host = host_length(text);
    if (host == 0 || host == text.len)
        return host > 0;
    return text.ptr[host] == ':' && is_port((gx_span){text.ptr + host + 1, text.len - host - 1}, usual_port);
}

static bool begins_with(gx_span text, gx_span with)
{
    return text.len >= with.len && gx_span_equal((gx_span){text.ptr, with.len}, with);
}

bool gx_cors_is_origin(gx_span text)
{
    static const struct scheme {
        gx_span prefix;
        const char *port;
    } SCHEMES[] = {{GX_SPAN("http://"), "80"}, {GX_SPAN("https://"), "443"}};
    for (size_t i = 0; i < sizeof SCHEMES / sizeof *SCHEMES; i++) {
        size_t length = SCHEMES[i].prefix.len;
        if (begins_with(text, SCHEMES[i].prefix))
            return is_authority((gx_span){text.ptr + length, text.len - length}, SCHEMES[i].port);
    }
    return false;
}

static bool is_listed(const gx_cors *cors, gx_span origin)
{
    for (size_t i = 0; i < cors->count; i++) {
        if (gx_span_equal(origin, gx_span_of(cors->origins[i])))
            return true;
    }
    return false;
}

gx_span gx_cors_origin(const gx_cors *cors, const gx_http_request *request)
{
    if (cors->count == 0 || gx_http_header_repeated(request, "Origin"))
        return (gx_span){0};
    gx_span origin = gx_span_trim(gx_http_header_find(request, "Origin"));
    return is_listed(cors, origin) ? origin : (gx_span){0};
}

bool gx_cors_is_preflight(const gx_cors *cors, const gx_http_request *request)
{
    return gx_span_equal(request->method, GX_SPAN("OPTIONS")) && gx_cors_origin(cors, request).len > 0 &&
           gx_http_header_find(request, "Access-Control-Request-Method").len > 0;
}

/* Its scheme is not looked at: TLS may end at a proxy. */
static bool is_own(gx_span origin, const gx_http_request *request)
{
    gx_span scheme;
    gx_span host = gx_span_trim(gx_http_header_find(request, "Host"));
    return gx_cors_is_origin(origin) && gx_span_split(&origin, ':', &scheme) && origin.len > 2 &&
           gx_span_equal_nocase((gx_span){origin.ptr + 2, origin.len - 2}, host);
}

bool gx_cors_admits(const gx_cors *cors, const gx_http_request *request)
{
    gx_span origin = gx_http_header_find(request, "Origin");
    return origin.ptr == NULL || gx_cors_origin(cors, request).len > 0 ||
           (!gx_http_header_repeated(request, "Origin") && is_own(gx_span_trim(origin), request));
}

/* --- headers --- */

#define EXPOSED "x-request-id, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset"

/* What depends on the origin must not be kept for another one, also where this one is not allowed. */
size_t gx_cors_add(const gx_cors *cors, gx_span origin, gx_http_header *headers, size_t count)
{
    if (cors->count > 0)
        headers[count++] = (gx_http_header){GX_SPAN("Vary"), GX_SPAN("Origin")};
    if (origin.len > 0) {
        headers[count++] = (gx_http_header){GX_SPAN("Access-Control-Allow-Origin"), origin};
        headers[count++] = (gx_http_header){GX_SPAN("Access-Control-Expose-Headers"), GX_SPAN(EXPOSED)};
    }
    return count;
}

size_t gx_cors_add_preflight(gx_span origin, gx_span methods, gx_http_header *headers, size_t count)
{
    const gx_http_header all[GX_CORS_MOST_HEADERS] = {
        {GX_SPAN("Vary"), GX_SPAN("Origin")},
        {GX_SPAN("Access-Control-Allow-Origin"), origin},
        {GX_SPAN("Access-Control-Allow-Methods"), methods},
        {GX_SPAN("Access-Control-Allow-Headers"),
         GX_SPAN("Authorization, Content-Type, Idempotency-Key, Last-Event-ID")},
        {GX_SPAN("Access-Control-Max-Age"), GX_SPAN("600")},
    };
    for (size_t i = 0; i < GX_CORS_MOST_HEADERS; i++)
        headers[count++] = all[i];
    return count;
}

void gx_cors_write(const gx_cors *cors, const gx_http_request *request, gx_buffer *out)
{
    gx_http_header headers[GX_CORS_MOST_HEADERS];
    size_t count = gx_cors_add(cors, gx_cors_origin(cors, request), headers, 0);
    for (size_t i = 0; i < count; i++)
        gx_buffer_printf(out, "%.*s: %.*s\r\n", (int)headers[i].name.len, headers[i].name.ptr,
                         (int)headers[i].value.len, headers[i].value.ptr);
}
