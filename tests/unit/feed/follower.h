/* A subscriber of DEVELOPER with a sink in memory. */
#ifndef GX_TESTS_FEED_FOLLOWER_H
#define GX_TESTS_FEED_FOLLOWER_H

#include "feed/memory_sink.h"
#include "feed/stage.h"

static const gx_view EVERYTHING = {.filter = GX_EVENT_FILTER_ALL, .framing = GX_FRAMING_CHUNKED};

typedef struct follower {
    memory_sink sink;
    gx_view view;
    int64_t wanted;
} follower;

/* With room for everything; from after that position on, or from now on. */
void follow_from(follower *f, desk *d, gx_view view, gx_log_position after);
void follow(follower *f, stage *s, gx_view view);

/* The same with a sink that takes only `room` bytes at first. */
void follow_with_room(follower *f, desk *d, gx_view view, gx_log_position after, size_t room);

void unfollow(follower *f);

/* Until its cursor has come to that event. */
void until_seq(follower *f, desk *d, int64_t seq);

/* What came, which must be whole. Lent until the next call. */
const received *read_all(const follower *f);

#endif
