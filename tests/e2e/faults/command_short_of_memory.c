/* What makes of grantex a program whose n-th allocation fails: the command's own and Jansson's (json/load.c) by the
 * linker, libgrantex's by the allocator that it lets one choose. */
#include <stdio.h>
#include <stdlib.h>

#include "control.h"
#include "grantex/memory.h"
#include "support/failing_alloc.h"

void *__real_realloc(void *old, size_t size);

static void *library_realloc(void *old, size_t size, void *user)
{
    (void)user;
    return gx_allocation_must_fail() ? NULL : __real_realloc(old, size);
}

static void library_free(void *memory, void *user)
{
    (void)user;
    free(memory);
}

__attribute__((constructor)) static void stand_before_the_libraries(void)
{
    static const grantex_allocator library = {.reallocate = library_realloc, .release = library_free};
    gx_failing_alloc *shared = control_map("GRANTEX_SHORT_OF_MEMORY", sizeof *shared);
    if (grantex_set_allocator(&library) != GRANTEX_OK) {
        fputs("the library takes no allocator\n", stderr);
        abort();
    }
    control_get_ready_to_tell();
    gx_failing_alloc_keep_in(shared, control_tell);
}
