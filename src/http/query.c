/* name=value&name=value, as in query strings and forms. */
#include "http/server.h"

#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Reads the two digits behind '%'; -1 when they are none. */
static int escaped_byte(gx_span text, size_t percent)
{
    if (text.len - percent < 3)
        return -1;
    int high = hex_digit(text.ptr[percent + 1]);
    int low = hex_digit(text.ptr[percent + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static bool decode(gx_span text, gx_arena *arena, gx_span *decoded)
{
    char *out = gx_arena_alloc(arena, text.len + 1);
    if (!out)
        return false;
    size_t length = 0;
    for (size_t i = 0; i < text.len; i++) {
        int byte = text.ptr[i] == '+' ? ' ' : text.ptr[i];
        if (byte == '%') {
            byte = escaped_byte(text, i);
            if (byte < 0)
                return false;
            i += 2;
        }
        out[length++] = (char)byte;
    }
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
