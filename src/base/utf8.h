/* UTF-8 (RFC 3629): validity and counting. */
#ifndef GX_BASE_UTF8_H
#define GX_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

bool gx_utf8_valid(gx_span text);

/* Code points in valid UTF-8. */
size_t gx_utf8_length(gx_span text);

#endif
