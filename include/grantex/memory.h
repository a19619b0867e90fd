/* grantex/memory.h - an allocator of the program's own, for all that the library makes.
 *
 * This is the one thing of libgrantex that belongs to the process and not to an object. What libcurl and the TLS
 * library allocate is theirs and does not go through it. */
#ifndef GRANTEX_MEMORY_H
#define GRANTEX_MEMORY_H

#include <stddef.h>

#include "grantex/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Both are called on any thread that is inside the library, and on several at once. */
typedef struct grantex_allocator {
    /* As realloc(3): `memory` is NULL for a new block, `size` never 0; aligned for any type; NULL when there is none,
     * which is GRANTEX_E_NO_MEMORY and harms nothing. */
    void *(*reallocate)(void *memory, size_t size, void *user);
    void (*release)(void *memory, void *user); /* as free(3), never with NULL */
    void *user;
} grantex_allocator;

/* Takes memory from `allocator` from now on. Before every other call of the library, once, while no other thread uses
 * it.
 *
 *   GRANTEX_OK         *allocator has been copied
 *   GRANTEX_E_INVALID  a function is missing, or the library has allocated already; nothing has changed */
GRANTEX_API grantex_status grantex_set_allocator(const grantex_allocator *allocator);

#ifdef __cplusplus
}
#endif
#endif
