#include "api/request_body.h"

#include <string.h>
#include <strings.h>

#include "base/utf8.h"

/* "application/json" or "application/<anything>+json", with or without parameters (RFC 6839). */
static bool is_json_type(gx_span value)
{
    gx_span type;
    if (!gx_span_split(&value, ';', &type))
        return false;
    type = gx_span_trim(type);
    if (gx_span_equal_nocase(type, GX_SPAN("application/json")))
        return true;
    gx_span suffix = GX_SPAN("+json");
    return type.len > suffix.len &&
           gx_span_equal_nocase((gx_span){type.ptr + type.len - suffix.len, suffix.len}, suffix) &&
           strncasecmp(type.ptr, "application/", strlen("application/")) == 0;
}

bool gx_request_body_read(gx_call *call)
{
    gx_span body = call->request->body;
    if (body.len == 0)
        return gx_refuse(&call->problem, 400, "BAD_REQUEST", "The body must be a JSON object; it is empty");
    if (!is_json_type(gx_http_header_find(call->request, "content-type")))
        return gx_refuse(&call->problem, 415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type: must be application/json");
    if (!gx_utf8_valid(body))
        return gx_refuse(&call->problem, 400, "BAD_REQUEST", "The body is not valid UTF-8");
    json_error_t error;
    call->body = json_loadb(body.ptr, body.len, JSON_REJECT_DUPLICATES, &error);
    if (call->body == NULL)
        return gx_refuse(&call->problem, 400, "BAD_REQUEST", "The body is not valid JSON (line %d, column %d)",
                         error.line, error.column);
    if (!json_is_object(call->body))
        return gx_refuse(&call->problem, 400, "BAD_REQUEST", "The body must be a JSON object");
    return true;
}

static int hex_value(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c == '\0' ? NULL : strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c);
    return at == NULL ? -1 : (int)(at - digits);
}

bool gx_request_param_read(gx_call *call, gx_span encoded)
{
    char *out = gx_arena_alloc(&call->arena, encoded.len + 1);
    if (out == NULL)
        return false;
    size_t length = 0;
    for (size_t i = 0; i < encoded.len; i++) {
        bool escape = encoded.ptr[i] == '%' && i + 2 < encoded.len && hex_value(encoded.ptr[i + 1]) >= 0 &&
                      hex_value(encoded.ptr[i + 2]) >= 0;
        int value = escape ? hex_value(encoded.ptr[i + 1]) * 16 + hex_value(encoded.ptr[i + 2]) : 0;
        if (escape && value != 0)
            i += 2;
        out[length++] = escape && value != 0 ? (char)value : encoded.ptr[i];
    }
    /* What is no UTF-8 when decoded stays encoded: it names nothing, and the store must not see it. */
    call->param = gx_utf8_valid((gx_span){out, length}) ? (gx_span){out, length} : encoded;
    return true;
}
