/* The pages, embedded at build: the program needs no folder of files beside it. */
#ifndef GX_WEB_WEB_H
#define GX_WEB_WEB_H

#include "base/span.h"

typedef struct gx_web_file {
    const char *path; /* "/consent.js" */
    const char *content_type;
    const char *name; /* of the embedded file */
} gx_web_file;

/* What is served at `path`; NULL for nothing. */
const gx_web_file *gx_web_find(gx_span path);

/* Every one of them: 0, 1, 2 … until NULL. */
const gx_web_file *gx_web_at(size_t number);

/* Its bytes, static. */
gx_span gx_web_bytes(const gx_web_file *file);

#endif
