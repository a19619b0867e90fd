/* A stage for tests of the feed: a real store in a folder of its own, its lanes, the bus, and a feed on the test's
 * thread. */
#ifndef GX_TESTS_FEED_STAGE_H
#define GX_TESTS_FEED_STAGE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "feed/feed.h"

#define DEVELOPER "dev_01ARZ3NDEKTSV4RRFFQ69G5FAV"
#define STRANGER  "dev_01ARZ3NDEKTSV4RRFFQ69G5FAW"

/* A thread's mailbox and the feed behind it. */
typedef struct desk {
    pthread_mutex_t lock;
    pthread_cond_t woken;
    bool awake; /* under the lock */
    gx_mailbox *mailbox;
    gx_feed *feed;
    int64_t now_ms; /* what the feed is told the time is */
} desk;

typedef struct stage {
    char folder[64];
    char location[96];
    gx_bus *bus;
    gx_lanes *lanes;
    desk desk;
} stage;

int stage_setup(void **state);
int stage_teardown(void **state);

/* Opens a feed on the desk with these options; lanes, mailbox and bus are the stage's. False when out of memory. */
bool desk_open(desk *d, stage *s, gx_feed_options options);
void desk_init(desk *d);
void desk_close_feed(desk *d);
void desk_destroy(desk *d);

/* Drains the mailbox until the condition holds; fails the test when nothing comes for a minute. */
void desk_until(desk *d, bool (*holds)(void *context), void *context);

/* Moves the feed's time on. */
void desk_pass(desk *d, int64_t ms);

/* Commits `count` events in one transaction and waits for that; false when the store refused. */
bool stage_append(stage *s, const char *developer_id, gx_event_type type, int count);

/* Trims the developer's log to its newest `events` (0: to none), at most GX_TRIM_MOST at a time. */
void stage_trim(stage *s, const char *developer_id, int events);

/* Where the developer's log ends. */
gx_log_position stage_head(stage *s, const char *developer_id);

#endif
