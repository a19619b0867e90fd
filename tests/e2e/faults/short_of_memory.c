/* What makes of grantexd a program whose n-th allocation can be told to fail while it runs: its own by the linker, as
 * in the unit tests, those of its libraries by the allocator that each lets one choose (Jansson's is ours,
 * json/load.c). Like this it works under the sanitizers too, whose own malloc stands before that of a
 * preloaded library.
 *
 * GRANTEX_SHORT_OF_MEMORY names a file of the shape of `control`, which the test has mapped as well. */
#include <openssl/crypto.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "control.h"
#include "support/failing_alloc.h"
#include "support/sqlite_allocations.h"

/* By the same offsets in support/memory.py. */
typedef struct control {
    gx_failing_alloc alloc;
    atomic_long libraries; /* bits of `library`: whose allocations count, beside our own */
} control;

enum library { SQLITE = 1, OPENSSL = 2, LIBUV = 4 };

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);

static control *shared;

static bool fails(enum library whose)
{
    return (atomic_load(&shared->libraries) & whose) != 0 && gx_allocation_must_fail();
}

/* --- SQLite --- */

static void *sqlite_malloc(int size)
{
    return fails(SQLITE) ? NULL : __real_malloc((size_t)size);
}

static void *sqlite_realloc(void *old, int size)
{
    return fails(SQLITE) ? NULL : __real_realloc(old, (size_t)size);
}

/* --- OpenSSL --- */

static void *openssl_malloc(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return size == 0 || fails(OPENSSL) ? NULL : __real_malloc(size);
}

static void openssl_free(void *block, const char *file, int line)
{
    (void)file, (void)line;
    free(block);
}

static void *openssl_realloc(void *old, size_t size, const char *file, int line)
{
    if (size == 0) {
        openssl_free(old, file, line);
        return NULL;
    }
    return fails(OPENSSL) ? NULL : __real_realloc(old, size);
}

/* --- libuv: but for its table of descriptors, the one thing it reallocates. It aborts where that finds no room, and
 * nothing that a program does can prevent that; the table has 8 bytes for each descriptor and grows by doubling. --- */

static void *uv_malloc(size_t size)
{
    return fails(LIBUV) ? NULL : __real_malloc(size);
}

static void *uv_calloc(size_t count, size_t size)
{
    return fails(LIBUV) ? NULL : __real_calloc(count, size);
}

static void *uv_realloc(void *old, size_t size)
{
    return __real_realloc(old, size);
}

/* --- before main --- */

__attribute__((constructor)) static void stand_before_the_libraries(void)
{
    shared = control_map("GRANTEX_SHORT_OF_MEMORY", sizeof *shared);
    bool stands = lead_sqlite_through(sqlite_malloc, sqlite_realloc) &&
                  CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) == 1 &&
                  uv_replace_allocator(uv_malloc, uv_realloc, uv_calloc, free) == 0;
    if (!stands) {
        fputs("a library takes no allocator\n", stderr);
        abort();
    }
    control_get_ready_to_tell();
    gx_failing_alloc_keep_in(&shared->alloc, control_tell);
}
