/* The one table of routes: which endpoint answers a method and a path. */
#ifndef GX_API_ROUTES_H
#define GX_API_ROUTES_H

#include "api/call.h"
#include "base/buffer.h"
#include "base/span.h"

typedef enum gx_route_result {
    GX_ROUTE_FOUND,
    GX_ROUTE_NO_PATH,   /* 404 */
    GX_ROUTE_NO_METHOD, /* 405 */
} gx_route_result;

/* Finds the endpoint. *param is what stands for its ":name" in the path (still percent-encoded; empty when it has
 * none). HEAD finds GET, but never an endpoint that takes over the connection. */
gx_route_result gx_route_find(gx_span method, gx_span path, const gx_endpoint **endpoint, gx_span *param);

/* Appends "GET, HEAD, POST" for the Allow header of a 405 (RFC 9110 section 15.5.6). */
void gx_route_methods(gx_span path, gx_buffer *out);

/* Every endpoint has a number, 0, 1, 2 …, below gx_route_count: for what is kept per endpoint. */
size_t gx_route_count(void);
size_t gx_route_number(const gx_endpoint *endpoint); /* of one in the table */
const gx_endpoint *gx_route_at(size_t number);

#endif
