/* Who a client is, as far as limits per address go. */
#ifndef GX_API_CLIENT_ADDRESS_H
#define GX_API_CLIENT_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "http/server.h"

/* An IPv4 address, or the first half of an IPv6 one: whoever has one address of a /64 has them all. */
typedef struct gx_client_address {
    uint8_t bytes[9]; /* 4 or 6, then the address, then zeroes */
} gx_client_address;

/* The peer of the socket; with `behind_proxy` the last address of X-Forwarded-For, the one that the proxy itself has
 * written (what stands before it, the client may have made up). Without such an address the proxy is the client. */
gx_client_address gx_client_address_of(const gx_http_request *request, bool behind_proxy);

/* "loopback", "private" (RFC 1918, 4193, 3927, 4291 section 2.5.6) or "public": where it is, and not who. */
const char *gx_client_address_class(const gx_client_address *address);

#endif
