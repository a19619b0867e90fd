/* Posts over HTTP, many at once, on one thread, which sleeps here. */
#ifndef GX_HOOKS_SENDER_H
#define GX_HOOKS_SENDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"
#include "base/span.h"

typedef struct gx_sender gx_sender;

#define GX_SENDER_ERROR_SIZE 64

typedef struct gx_sender_options {
    int timeout_ms;     /* for all of an exchange */
    bool allow_private; /* else only addresses of the public Internet are connected to */
    const gx_logger *logger;
} gx_sender_options;

typedef struct gx_post {
    const char *url;
    const char *const *headers; /* "Name: value"; ends with NULL; copied */
    gx_span body;               /* must stay until `done`, or until the sender is gone */
    /* From gx_sender_wait, once. `error` is "" when the receiver took it (2xx), else a few words without secrets. */
    void (*done)(void *owner, const char *error);
    void *owner;
} gx_post;

/* NULL when out of memory, or of descriptors. */
gx_sender *gx_sender_new(const gx_sender_options *options);

/* Posts that are on their way are cut: `done` is not called. NULL is allowed. */
void gx_sender_free(gx_sender *sender);

/* False when out of memory, or when libcurl cannot be loaded (which is logged): `done` is not called then. */
bool gx_sender_post(gx_sender *sender, const gx_post *post);

/* Cuts all posts that are on their way, as gx_sender_free does. */
void gx_sender_cut(gx_sender *sender);

/* Sleeps until something happens, at most `most_ms`, and calls `done` for what is over. */
void gx_sender_wait(gx_sender *sender, int most_ms);

/* Ends the sleep, now or the next one. Any thread. */
void gx_sender_wake(void *sender);

#endif
