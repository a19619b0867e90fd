#include "grantex/memory.h"

#include "base/memory.h"

grantex_status grantex_set_allocator(const grantex_allocator *allocator)
{
    if (!allocator || !allocator->reallocate || !allocator->release)
        return GRANTEX_E_INVALID;
    gx_allocator inner = {allocator->reallocate, allocator->release, allocator->user};
    return gx_memory_use(&inner) ? GRANTEX_OK : GRANTEX_E_INVALID;
}
