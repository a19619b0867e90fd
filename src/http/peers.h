/* How many connections each address has open, with a limit. Shared by the servers of all threads, without a lock. */
#ifndef GX_HTTP_PEERS_H
#define GX_HTTP_PEERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

typedef struct gx_http_peers gx_http_peers;

/* Where an address is counted: to be kept while its connection is open. */
typedef struct gx_http_peer_place {
    uint16_t at[2];
} gx_http_peer_place;

/* `most` connections of one IPv4 address or one /64 of IPv6. NULL when out of memory or of randomness. */
gx_http_peers *gx_http_peers_new(unsigned most);
void gx_http_peers_free(gx_http_peers *peers);

/* Counts one more connection. False, with nothing counted, when the address has as many as it may. `peers` NULL: no
 * limit. */
bool gx_http_peers_enter(gx_http_peers *peers, const struct sockaddr *address, gx_http_peer_place *place);

/* It has been closed. */
void gx_http_peers_leave(gx_http_peers *peers, const gx_http_peer_place *place);

#endif
