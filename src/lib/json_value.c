#include "lib/json_value.h"

#include <string.h>

#include "base/money.h"

/* --- strings ------------------------------------------------------------- */

#define REPLACEMENT 0xFFFDu

static bool is_string(gx_span value)
{
    return value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"';
}

static bool read_hex4(const char *at, const char *end, uint32_t *code)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    if (end - at < 4)
        return false;
    uint32_t sum = 0;
    for (int i = 0; i < 4; i++) {
        const char *digit = memchr(digits, at[i], sizeof digits - 1);
        if (!digit)
            return false;
        uint32_t worth = (uint32_t)(digit - digits);
        sum = sum * 16 + (worth < 16 ? worth : worth - 6);
    }
    *code = sum;
    return true;
}

static size_t write_utf8(char out[static 4], uint32_t code)
{
    static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    out[0] = (char)(leads[length] | code);
    return length;
}

/* *at stands behind "\u". 0 when the digits are none. */
static size_t read_unicode(const char **at, const char *end, char out[static 4])
{
    uint32_t code, low;
    if (!read_hex4(*at, end, &code))
        return 0;
    *at += 4;
    if (code >= 0xD800 && code <= 0xDBFF && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u' &&
        read_hex4(*at + 2, end, &low) && low >= 0xDC00 && low <= 0xDFFF) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        *at += 6;
    }
    return write_utf8(out, code >= 0xD800 && code <= 0xDFFF ? REPLACEMENT : code);
}

/* One raw byte or one escape, never more bytes than were read; 0 when it is no escape of JSON. */
static size_t read_unit(const char **at, const char *end, char out[static 4])
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    char c = *(*at)++;
    if (c != '\\') {
        out[0] = c;
        return 1;
    }
    if (*at == end)
        return 0;
    c = *(*at)++;
    if (c == 'u')
        return read_unicode(at, end, out);
    const char *letter = memchr(letters, c, sizeof letters - 1);
    if (!letter)
        return 0;
    out[0] = meanings[letter - letters];
    return 1;
}

bool gx_json_string_decode(gx_span value, char *out, size_t *length)
{
    if (!is_string(value))
        return false;
    const char *at = value.ptr + 1, *end = value.ptr + value.len - 1;
    char *to = out;
    while (at < end) {
        char unit[4];
        size_t n = read_unit(&at, end, unit);
        if (n == 0)
            return false;
        memcpy(to, unit, n);
        to += n;
    }
    *to = '\0';
    *length = (size_t)(to - out);
    return true;
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

void gx_json_string_copy(gx_span value, char *out, size_t size)
{
    if (!is_string(value))
        return;
    const char *at = value.ptr + 1, *end = value.ptr + value.len - 1;
    size_t length = 0;
    while (at < end) {
        char unit[4];
        size_t n = read_unit(&at, end, unit);
        if (n == 0)
            break;
        if (length + n >= size) { /* no half characters at the cut */
            while (is_continuation(unit[0]) && length > 0 && is_continuation(out[length - 1]))
                length--;
            length -= is_continuation(unit[0]) && length > 0;
            break;
        }
        memcpy(out + length, unit, n);
        length += n;
    }
    out[length] = '\0';
}

/* --- numbers ------------------------------------------------------------- */

static gx_span without_quotes(gx_span value)
{
    return is_string(value) ? (gx_span){value.ptr + 1, value.len - 2} : value;
}

bool gx_json_integer(gx_span value, int64_t *number)
{
    gx_span text = without_quotes(value);
    bool negative = text.len > 0 && text.ptr[0] == '-';
    unsigned long long size;
    if (!gx_span_to_uint((gx_span){text.ptr + negative, text.len - negative}, &size) || size > INT64_MAX)
        return false;
    *number = negative ? -(int64_t)size : (int64_t)size;
    return true;
}

bool gx_json_amount(gx_span value, int64_t *amount)
{
    return gx_money_read(without_quotes(value), !is_string(value), amount) == GX_MONEY_OK;
}

bool gx_json_bool_value(gx_span value, bool *is_true)
{
    *is_true = gx_span_equal(value, GX_SPAN("true"));
    return *is_true || gx_span_equal(value, GX_SPAN("false"));
}

bool gx_json_is_null(gx_span value)
{
    return gx_span_equal(value, GX_SPAN("null"));
}

/* --- arrays -------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const char *skip_blank(const char *at, const char *end)
{
    while (at < end && is_blank(*at))
        at++;
    return at;
}

static const char *skip_string(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++)
        if (*at == '\\')
            at++;
    return at < end ? at + 1 : end;
}

/* The comma or bracket behind the element that starts at `at`. */
static const char *skip_element(const char *at, const char *end)
{
    int depth = 0;
    while (at < end) {
        if (*at == '"') {
            at = skip_string(at, end);
            continue;
        }
        if (depth == 0 && (*at == ',' || *at == ']'))
            return at;
        if (*at == '[' || *at == '{')
            depth++;
        else if (*at == ']' || *at == '}')
            depth--;
        at++;
    }
    return end;
}

bool gx_json_array_open(gx_span value, gx_json_array *array)
{
    if (value.len < 2 || value.ptr[0] != '[' || value.ptr[value.len - 1] != ']')
        return false;
    *array = (gx_json_array){value.ptr + 1, value.ptr + value.len};
    return true;
}

bool gx_json_array_next(gx_json_array *array, gx_span *element)
{
    const char *start = skip_blank(array->at, array->end);
    const char *end = skip_element(start, array->end);
    array->at = end < array->end && *end == ',' ? end + 1 : end;
    while (end > start && is_blank(end[-1]))
        end--;
    *element = (gx_span){start, (size_t)(end - start)};
    return element->len > 0;
}

size_t gx_json_array_count(gx_json_array array)
{
    size_t count = 0;
    gx_span element;
    while (gx_json_array_next(&array, &element))
        count++;
    return count;
}
