/* What a request's head must be beyond its grammar (RFC 9112 sections 3 and 6): the rules that keep a proxy in front
 * and this server from seeing different requests in the same bytes. */
#ifndef GX_HTTP_HEAD_H
#define GX_HTTP_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "http/parser.h"

/* How many bytes follow the head, and whether the peer waits for a word before it sends them. */
typedef struct gx_http_framing {
    bool chunked;
    bool expects_continue;
    uint64_t body_length; /* 0 when chunked */
} gx_http_framing;

/* Splits the target as sent into path and query; false when it is none ("GET x", "/a#b", a byte outside of ASCII). The
 * absolute form "http://host/path" counts for its path (RFC 9112 section 3.2.2). */
bool gx_http_head_target(gx_span target, gx_span *path, gx_span *query);

/* Checks a head that is complete; writes *framing or *refusal. */
bool gx_http_head_check(const gx_http_request *request, gx_http_framing *framing, gx_http_refusal *refusal);

#endif
