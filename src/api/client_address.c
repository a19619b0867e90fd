#include "api/client_address.h"

#include <arpa/inet.h>
#include <string.h>

static const uint8_t MAPPED_V4[12] = {[10] = 0xff, [11] = 0xff}; /* RFC 4291 section 2.5.5.2 */

static gx_client_address v4(const uint8_t *bytes)
{
    gx_client_address address = {.bytes = {4}};
    memcpy(address.bytes + 1, bytes, 4);
    return address;
}

static gx_client_address v6(const uint8_t *bytes)
{
    gx_client_address address = {.bytes = {6}};
    memcpy(address.bytes + 1, bytes, 8);
    return address;
}

static bool parse(gx_span text, gx_client_address *out)
{
    char plain[INET6_ADDRSTRLEN];
    uint8_t bytes[16];
    if (text.len == 0 || text.len >= sizeof plain)
        return false;
    memcpy(plain, text.ptr, text.len);
    plain[text.len] = '\0';
    if (inet_pton(AF_INET, plain, bytes) == 1)
        *out = v4(bytes);
    else if (inet_pton(AF_INET6, plain, bytes) != 1)
        return false;
    else
        *out = memcmp(bytes, MAPPED_V4, sizeof MAPPED_V4) == 0 ? v4(bytes + 12) : v6(bytes);
    return true;
}

/* Some proxies write the port too: "192.0.2.1:4711", "[2001:db8::1]:4711". */
static gx_span without_port(gx_span text)
{
    const char *end = text.len > 0 ? memchr(text.ptr, text.ptr[0] == '[' ? ']' : ':', text.len) : NULL;
    if (end == NULL)
        return text;
    if (text.ptr[0] == '[')
        return (gx_span){text.ptr + 1, (size_t)(end - text.ptr) - 1};
    bool bare_v6 = memchr(end + 1, ':', text.len - (size_t)(end + 1 - text.ptr)) != NULL;
    return bare_v6 ? text : (gx_span){text.ptr, (size_t)(end - text.ptr)};
}

/* The last address of the last such header: several mean one list (RFC 9110 section 5.3). */
static gx_span last_hop(const gx_http_request *request)
{
    gx_span hop = {0};
    for (size_t i = 0; i < request->header_count; i++) {
        gx_span list = request->headers[i].value;
        if (!gx_span_equal_nocase(request->headers[i].name, GX_SPAN("x-forwarded-for")))
            continue;
        while (gx_span_split(&list, ',', &hop))
            continue;
    }
    return without_port(gx_span_trim(hop));
}

gx_client_address gx_client_address_of(const gx_http_request *request, bool behind_proxy)
{
    gx_client_address address = {.bytes = {0}};
    if (!behind_proxy || !parse(last_hop(request), &address))
        parse(request->peer, &address);
    return address;
}

/* Of an IPv6 address the first half is known: of ::1 and :: it is zero. */
static const char *class_of_v6(const uint8_t *half)
{
    static const uint8_t NONE[8] = {0};
    if (memcmp(half, NONE, sizeof NONE) == 0)
        return "loopback";
    bool unique_local = (half[0] & 0xfe) == 0xfc, link_local = half[0] == 0xfe && (half[1] & 0xc0) == 0x80;
    return unique_local || link_local ? "private" : "public";
}

const char *gx_client_address_class(const gx_client_address *address)
{
    const uint8_t *b = address->bytes + 1;
    if (address->bytes[0] == 6)
        return class_of_v6(b);
    bool private = b[0] == 10 || (b[0] == 172 && (b[1] & 0xf0) == 16) || (b[0] == 192 && b[1] == 168) ||
                   (b[0] == 169 && b[1] == 254);
    return b[0] == 127 ? "loopback" : private ? "private" : "public";
}
