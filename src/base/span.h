/* A span: borrowed bytes with a length. It owns nothing and need not end in NUL. */
#ifndef GX_BASE_SPAN_H
#define GX_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct gx_span {
    const char *ptr;
    size_t len;
} gx_span;

/* A span over a string literal, without counting it at run time. */
#define GX_SPAN(literal) ((gx_span){"" literal, sizeof(literal) - 1})

/* A span over a NUL-terminated string; NULL gives the empty span. */
gx_span gx_span_of(const char *text);

bool gx_span_equal(gx_span a, gx_span b);

/* ASCII case-insensitive; for HTTP header and scheme names (RFC 9110 section 5.1). */
bool gx_span_equal_nocase(gx_span a, gx_span b);

bool gx_span_starts_with(gx_span text, gx_span prefix);

/* Without the spaces and tabs at either end. */
gx_span gx_span_trim(gx_span text);

/* Takes the piece before the next separator off the front of *rest. False when nothing is left.
 * "a,,b" gives "a", "", "b"; the empty span gives nothing. */
bool gx_span_split(gx_span *rest, char separator, gx_span *piece);

/* For tables whose keys nobody chooses in order to collide. */
uint32_t gx_span_hash(gx_span text);

/* The whole span as a decimal number without sign. False on an empty span, another character, or overflow. */
bool gx_span_to_uint(gx_span text, unsigned long long *value);

#endif
