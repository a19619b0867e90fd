#include "api/request_param.h"

#include <string.h>

#include "base/encoding.h"
#include "base/utf8.h"

static bool is_text(gx_span bytes)
{
    return gx_utf8_valid(bytes) && (bytes.len == 0 || memchr(bytes.ptr, '\0', bytes.len) == NULL);
}

bool gx_request_param_read(gx_call *call, gx_span encoded)
{
    gx_span decoded;
    char *out = gx_arena_alloc(&call->arena, encoded.len + 1);
    if (out == NULL)
        return false;
    decoded.ptr = out;
    bool good = gx_percent_read(encoded, false, out, &decoded.len) && is_text(decoded);
    call->param = good ? decoded : encoded;
    return true;
}
