#include "api/ws_upgrade.h"

#include <openssl/evp.h>
#include <string.h>

#include "http/server.h"

/* RFC 6455 section 1.3 */
#define PROTOCOL_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

enum { KEY_LENGTH = 24 }; /* base64 of 16 bytes ends in "==" */

static bool list_has(gx_span list, gx_span token)
{
    gx_span piece;
    while (gx_span_split(&list, ',', &piece))
        if (gx_span_equal_nocase(gx_span_trim(piece), token))
            return true;
    return false;
}

/* In any of the headers of that name. */
static bool header_lists(const gx_http_request *request, gx_span name, gx_span token)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (gx_span_equal_nocase(request->headers[i].name, name) && list_has(request->headers[i].value, token))
            return true;
    return false;
}

static bool key_valid(gx_span key)
{
    unsigned char bytes[KEY_LENGTH / 4 * 3];
    return key.len == KEY_LENGTH && gx_span_equal((gx_span){key.ptr + KEY_LENGTH - 2, 2}, GX_SPAN("==")) &&
           EVP_DecodeBlock(bytes, (const unsigned char *)key.ptr, KEY_LENGTH) == (int)sizeof bytes;
}

bool gx_ws_upgrade_check(gx_call *call)
{
    const gx_http_request *request = call->request;
    if (request->minor_version == 0 || !header_lists(request, GX_SPAN("Upgrade"), GX_SPAN("websocket")) ||
        !header_lists(request, GX_SPAN("Connection"), GX_SPAN("Upgrade")))
        return gx_refuse(&call->problem, 426, "UPGRADE_REQUIRED",
                         "This is a WebSocket: the headers Upgrade: websocket and Connection: Upgrade are needed");
    if (!gx_span_equal(gx_span_trim(gx_http_header_find(request, "Sec-WebSocket-Version")), GX_SPAN("13")))
        return gx_refuse(&call->problem, 426, "UPGRADE_REQUIRED", "Sec-WebSocket-Version: must be 13");
    if (!key_valid(gx_span_trim(gx_http_header_find(request, "Sec-WebSocket-Key"))))
        return gx_refuse(&call->problem, 400, "BAD_REQUEST", "Sec-WebSocket-Key: must be 16 bytes in base64");
    return true;
}

bool gx_ws_upgrade_accept(gx_span key, char out[static GX_WS_ACCEPT_SIZE])
{
    char text[KEY_LENGTH + sizeof PROTOCOL_GUID];
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length;
    memcpy(text, key.ptr, KEY_LENGTH);
    memcpy(text + KEY_LENGTH, PROTOCOL_GUID, sizeof PROTOCOL_GUID);
    if (EVP_Digest(text, sizeof text - 1, digest, &length, EVP_sha1(), NULL) != 1)
        return false;
    EVP_EncodeBlock((unsigned char *)out, digest, (int)length);
    return true;
}
