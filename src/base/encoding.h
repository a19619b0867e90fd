/* Bytes as text: base64url without padding (RFC 4648 section 5), lower-case hex, percent-encoding (RFC 3986
 * section 2.1). */
#ifndef GX_BASE_ENCODING_H
#define GX_BASE_ENCODING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

/* Characters needed for `n` bytes, without NUL. */
#define GX_BASE64URL_LENGTH(n) (((n)*4 + 2) / 3)

/* Writes GX_BASE64URL_LENGTH(n) characters and a NUL. */
void gx_base64url_write(char *out, const uint8_t *bytes, size_t n);

/* Decodes without padding; false on any other character, a length that cannot be, or left-over bits that are not zero.
 * *n is the capacity of `out` on entry and the decoded length on success; `out` may be partly written on failure. */
bool gx_base64url_read(gx_span text, uint8_t *out, size_t *n);

/* Writes 2n characters and a NUL. */
void gx_hex_write(char *out, const uint8_t *bytes, size_t n);

/* What a hex digit in either case stands for; -1 when it is none. */
static inline int gx_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 'a' ^ 'A';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes %xx, and '+' to a space where a query string is read. Writes at most text.len bytes; *n is how many. False on
 * a bad escape. The result may hold any byte, NUL too. */
bool gx_percent_read(gx_span text, bool plus_is_space, char *out, size_t *n);

#endif
