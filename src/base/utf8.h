/* UTF-8 (RFC 3629): validity, counting, and repair. */
#ifndef GX_BASE_UTF8_H
#define GX_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/span.h"

#define GX_UTF8_REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

bool gx_utf8_valid(gx_span text);

/* Code points in valid UTF-8. */
size_t gx_utf8_length(gx_span text);

/* How many bytes at the front are ASCII. */
size_t gx_utf8_ascii(gx_span text);

/* How many bytes at the front are 0x20 to 0x7F: neither the end of a line nor anything that is not ASCII. */
size_t gx_utf8_plain(gx_span text);

/* Copies what stands at the front of 0x20 to 0x7F, so neither the end of a line nor anything that is not ASCII, and
 * gives how many bytes that were. `out` has room for the whole text. */
size_t gx_utf8_copy_plain(char *out, gx_span text);

/* Looks at the front of a non-empty text. True: a character of *length bytes. False: *length bytes (a lone byte, or the
 * beginning of a character that breaks off: a "maximal subpart") that stand for one U+FFFD. */
bool gx_utf8_sequence(gx_span text, size_t *length);

/* Appends the text with every maximal subpart of an ill-formed sequence replaced by U+FFFD (as the Encoding Standard
 * and Unicode 15, section 3.9, have it). */
void gx_utf8_append_repaired(gx_buffer *out, gx_span text);

/* How many bytes that appends. */
size_t gx_utf8_repaired_length(gx_span text);

#endif
