#include "base/encoding.h"

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void gx_base64url_write(char *out, const uint8_t *bytes, size_t n)
{
    uint32_t bits = 0;
    int waiting = 0; /* bits not yet written, 0 to 5 between bytes */
    for (size_t i = 0; i < n; i++) {
        bits = bits << 8 | bytes[i];
        for (waiting += 8; waiting >= 6; waiting -= 6)
            *out++ = base64url[bits >> (waiting - 6) & 63];
    }
    if (waiting > 0)
        *out++ = base64url[bits << (6 - waiting) & 63];
    *out = '\0';
}

static int sextet(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

bool gx_base64url_read(gx_span text, uint8_t *out, size_t *n)
{
    size_t length = text.len / 4 * 3 + text.len % 4 * 3 / 4;
    if (text.len % 4 == 1 || length > *n)
        return false;
    uint32_t bits = 0;
    int waiting = 0;
    for (size_t i = 0; i < text.len; i++) {
        int value = sextet(text.ptr[i]);
        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        waiting += 6;
        if (waiting >= 8) {
            waiting -= 8;
            *out++ = (uint8_t)(bits >> waiting);
        }
    }
    if (bits & ((1u << waiting) - 1)) /* two texts for the same bytes would make signatures malleable */
        return false;
    *n = length;
    return true;
}

void gx_hex_write(char *out, const uint8_t *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *out = '\0';
}

/* The byte of the escape at the front; -1 when it is none. */
static int escaped_byte(gx_span text)
{
    int high = text.len >= 3 ? gx_hex_digit(text.ptr[1]) : -1;
    int low = text.len >= 3 ? gx_hex_digit(text.ptr[2]) : -1;
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool gx_percent_read(gx_span text, bool plus_is_space, char *out, size_t *n)
{
    size_t length = 0;
    for (size_t i = 0; i < text.len; i++) {
        int byte = plus_is_space && text.ptr[i] == '+' ? ' ' : text.ptr[i];
        if (byte == '%') {
            byte = escaped_byte((gx_span){text.ptr + i, text.len - i});
            if (byte < 0)
                return false;
            i += 2;
        }
        out[length++] = (char)byte;
    }
    *n = length;
    return true;
}
