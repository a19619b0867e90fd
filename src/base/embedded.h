/* Files that the build put into the program: gx_embed() in cmake/EmbedText.cmake makes them, GX_EMBEDDED(name) declares
 * them where they are used. */
#ifndef GX_BASE_EMBEDDED_H
#define GX_BASE_EMBEDDED_H

#include <stddef.h>

typedef struct gx_embedded_file {
    const char *name;  /* without its folder */
    const char *bytes; /* with a NUL behind them */
    size_t length;     /* without that NUL */
} gx_embedded_file;

/* The files in the order given to gx_embed, then one whose name is NULL. */
#define GX_EMBEDDED(name) extern const gx_embedded_file gx_embedded_##name[]

#endif
