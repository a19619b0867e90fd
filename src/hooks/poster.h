/* What the sender has to have loaded before the first post: the module that speaks HTTP. Used by one thread. */
#ifndef GX_HOOKS_POSTER_H
#define GX_HOOKS_POSTER_H

#include "hooks/sender.h"

typedef struct gx_poster gx_poster;

/* The functions are those of the sender; the options are lent until `free`. */
typedef struct gx_poster_module {
    gx_poster *(*new)(const gx_sender_options *options); /* NULL when out of memory */
    void (*free)(gx_poster *poster);
    bool (*post)(gx_poster *poster, const gx_post *post);
    void (*cut)(gx_poster *poster);
    void (*wait)(gx_poster *poster, int wake_fd, int most_ms); /* also ends when wake_fd can be read */
} gx_poster_module;

extern const gx_poster_module gx_curl_poster;

#endif
