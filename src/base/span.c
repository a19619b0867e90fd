#include "base/span.h"

#include <string.h>

gx_span gx_span_of(const char *text)
{
    return text ? (gx_span){text, strlen(text)} : (gx_span){0};
}

bool gx_span_equal(gx_span a, gx_span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c; /* not tolower(): header names know no locale */
}

bool gx_span_equal_nocase(gx_span a, gx_span b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i]))
            return false;
    return true;
}

bool gx_span_starts_with(gx_span text, gx_span prefix)
{
    return text.len >= prefix.len && gx_span_equal((gx_span){text.ptr, prefix.len}, prefix);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

gx_span gx_span_trim(gx_span text)
{
    while (text.len > 0 && is_blank(text.ptr[0]))
        text.ptr++, text.len--;
    while (text.len > 0 && is_blank(text.ptr[text.len - 1]))
        text.len--;
    return text;
}

bool gx_span_split(gx_span *rest, char separator, gx_span *piece)
{
    if (rest->len == 0)
        return false;
    const char *found = memchr(rest->ptr, separator, rest->len);
    size_t len = found ? (size_t)(found - rest->ptr) : rest->len;
    size_t taken = found ? len + 1 : len;
    *piece = (gx_span){rest->ptr, len};
    *rest = (gx_span){rest->ptr + taken, rest->len - taken};
    return true;
}

bool gx_span_to_uint(gx_span text, unsigned long long *value)
{
    if (text.len == 0)
        return false;
    unsigned long long sum = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        unsigned long long digit = (unsigned long long)(text.ptr[i] - '0');
        if (__builtin_mul_overflow(sum, 10ULL, &sum) || __builtin_add_overflow(sum, digit, &sum))
            return false;
    }
    *value = sum;
    return true;
}

/* The product carries each bit of a word up, the fold brings it down again. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15); /* 2^64 / golden ratio */
    return hash ^ hash >> 32;
}

uint32_t gx_span_hash(gx_span text)
{
    uint64_t hash = text.len, word;
    size_t at = 0;
    for (; at + sizeof word <= text.len; at += sizeof word) {
        memcpy(&word, text.ptr + at, sizeof word);
        hash = mix(hash, word);
    }
    word = 0;
    if (at < text.len)
        memcpy(&word, text.ptr + at, text.len - at);
    return (uint32_t)mix(hash, word);
}
