/* A growing byte buffer with a limit. A failed append is remembered (`failed`) and later ones do nothing,
 * so that a writer may write a whole document and ask once. */
#ifndef GX_BASE_BUFFER_H
#define GX_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

typedef struct gx_buffer {
    char *data;      /* owned; not NUL-terminated unless gx_buffer_text() asked for it */
    size_t length;   /* bytes written */
    size_t capacity; /* bytes there is room for; one more is allocated, for the NUL */
    size_t limit;    /* most bytes it may ever hold; 0 means no limit */
    bool failed;     /* out of memory or past the limit; the content is then incomplete */
} gx_buffer;

#define GX_BUFFER_INIT(most) ((gx_buffer){.limit = (most)})

/* Frees the bytes and leaves an empty buffer with the same limit. */
void gx_buffer_free(gx_buffer *buffer);

/* Forgets the content, keeps the memory, clears `failed`. */
void gx_buffer_clear(gx_buffer *buffer);

/* Makes room for `more` further bytes; false (and `failed`) when it cannot. */
bool gx_buffer_reserve(gx_buffer *buffer, size_t more);

void gx_buffer_append(gx_buffer *buffer, const void *bytes, size_t length);
void gx_buffer_append_span(gx_buffer *buffer, gx_span span);
void gx_buffer_append_text(gx_buffer *buffer, const char *text);
void gx_buffer_append_char(gx_buffer *buffer, char c);
void gx_buffer_append_int(gx_buffer *buffer, long long value); /* decimal */
void gx_buffer_printf(gx_buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Removes `length` bytes (no more than there are) from the front. */
void gx_buffer_consume(gx_buffer *buffer, size_t length);

gx_span gx_buffer_span(const gx_buffer *buffer);

/* The content as a NUL-terminated string, lent until the next change; NULL when the buffer has failed. */
const char *gx_buffer_text(gx_buffer *buffer);

#endif
