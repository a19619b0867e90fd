/* CATCHUP: one page of the log, read and encoded in a read lane, delivered on the thread that asked. */
#ifndef GX_FEED_CATCHUP_H
#define GX_FEED_CATCHUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/mailbox.h"
#include "feed/feed.h"
#include "store/lane.h"

/* A page ends after the frame that reaches this many bytes. */
#define GX_PAGE_BYTES (256 * 1024)

typedef struct gx_page_frame {
    size_t end; /* of its bytes in gx_page.bytes */
    gx_log_position position;
    bool is_gap; /* stream.gap, which comes before all events of the page: it has no id for the client to keep */
} gx_page_frame;

typedef struct gx_page {
    bool failed;             /* the store or the memory: nothing below counts */
    bool at_head;            /* there was nothing more when it was read */
    gx_log_position scanned; /* the last event that was looked at, shown or not */
    gx_buffer bytes;         /* the frames, one after the other; the receiver may take the memory */
    const gx_page_frame *frames;
    size_t frame_count;
} gx_page;

typedef struct gx_page_query {
    const char *developer_id; /* copied */
    gx_log_position after;
    gx_view view;
    size_t most_events;
    void (*arrived)(void *owner, gx_page *page); /* mailbox's thread, exactly once; the page is lent for the call */
    void *owner;
} gx_page_query;

/* False when out of memory or when too many jobs wait already: `arrived` is not called then. */
bool gx_page_ask(gx_lanes *lanes, gx_mailbox *mailbox, const gx_page_query *query);

#endif
