#include "http/head.h"

#include <string.h>

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c);
}

/* RFC 9110 section 5.6.2. */
static bool is_token(gx_span text)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < text.len; i++) {
        if (!is_alphanumeric(text.ptr[i]) && !is_one_of(text.ptr[i], others))
            return false;
    }
    return text.len > 0;
}

static bool is_visible_ascii(gx_span text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] <= ' ' || (unsigned char)text.ptr[i] >= 0x7f)
            return false;
    return true;
}

static gx_span behind(gx_span text, size_t n)
{
    return (gx_span){text.ptr + n, text.len - n};
}

/* RFC 9112 section 3.2: an empty one is allowed, for targets without an authority. */
static bool is_host(gx_span text)
{
    static const char others[] = "-._~!$&'()*+,;=:[]%"; /* RFC 3986 section 3.2: no user before an '@' */
    for (size_t i = 0; i < text.len; i++)
        if (!is_alphanumeric(text.ptr[i]) && !is_one_of(text.ptr[i], others))
            return false;
    return true;
}

/* "http://host/path?q" → "/path?q", "http://host" → "/". */
static gx_span without_authority(gx_span target)
{
    static const gx_span scheme = {"http://", 7};
    if (target.len <= scheme.len || !gx_span_equal_nocase((gx_span){target.ptr, scheme.len}, scheme))
        return target;
    gx_span rest = behind(target, scheme.len);
    const char *slash = memchr(rest.ptr, '/', rest.len);
    size_t length = slash ? (size_t)(slash - rest.ptr) : rest.len;
    if (length == 0 || !is_host((gx_span){rest.ptr, length})) /* RFC 9110 section 4.2 */
        return target;
    return slash ? behind(rest, length) : GX_SPAN("/");
}

bool gx_http_head_target(gx_span target, gx_span *path, gx_span *query)
{
    if (target.len == 0 || !is_visible_ascii(target) || memchr(target.ptr, '#', target.len))
        return false;
    gx_span local = without_authority(target);
    if (local.ptr[0] != '/' && !gx_span_equal(local, GX_SPAN("*")))
        return false;
    const char *mark = memchr(local.ptr, '?', local.len);
    size_t length = mark ? (size_t)(mark - local.ptr) : local.len;
    *path = (gx_span){local.ptr, length};
    *query = mark ? behind(local, length + 1) : GX_SPAN("");
    return true;
}

/* How often a header is there; *value is the last one. */
static size_t occurrences(const gx_http_request *request, gx_span name, gx_span *value)
{
    size_t count = 0;
    for (size_t i = 0; i < request->header_count; i++)
        if (gx_span_equal_nocase(request->headers[i].name, name)) {
            *value = request->headers[i].value;
            count++;
        }
    return count;
}

static bool refuse(gx_http_refusal *refusal, int status, const char *reason)
{
    *refusal = (gx_http_refusal){status, reason};
    return false;
}

static bool check_names(const gx_http_request *request, gx_http_refusal *refusal)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (!is_token(request->headers[i].name))
            return refuse(refusal, 400, "a header name holds a character that is not allowed there");
    return true;
}

static bool check_host(const gx_http_request *request, gx_http_refusal *refusal)
{
    gx_span host = {0};
    size_t count = occurrences(request, GX_SPAN("Host"), &host);
    if (count > 1)
        return refuse(refusal, 400, "more than one Host header");
    if (count == 0 && request->minor_version >= 1)
        return refuse(refusal, 400, "no Host header");
    if (count == 1 && !is_host(host))
        return refuse(refusal, 400, "Host is not a host with or without a port");
    return true;
}

static bool check_chunked(const gx_http_request *request, size_t codings, gx_span coding, gx_http_refusal *refusal)
{
    if (request->minor_version == 0)
        return refuse(refusal, 400, "Transfer-Encoding in an HTTP/1.0 request");
    if (codings > 1 || !gx_span_equal_nocase(coding, GX_SPAN("chunked")))
        return refuse(refusal, 400, "only the transfer coding \"chunked\" is understood");
    return true;
}

static bool check_framing(const gx_http_request *request, gx_http_framing *framing, gx_http_refusal *refusal)
{
    gx_span coding, length;
    size_t codings = occurrences(request, GX_SPAN("Transfer-Encoding"), &coding);
    size_t lengths = occurrences(request, GX_SPAN("Content-Length"), &length);
    if (codings > 0 && lengths > 0)
        return refuse(refusal, 400, "both Content-Length and Transfer-Encoding");
    if (lengths > 1)
        return refuse(refusal, 400, "more than one Content-Length header");
    framing->chunked = codings > 0;
    if (framing->chunked)
        return check_chunked(request, codings, coding, refusal);
    unsigned long long bytes = 0;
    if (lengths == 1 && !gx_span_to_uint(length, &bytes))
        return refuse(refusal, 400, "Content-Length is not a number");
    framing->body_length = bytes;
    return true;
}

static bool check_expect(const gx_http_request *request, gx_http_framing *framing, gx_http_refusal *refusal)
{
    gx_span expectation;
    size_t count = occurrences(request, GX_SPAN("Expect"), &expectation);
    if (count == 0 || request->minor_version == 0) /* RFC 9110 section 10.1.1: 1.0 cannot mean it */
        return true;
    if (count > 1 || !gx_span_equal_nocase(expectation, GX_SPAN("100-continue")))
        return refuse(refusal, 417, "only the expectation \"100-continue\" can be met");
    framing->expects_continue = framing->chunked || framing->body_length > 0;
    return true;
}

bool gx_http_head_check(const gx_http_request *request, gx_http_framing *framing, gx_http_refusal *refusal)
{
    gx_http_framing found = {0};
    bool acceptable = check_names(request, refusal) && check_host(request, refusal) &&
                      check_framing(request, &found, refusal) && check_expect(request, &found, refusal);
    if (acceptable)
        *framing = found;
    return acceptable;
}
