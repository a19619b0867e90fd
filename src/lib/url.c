#include "lib/url.h"

#include <string.h>

static bool is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("-._~", c));
}

void gx_url_escape(gx_buffer *url, gx_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (is_unreserved(c))
            gx_buffer_append_char(url, (char)c);
        else
            gx_buffer_printf(url, "%%%02X", c);
    }
}

void gx_url_query(gx_buffer *url, const char *name, const char *value)
{
    if (!value)
        return;
    bool first = url->length == 0 || !memchr(url->data, '?', url->length);
    gx_buffer_append_char(url, first ? '?' : '&');
    gx_buffer_append_text(url, name);
    gx_buffer_append_char(url, '=');
    gx_url_escape(url, gx_span_of(value));
}

bool gx_header_value_ok(gx_span text, size_t most)
{
    if (text.len == 0 || text.len > most)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~')
            return false;
    return true;
}

bool gx_url_is_base(gx_span url)
{
    gx_span scheme = gx_span_starts_with(url, GX_SPAN("https://"))  ? GX_SPAN("https://")
                     : gx_span_starts_with(url, GX_SPAN("http://")) ? GX_SPAN("http://")
                                                                    : (gx_span){NULL, 0};
    if (scheme.len == 0 || !gx_header_value_ok(url, 2048))
        return false;
    gx_span rest = {url.ptr + scheme.len, url.len - scheme.len};
    return rest.len > 0 && rest.ptr[0] != '/' && rest.ptr[0] != ':' && !memchr(rest.ptr, '@', rest.len) &&
           !memchr(rest.ptr, '?', rest.len) && !memchr(rest.ptr, '#', rest.len);
}

/* What stands behind the host's colon; an IPv6 address has some of its own, between brackets. */
static gx_span port_of(gx_span authority)
{
    const char *end = authority.ptr + authority.len, *from = authority.ptr;
    if (authority.ptr[0] == '[')
        from = memchr(authority.ptr, ']', authority.len);
    const char *colon = from ? memchr(from, ':', (size_t)(end - from)) : NULL;
    return colon ? (gx_span){colon + 1, (size_t)(end - colon - 1)} : (gx_span){end, 0};
}

bool gx_url_has_good_port(gx_span url)
{
    const char *start = (const char *)memchr(url.ptr, ':', url.len) + strlen("://");
    gx_span authority = {start, (size_t)(url.ptr + url.len - start)};
    const char *path = memchr(start, '/', authority.len);
    if (path)
        authority.len = (size_t)(path - start);
    gx_span port = port_of(authority);
    unsigned long long number;
    return port.len == 0 || (gx_span_to_uint(port, &number) && number >= 1 && number <= 65535);
}
