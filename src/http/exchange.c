/* An exchange: one request and the right to answer it. */
#include <stdlib.h>

#include "http/engine.h"

gx_http_exchange *gx_http_exchange_open(gx_http_connection *connection)
{
    const gx_http_options *options = &connection->server->options;
    gx_http_exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange)
        return NULL;
    exchange->parser =
        gx_http_parser_new(options->most_header_bytes, options->most_body_bytes, gx_span_of(connection->peer));
    if (!exchange->parser) {
        free(exchange);
        return NULL;
    }
    exchange->connection = connection;
    return exchange;
}

void gx_http_exchange_end(gx_http_exchange *exchange)
{
    gx_http_connection *connection = exchange->connection;
    gx_http_parser_free(exchange->parser);
    free(exchange);
    gx_http_connection_exchange_ended(connection);
}

const gx_http_request *gx_http_exchange_request(const gx_http_exchange *exchange)
{
    return gx_http_parser_request(exchange->parser);
}

gx_span gx_http_header_find(const gx_http_request *request, const char *name)
{
    gx_span wanted = gx_span_of(name);
    for (size_t i = 0; i < request->header_count; i++)
        if (gx_span_equal_nocase(request->headers[i].name, wanted))
            return request->headers[i].value;
    return (gx_span){NULL, 0};
}

bool gx_http_header_repeated(const gx_http_request *request, const char *name)
{
    gx_span wanted = gx_span_of(name);
    int times = 0;
    for (size_t i = 0; i < request->header_count; i++)
        times += gx_span_equal_nocase(request->headers[i].name, wanted);
    return times > 1;
}
