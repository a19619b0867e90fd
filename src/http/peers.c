/* Two rows of counters, each found by half of a keyed hash. An address has at most as many connections as the lesser of
 * its two counters says: nobody gets more than the limit, and who shares one counter with a crowd still has the other.
 * So nothing is allocated, searched or locked. */
#include "http/peers.h"

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/random.h"
#include "base/siphash.h"
#include "base/span.h"

#define ROW 16384 /* a power of two */

struct gx_http_peers {
    unsigned most;
    gx_siphash_key seed;
    atomic_uint row[2][ROW];
};

gx_http_peers *gx_http_peers_new(unsigned most)
{
    gx_http_peers *peers = calloc(1, sizeof *peers);
    if (peers && gx_random_bytes(&peers->seed, sizeof peers->seed)) {
        peers->most = most;
        return peers;
    }
    free(peers);
    return NULL;
}

void gx_http_peers_free(gx_http_peers *peers)
{
    free(peers);
}

/* The bytes that tell one client from another: whoever has one address of an IPv6 /64 has them all. */
static gx_span client_part(const struct sockaddr *address)
{
    if (address->sa_family != AF_INET6) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;
        return (gx_span){(const char *)&v4->sin_addr, sizeof v4->sin_addr};
    }
    const struct in6_addr *v6 = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    const char *bytes = (const char *)v6;
    return IN6_IS_ADDR_V4MAPPED(v6) ? (gx_span){bytes + 12, 4} : (gx_span){bytes, 8};
}

bool gx_http_peers_enter(gx_http_peers *peers, const struct sockaddr *address, gx_http_peer_place *place)
{
    *place = (gx_http_peer_place){{0, 0}};
    if (!peers)
        return true;
    uint64_t hash = gx_siphash(&peers->seed, client_part(address));
    place->at[0] = (uint16_t)(hash % ROW);
    place->at[1] = (uint16_t)((hash >> 32) % ROW);
    unsigned first = atomic_fetch_add_explicit(&peers->row[0][place->at[0]], 1, memory_order_relaxed);
    unsigned second = atomic_fetch_add_explicit(&peers->row[1][place->at[1]], 1, memory_order_relaxed);
    if (first < peers->most || second < peers->most)
        return true;
    gx_http_peers_leave(peers, place);
    return false;
}

void gx_http_peers_leave(gx_http_peers *peers, const gx_http_peer_place *place)
{
    for (int i = 0; peers && i < 2; i++)
        atomic_fetch_sub_explicit(&peers->row[i][place->at[i]], 1, memory_order_relaxed);
}
