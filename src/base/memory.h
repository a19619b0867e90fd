/* Where memory comes from: the C library, unless the program that uses libgrantex has said otherwise. What the library
 * makes goes through here; grantexd's own rooms above need not. */
#ifndef GX_BASE_MEMORY_H
#define GX_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

typedef struct gx_allocator {
    void *(*reallocate)(void *memory, size_t size, void *user); /* NULL: new */
    void (*release)(void *memory, void *user);                  /* never NULL */
    void *user;
} gx_allocator;

/* False when something was allocated before: then it stays as it is. Not while another thread allocates. */
bool gx_memory_use(const gx_allocator *allocator);

/* As malloc(3), calloc(3), realloc(3), strdup(3), free(3). */
void *gx_malloc(size_t size);
void *gx_calloc(size_t count, size_t size);
void *gx_realloc(void *memory, size_t size);
char *gx_strdup(const char *text);
void gx_free(void *memory);

#endif
