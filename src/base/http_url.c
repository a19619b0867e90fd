#include "base/http_url.h"

#include <string.h>

enum { MOST_PORT = 65535 };

static bool skip_scheme(gx_span *url, bool *secure)
{
    static const gx_span SCHEMES[] = {GX_SPAN("http://"), GX_SPAN("https://")};
    for (size_t i = 0; i < sizeof SCHEMES / sizeof *SCHEMES; i++) {
        size_t length = SCHEMES[i].len;
        if (url->len >= length && gx_span_equal_nocase((gx_span){url->ptr, length}, SCHEMES[i])) {
            *url = (gx_span){url->ptr + length, url->len - length};
            *secure = i == 1;
            return true;
        }
    }
    return false;
}

static bool has_odd_character(gx_span url)
{
    for (size_t i = 0; i < url.len; i++) {
        unsigned char c = (unsigned char)url.ptr[i];
        if (c <= ' ' || c == 0x7f || strchr("\\\"<>^`{|}", c) != NULL)
            return true;
    }
    return false;
}

static bool port_is_good(gx_span port)
{
    unsigned long long number;
    return gx_span_to_uint(port, &number) && number <= MOST_PORT;
}

/* "host", "host:port", "[::1]:port" */
static bool read_host(gx_span authority, gx_span *host)
{
    if (authority.len == 0 || memchr(authority.ptr, '@', authority.len) != NULL)
        return false;
    bool bracketed = authority.ptr[0] == '[';
    const char *end = authority.ptr + authority.len;
    const char *host_end = memchr(authority.ptr, bracketed ? ']' : ':', authority.len);
    const char *port = host_end; /* ":…", or the end */
    if (bracketed && host_end == NULL)
        return false;
    if (bracketed)
        port = host_end + 1;
    else if (host_end == NULL)
        port = host_end = end;
    if (port < end && (*port != ':' || !port_is_good((gx_span){port + 1, (size_t)(end - port - 1)})))
        return false;
    const char *start = authority.ptr + bracketed;
    *host = (gx_span){start, (size_t)(host_end - start)};
    return host->len > 0;
}

bool gx_http_url_read(gx_span text, gx_http_url *out)
{
    gx_http_url url = {0};
    if (has_odd_character(text) || !skip_scheme(&text, &url.secure))
        return false;
    size_t length = 0;
    while (length < text.len && strchr("/?#", text.ptr[length]) == NULL)
        length++;
    if (!read_host((gx_span){text.ptr, length}, &url.host))
        return false;
    url.has_fragment = memchr(text.ptr, '#', text.len) != NULL;
    *out = url;
    return true;
}
