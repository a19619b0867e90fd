/* An arena: memory for one request, given back all at once. Used by one thread at a time. */
#ifndef GX_BASE_ARENA_H
#define GX_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

typedef struct gx_arena_block gx_arena_block;

typedef struct gx_arena {
    gx_arena_block *blocks; /* newest first */
    size_t used;            /* bytes handed out, all blocks */
    size_t limit;           /* most bytes it hands out; 0 means no limit */
    bool failed;            /* an allocation was refused; stays set until the arena is freed */
} gx_arena;

#define GX_ARENA_INIT(most) ((gx_arena){.limit = (most)})

/* Frees everything that came from the arena; it can be used again. */
void gx_arena_free(gx_arena *arena);

/* Zeroed, aligned for any type. NULL (and `failed`) when out of memory or past the limit. */
void *gx_arena_alloc(gx_arena *arena, size_t size);

/* NUL-terminated copies; NULL when refused. gx_arena_text(NULL) is NULL and no failure. */
char *gx_arena_copy(gx_arena *arena, gx_span span);
char *gx_arena_text(gx_arena *arena, const char *text);
char *gx_arena_printf(gx_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
