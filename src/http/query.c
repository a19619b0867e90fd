/* name=value&name=value, as in query strings and forms. */
#include "http/server.h"

#include <string.h>

#include "base/encoding.h"

static bool decode(gx_span text, gx_arena *arena, gx_span *decoded)
{
    size_t length;
    char *out = gx_arena_alloc(arena, text.len + 1);
    if (!out || !gx_percent_read(text, true, out, &length))
        return false;
    *decoded = (gx_span){out, length};
    return true;
}

bool gx_http_query_next(gx_span *rest, gx_arena *arena, gx_span *name, gx_span *value, bool *bad)
{
    gx_span pair = {NULL, 0};
    *bad = false;
    while (pair.len == 0) /* "a=1&&b=2": nothing stands between the two */
        if (!gx_span_split(rest, '&', &pair))
            return false;
    const char *equals = memchr(pair.ptr, '=', pair.len);
    size_t name_length = equals ? (size_t)(equals - pair.ptr) : pair.len;
    gx_span raw_value = equals ? (gx_span){equals + 1, pair.len - name_length - 1} : GX_SPAN("");
    gx_span decoded_name, decoded_value;
    *bad = !decode((gx_span){pair.ptr, name_length}, arena, &decoded_name) || !decode(raw_value, arena, &decoded_value);
    if (*bad)
        return false;
    *name = decoded_name;
    *value = decoded_value;
    return true;
}
