/* Addresses that a browser will be sent to: absolute, http or https, and nothing that two readers of URLs could see
 * differently (RFC 3986 section 7.6 warns of user information; blanks and backslashes are what browsers "repair"). */
#include <string.h>

#include "api/input.h"
#include "api/input_fault.h"

enum { MOST_URL_LENGTH = 2048, MOST_PORT = 65535 };

static bool skip_scheme(gx_span *url)
{
    static const gx_span SCHEMES[] = {GX_SPAN("https://"), GX_SPAN("http://")};
    for (size_t i = 0; i < sizeof SCHEMES / sizeof *SCHEMES; i++) {
        size_t length = SCHEMES[i].len;
        if (url->len >= length && gx_span_equal_nocase((gx_span){url->ptr, length}, SCHEMES[i])) {
            *url = (gx_span){url->ptr + length, url->len - length};
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

/* "host", "host:port", "[::1]:port"; the part behind the host is "" or ":digits". */
static bool host_is_good(gx_span host)
{
    if (host.len == 0 || memchr(host.ptr, '@', host.len) != NULL)
        return false;
    const char *end = host.ptr + host.len;
    const char *bracket = host.ptr[0] == '[' ? memchr(host.ptr, ']', host.len) : host.ptr;
    if (bracket == NULL)
        return false;
    const char *colon = memchr(bracket, ':', (size_t)(end - bracket));
    if (colon == NULL)
        return bracket == host.ptr || bracket + 1 == end;
    unsigned long long port;
    return colon > host.ptr && (bracket == host.ptr || colon == bracket + 1) &&
           gx_span_to_uint((gx_span){colon + 1, (size_t)(end - colon - 1)}, &port) && port <= MOST_PORT;
}

static bool url_is_good(gx_span url)
{
    if (has_odd_character(url) || !skip_scheme(&url))
        return false;
    size_t length = 0;
    while (length < url.len && strchr("/?#", url.ptr[length]) == NULL)
        length++;
    return host_is_good((gx_span){url.ptr, length});
}

bool gx_input_url(gx_call *call, const char *field, const char **out)
{
    const char *url;
    if (!gx_input_text(call, field, GX_OPTIONAL, 1, MOST_URL_LENGTH, &url))
        return false;
    if (url != NULL && !url_is_good(gx_span_of(url)))
        return gx_input_refuse(call, field, "must be an absolute http or https URL without user name or password");
    *out = url;
    return true;
}
