/* SipHash-2-4 (Aumasson, Bernstein 2012): a keyed hash for tables whose keys strangers choose. Without the key nobody
 * can find two that collide. */
#ifndef GX_BASE_SIPHASH_H
#define GX_BASE_SIPHASH_H

#include <stdint.h>

#include "base/span.h"

typedef struct gx_siphash_key {
    uint64_t k0, k1;
} gx_siphash_key;

uint64_t gx_siphash(const gx_siphash_key *key, gx_span text);

#endif
