/* Randomness for ids and secrets, from the kernel. */
#ifndef GX_BASE_RANDOM_H
#define GX_BASE_RANDOM_H

#include <stdbool.h>
#include <stddef.h>

bool gx_random_bytes(void *out, size_t n);

#endif
