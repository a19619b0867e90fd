#include "wire/json_scan.h"

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/encoding.h"

/* Every skip_* takes the place where its thing begins and gives the place behind it, or NULL when it is not whole. */

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    return at;
}

static const char *skip_digits(const char *at, const char *end)
{
    const char *first = at;
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at > first ? at : NULL;
}

static const char *skip_number(const char *at, const char *end)
{
    if (at < end && *at == '-')
        at++;
    at = at < end && *at == '0' ? at + 1 : skip_digits(at, end); /* no leading zeros */
    if (at && at < end && *at == '.')
        at = skip_digits(at + 1, end);
    if (at && at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-'))
            at++;
        at = skip_digits(at, end);
    }
    return at;
}

static const char *skip_literal(const char *at, const char *end, gx_span literal)
{
    gx_span rest = {at, (size_t)(end - at)};
    return gx_span_starts_with(rest, literal) ? at + literal.len : NULL;
}

static const char *skip_escape(const char *at, const char *end)
{
    if (end - at < 2 || !at[1] || !strchr("\"\\/bfnrtu", at[1]))
        return NULL;
    if (at[1] != 'u')
        return at + 2;
    for (int i = 2; i < 6; i++)
        if (at + i >= end || gx_hex_digit(at[i]) < 0)
            return NULL;
    return at + 6;
}

#define EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (value))

/* Moves on to a quote, a backslash or a control character: strings are most of an event, so 16 bytes at a time where
 * every processor of the kind can do so, and eight elsewhere. There, turning bit 1 over puts the quote (0x22) next to
 * the control characters, so that one comparison finds both; the lowest byte that a test finds is right, those above it
 * may come from a borrow. */
static const char *skip_plain(const char *at, const char *end)
{
#ifdef __SSE2__
    for (__m128i bytes; end - at >= (ptrdiff_t)sizeof bytes; at += sizeof bytes) {
        bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
        __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
        __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
        int stop = _mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(quote, backslash)));
        if (stop)
            return at + __builtin_ctz((unsigned)stop);
    }
#endif
    for (uint64_t word; end - at >= (ptrdiff_t)sizeof word; at += sizeof word) {
        memcpy(&word, at, sizeof word);
        word = le64toh(word);
        uint64_t quote_or_control = (word ^ EACH_BYTE(0x02)) - EACH_BYTE(0x21);
        uint64_t backslash = (word ^ EACH_BYTE('\\')) - EACH_BYTE(1);
        uint64_t stop = (quote_or_control | backslash) & ~word & EACH_BYTE(0x80);
        if (stop)
            return at + __builtin_ctzll(stop) / 8;
    }
    while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20)
        at++;
    return at;
}

static const char *skip_string(const char *at, const char *end)
{
    if (at >= end || *at != '"')
        return NULL;
    at++;
    while ((at = skip_plain(at, end)) < end && *at == '\\')
        if (!(at = skip_escape(at, end)))
            return NULL;
    return at < end && *at == '"' ? at + 1 : NULL;
}

/* What stands between a key and its value. */
static const char *skip_colon(const char *at, const char *end)
{
    at = skip_blanks(at, end);
    return at < end && *at == ':' ? skip_blanks(at + 1, end) : NULL;
}

static const char *skip_key(const char *at, const char *end)
{
    at = skip_string(at, end);
    return at ? skip_colon(at, end) : NULL;
}

static const char *skip_value(const char *at, const char *end, int depth);

/* An object or an array, from its opening bracket. */
static const char *skip_container(const char *at, const char *end, int depth)
{
    if (depth > GX_JSON_MOST_DEPTH)
        return NULL;
    bool object = *at == '{';
    char close = object ? '}' : ']';
    at = skip_blanks(at + 1, end);
    if (at < end && *at == close)
        return at + 1;
    for (;;) {
        if (object && !(at = skip_key(at, end)))
            return NULL;
        at = skip_value(at, end, depth);
        if (!at)
            return NULL;
        at = skip_blanks(at, end);
        if (at >= end || (*at != ',' && *at != close))
            return NULL;
        if (*at++ == close)
            return at;
        at = skip_blanks(at, end);
    }
}

/* `depth` is how many containers are open around it. */
static const char *skip_value(const char *at, const char *end, int depth)
{
    if (at >= end)
        return NULL;
    switch (*at) {
    case '{':
    case '[':
        return skip_container(at, end, depth + 1);
    case '"':
        return skip_string(at, end);
    case 't':
        return skip_literal(at, end, GX_SPAN("true"));
    case 'f':
        return skip_literal(at, end, GX_SPAN("false"));
    case 'n':
        return skip_literal(at, end, GX_SPAN("null"));
    default:
        return skip_number(at, end);
    }
}

const char *gx_json_skip_string(const char *at, const char *end)
{
    return skip_string(at, end);
}

const char *gx_json_skip_value(const char *at, const char *end)
{
    return skip_value(at, end, 1);
}

gx_json_scan gx_json_scan_object(gx_span json)
{
    const char *at = json.ptr != NULL ? json.ptr : ""; /* no arithmetic on NULL */
    return (gx_json_scan){.at = at, .end = at + json.len};
}

static bool fail(gx_json_scan *scan)
{
    scan->ended = scan->failed = true;
    return false;
}

/* Behind the closing brace: only blanks may follow. */
static bool finish(gx_json_scan *scan, const char *at)
{
    scan->ended = true;
    scan->failed = skip_blanks(at, scan->end) != scan->end;
    return false;
}

/* The place of the next key: behind '{' at first, behind ',' later. *closed instead when the object ends here. */
static const char *skip_to_key(gx_json_scan *scan, bool *closed)
{
    bool first = !scan->started;
    const char *at = skip_blanks(scan->at, scan->end);
    scan->started = true;
    if (at < scan->end && first && *at == '{')
        at = skip_blanks(at + 1, scan->end);
    else if (first)
        return NULL;
    *closed = at < scan->end && *at == '}';
    if (*closed)
        return at + 1;
    if (first)
        return at;
    return at < scan->end && *at == ',' ? skip_blanks(at + 1, scan->end) : NULL;
}

bool gx_json_scan_next(gx_json_scan *scan, gx_span *key, gx_span *value)
{
    if (scan->ended)
        return false;
    bool closed = false;
    const char *key_at = skip_to_key(scan, &closed);
    if (closed)
        return finish(scan, key_at);
    const char *key_end = key_at ? skip_string(key_at, scan->end) : NULL;
    const char *value_at = key_end ? skip_colon(key_end, scan->end) : NULL;
    const char *value_end = value_at ? skip_value(value_at, scan->end, 1) : NULL;
    if (!value_end)
        return fail(scan);

    *key = (gx_span){key_at + 1, (size_t)(key_end - key_at) - 2};
    *value = (gx_span){value_at, (size_t)(value_end - value_at)};
    scan->at = value_end;
    return true;
}

bool gx_json_scan_find(gx_span json, const char *key, gx_span *value)
{
    gx_span wanted = gx_span_of(key), name, candidate, last = {0};
    gx_json_scan scan = gx_json_scan_object(json);
    while (gx_json_scan_next(&scan, &name, &candidate))
        if (gx_span_equal(name, wanted))
            last = candidate;
    if (scan.failed || !last.ptr)
        return false;
    *value = last;
    return true;
}
