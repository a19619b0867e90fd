/* URLs of the web, taken apart where two readers could otherwise see different things in them. */
#ifndef GX_BASE_HTTP_URL_H
#define GX_BASE_HTTP_URL_H

#include <stdbool.h>

#include "base/span.h"

/* Spans into the text. */
typedef struct gx_http_url {
    bool secure;  /* https */
    gx_span host; /* a name or an address, an IPv6 one without its brackets */
    bool has_fragment;
} gx_http_url;

/* Absolute, http or https, with a host, perhaps a port; no user information (RFC 3986 section 7.6 warns of it), no
 * blanks, backslashes and the like (what browsers "repair"). False when it is anything else. */
bool gx_http_url_read(gx_span text, gx_http_url *out);

#endif
