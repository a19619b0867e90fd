/* What a request asks for beside its body: the fields in the query string, and headers. */
#include <string.h>

#include "api/input.h"
#include "api/input_fault.h"
#include "base/encoding.h"
#include "base/utf8.h"

static bool refuse_encoding(gx_call *call, const char *name)
{
    return gx_input_refuse(call, name, "the query string must be percent-encoded UTF-8 without U+0000");
}

bool gx_input_query_check(gx_call *call)
{
    const gx_span query = call->request->query;
    for (size_t i = 0; i < query.len; i++) {
        if (query.ptr[i] != '%')
            continue;
        if (query.len - i < 3 || gx_hex_digit(query.ptr[i + 1]) < 0 || gx_hex_digit(query.ptr[i + 2]) < 0)
            return gx_refuse(&call->problem, 400, "BAD_REQUEST",
                             "The query string must be percent-encoded: two hex digits behind every %%");
    }
    return true;
}

static const char *join(gx_arena *arena, const char *so_far, gx_span value)
{
    if (so_far == NULL)
        return gx_arena_copy(arena, value);
    return gx_arena_printf(arena, "%s,%.*s", so_far, (int)value.len, value.ptr);
}

static bool refuse_repetition(gx_call *call, const char *name)
{
    return gx_input_refuse(call, name, "must not be repeated");
}

static bool read_all(gx_call *call, const char *name, bool repeated, const char **out)
{
    const gx_span wanted = gx_span_of(name);
    gx_span rest = call->request->query, key, value;
    const char *joined = NULL;
    bool bad = false;
    while (gx_http_query_next(&rest, &call->arena, &key, &value, &bad)) {
        if (!gx_span_equal(key, wanted))
            continue;
        if (!gx_utf8_valid(value) || memchr(value.ptr, '\0', value.len) != NULL)
            return refuse_encoding(call, name);
        if (joined != NULL && !repeated)
            return refuse_repetition(call, name);
        joined = join(&call->arena, joined, value);
        if (joined == NULL)
            return gx_input_no_memory(call);
    }
    if (call->arena.failed)
        return gx_input_no_memory(call);
    if (bad)
        return refuse_encoding(call, name);
    *out = joined;
    return true;
}

bool gx_input_query(gx_call *call, const char *name, const char **out)
{
    return read_all(call, name, false, out);
}

bool gx_input_query_list(gx_call *call, const char *name, const char **out)
{
    return read_all(call, name, true, out);
}

bool gx_input_query_text(gx_call *call, const char *name, size_t most, const char **out)
{
    const char *text;
    if (!gx_input_query(call, name, &text))
        return false;
    size_t length = text == NULL ? 1 : gx_utf8_length(gx_span_of(text));
    if (length < 1 || length > most)
        return gx_input_refuse(call, name, "must have 1 to %zu characters", most);
    *out = text;
    return true;
}

bool gx_input_query_word(gx_call *call, const char *name, const char *const *words, size_t count, const char **out)
{
    const char *text;
    if (!gx_input_query(call, name, &text))
        return false;
    if (text != NULL)
        return gx_input_pick_word(call, name, gx_span_of(text), words, count, out);
    *out = NULL;
    return true;
}

bool gx_input_header(gx_call *call, const char *name, gx_span *out)
{
    if (gx_http_header_repeated(call->request, name))
        return refuse_repetition(call, name);
    *out = gx_span_trim(gx_http_header_find(call->request, name));
    return true;
}

/* -?digits */
static bool read_whole(gx_span text, int64_t *out)
{
    bool negative = text.len > 0 && text.ptr[0] == '-';
    unsigned long long magnitude;
    if (negative)
        text = (gx_span){text.ptr + 1, text.len - 1};
    if (!gx_span_to_uint(text, &magnitude) || magnitude > INT64_MAX)
        return false;
    *out = negative ? -(int64_t)magnitude : (int64_t)magnitude;
    return true;
}

bool gx_input_query_int(gx_call *call, const char *name, int64_t least, int64_t most, int64_t fallback, int64_t *out)
{
    const char *text;
    if (!gx_input_query(call, name, &text))
        return false;
    int64_t number = fallback;
    if (text != NULL && (!read_whole(gx_span_of(text), &number) || number < least || number > most))
        return gx_input_refuse(call, name, "must be a whole number from %lld to %lld", (long long)least,
                               (long long)most);
    *out = number;
    return true;
}
