/* Bytes of one request → gx_http_request. No socket, no clock: feed bytes, whole or in pieces, with limits on
 * everything. One parser reads one request; parser.c is the only file that knows which library does the grammar. */
#ifndef GX_HTTP_PARSER_H
#define GX_HTTP_PARSER_H

#include <stdbool.h>
#include <stddef.h>

#include "http/server.h"

typedef struct gx_http_parser gx_http_parser;

typedef enum gx_http_parse {
    GX_HTTP_PARSE_MORE, /* feed further bytes */
    GX_HTTP_PARSE_WHOLE,
    GX_HTTP_PARSE_REFUSED,
} gx_http_parse;

/* Why the bytes are no request that we take. */
typedef struct gx_http_refusal {
    int status;
    const char *reason; /* static */
} gx_http_refusal;

/* `peer` is lent for as long as the parser lives. NULL when out of memory. */
gx_http_parser *gx_http_parser_new(size_t most_header_bytes, size_t most_body_bytes, gx_span peer);
void gx_http_parser_free(gx_http_parser *parser);

/* Takes bytes until the request is whole or refused; *used says how many. Those behind belong to the next request. */
gx_http_parse gx_http_parser_feed(gx_http_parser *parser, const char *bytes, size_t n, size_t *used);

/* True once, when the head asked for "100 Continue" and nothing of the body has come yet. */
bool gx_http_parser_wants_continue(gx_http_parser *parser);

/* Lent until the parser is freed. After a refusal it holds what was understood until then. */
const gx_http_request *gx_http_parser_request(gx_http_parser *parser);

/* Valid after GX_HTTP_PARSE_REFUSED. */
gx_http_refusal gx_http_parser_refusal(const gx_http_parser *parser);

/* Whether the request allows a further one on its connection. */
bool gx_http_parser_keeps_alive(const gx_http_parser *parser);

#endif
