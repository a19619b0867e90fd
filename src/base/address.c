#include "base/address.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

enum { MOST_HOST_LENGTH = 255 };

typedef struct block {
    uint8_t prefix[16]; /* the first four of an IPv4 one */
    unsigned bits, v4_at;
    const char *kind; /* NULL: an IPv4 address lies inside, at v4_at, which decides */
} block;

static const block V4[] = {
    {{0}, 8, 0, "unspecified"},
    {{10}, 8, 0, "private"},
    {{100, 64}, 10, 0, "shared"}, /* of a provider's customers, RFC 6598 */
    {{127}, 8, 0, "loopback"},
    {{169, 254}, 16, 0, "link-local"}, /* where clouds keep their metadata */
    {{172, 16}, 12, 0, "private"},
    {{192, 0, 0}, 24, 0, "reserved"},
    {{192, 0, 2}, 24, 0, "documentation"},
    {{192, 88, 99}, 24, 0, "reserved"},
    {{192, 168}, 16, 0, "private"},
    {{198, 18}, 15, 0, "benchmarking"},
    {{198, 51, 100}, 24, 0, "documentation"},
    {{203, 0, 113}, 24, 0, "documentation"},
    {{224}, 4, 0, "multicast"},
    {{240}, 4, 0, "reserved"},
};

/* The first that matches decides; what is public lies in 2000::/3, less what comes before it here. */
static const block V6[] = {
    {{0}, 128, 0, "unspecified"},
    {{[15] = 1}, 128, 0, "loopback"},
    {{[10] = 0xff, 0xff}, 96, 12, NULL},                /* mapped, RFC 4291 section 2.5.5.2 */
    {{0}, 96, 12, NULL},                                /* compatible, section 2.5.5.1 */
    {{0x00, 0x64, 0xff, 0x9b}, 96, 12, NULL},           /* NAT64, RFC 6052 */
    {{0x00, 0x64, 0xff, 0x9b, 0, 1}, 48, 0, "private"}, /* NAT64 of one's own, RFC 8215 */
    {{0xfc}, 7, 0, "unique-local"},
    {{0xfe, 0x80}, 10, 0, "link-local"},
    {{0xfe, 0xc0}, 10, 0, "site-local"},
    {{0xff}, 8, 0, "multicast"},
    {{0x20, 0x02}, 16, 2, NULL}, /* 6to4, RFC 3056 */
    {{0x20, 0x01, 0x0d, 0xb8}, 32, 0, "documentation"},
    {{0x20, 0x01}, 23, 0, "reserved"}, /* Teredo and other tunnels */
    {{0x3f, 0xff}, 20, 0, "documentation"},
};

static bool in_block(const uint8_t *address, const block *candidate)
{
    unsigned whole = candidate->bits / 8, rest = candidate->bits % 8;
    uint8_t mask = (uint8_t)(0xff00u >> rest);
    return memcmp(address, candidate->prefix, whole) == 0 &&
           (rest == 0 || ((address[whole] ^ candidate->prefix[whole]) & mask) == 0);
}

static const block *find_block(const uint8_t *address, const block *blocks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (in_block(address, &blocks[i]))
            return &blocks[i];
    return NULL;
}

static const char *reserved_v4(const uint8_t *address)
{
    const block *found = find_block(address, V4, sizeof V4 / sizeof *V4);
    return found == NULL ? NULL : found->kind;
}

static const char *reserved_v6(const uint8_t *address)
{
    const block *found = find_block(address, V6, sizeof V6 / sizeof *V6);
    if (found == NULL)
        return (address[0] & 0xe0) == 0x20 ? NULL : "reserved";
    return found->kind != NULL ? found->kind : reserved_v4(address + found->v4_at);
}

const char *gx_address_reserved(const struct sockaddr *address)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    switch (address->sa_family) {
    case AF_INET:
        memcpy(&v4, address, sizeof v4);
        return reserved_v4((const uint8_t *)&v4.sin_addr);
    case AF_INET6:
        memcpy(&v6, address, sizeof v6);
        return reserved_v6(v6.sin6_addr.s6_addr);
    default:
        return "local";
    }
}

bool gx_address_read(gx_span host, struct sockaddr_storage *out)
{
    char text[MOST_HOST_LENGTH + 1];
    if (host.len == 0 || host.len > MOST_HOST_LENGTH || memchr(host.ptr, '\0', host.len) != NULL)
        return false;
    memcpy(text, host.ptr, host.len);
    text[host.len] = '\0';
    const struct addrinfo numeric = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    if (getaddrinfo(text, NULL, &numeric, &found) != 0)
        return false;
    memset(out, 0, sizeof *out);
    memcpy(out, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return true;
}
