/* Building and judging URLs. */
#ifndef GX_LIB_URL_H
#define GX_LIB_URL_H

#include <stdbool.h>

#include "base/buffer.h"

/* Percent-encodes everything but the unreserved characters of RFC 3986. */
void gx_url_escape(gx_buffer *url, gx_span text);

/* Appends "?name=value" or "&name=value" to a URL that was started in `url`; nothing when `value` is NULL. */
void gx_url_query(gx_buffer *url, const char *name, const char *value);

/* http:// or https://, a host, maybe a port and a path; no user, query, fragment, blanks or control characters. */
bool gx_url_is_base(gx_span url);

/* Whether the port of such a one is a number from 1 to 65535, where there is one. */
bool gx_url_has_good_port(gx_span url);

/* Whether a text can stand in a header field: visible ASCII only, 1 to `most` characters. */
bool gx_header_value_ok(gx_span text, size_t most);

#endif
