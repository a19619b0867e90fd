/* Internet addresses: which of them are the public's, and which lead into somebody's own house (IANA special-purpose
 * address registries, RFC 6890). For requests to places that a stranger named. */
#ifndef GX_BASE_ADDRESS_H
#define GX_BASE_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/span.h"

/* What kind of address that is not public it is: "loopback", "private", "link-local" …; NULL when it is a public
 * one. An IPv4 address inside an IPv6 one (mapped, NAT64, 6to4) counts as what it is. The port does not matter. */
const char *gx_address_reserved(const struct sockaddr *address);

/* Reads an address in any notation that a resolver takes without asking anybody: 127.0.0.1, 127.1, 0x7f000001,
 * 2130706433, ::1 (without brackets). False when `host` is a name. */
bool gx_address_read(gx_span host, struct sockaddr_storage *out);

#endif
