#include "base/memory.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void *reallocate_here(void *memory, size_t size, void *user)
{
    (void)user;
    return memory ? realloc(memory, size) : malloc(size);
}

static void release_here(void *memory, void *user)
{
    (void)user;
    free(memory);
}

/* The one state of the process: an allocator of each object's own would have to be carried into every text. It is set
 * before anything else or never. */
static gx_allocator current = {reallocate_here, release_here, NULL};
static atomic_bool used;

bool gx_memory_use(const gx_allocator *allocator)
{
    if (atomic_load(&used))
        return false;
    current = *allocator;
    return true;
}

void *gx_realloc(void *memory, size_t size)
{
    atomic_store_explicit(&used, true, memory_order_relaxed);
    return current.reallocate(memory, size, current.user);
}

void *gx_malloc(size_t size)
{
    return gx_realloc(NULL, size);
}

void *gx_calloc(size_t count, size_t size)
{
    if (size > 0 && count > SIZE_MAX / size)
        return NULL;
    void *memory = gx_malloc(count * size);
    return memory ? memset(memory, 0, count * size) : NULL;
}

char *gx_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = gx_malloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

void gx_free(void *memory)
{
    if (memory)
        current.release(memory, current.user);
}
