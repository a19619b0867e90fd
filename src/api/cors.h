/* Which pages of other origins may read what this server answers (the Fetch standard, "CORS protocol"). Nothing here
 * lets anybody in: keys and tickets do; this tells browsers what to show to whom. */
#ifndef GX_API_CORS_H
#define GX_API_CORS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/span.h"
#include "http/server.h"

/* The origins that are allowed, as browsers send them: "https://app.example", no slash at the end. */
typedef struct gx_cors {
    const char *const *origins;
    size_t count; /* 0: no page of another origin reads anything */
} gx_cors;

/* Whether the text is an origin as browsers write it (RFC 6454 section 6.2): http or https, a host in lower case, a
 * port that is not the usual one. */
bool gx_cors_is_origin(gx_span text);

/* The request's origin when it is on the list; else the empty span. */
gx_span gx_cors_origin(const gx_cors *cors, const gx_http_request *request);

/* Whether the request asks, for a page of an allowed origin, what it may send here. */
bool gx_cors_is_preflight(const gx_cors *cors, const gx_http_request *request);

/* Whether no page of a foreign origin asks: one that is on no list could open a WebSocket all the same, to which
 * browsers do not apply CORS (RFC 6455 section 10.2). */
bool gx_cors_admits(const gx_cors *cors, const gx_http_request *request);

#define GX_CORS_MOST_HEADERS 5

/* Adds the headers of an answer; returns how many there are then. `origin` is gx_cors_origin's. */
size_t gx_cors_add(const gx_cors *cors, gx_span origin, gx_http_header *headers, size_t count);

/* The same of the answer to a preflight; `methods` as the Allow header has them. */
size_t gx_cors_add_preflight(gx_span origin, gx_span methods, gx_http_header *headers, size_t count);

/* The first kind as lines, for a head that is written by hand. */
void gx_cors_write(const gx_cors *cors, const gx_http_request *request, gx_buffer *out);

#endif
