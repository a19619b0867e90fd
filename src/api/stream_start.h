/* What a streaming request asks for and where its stream begins, for every kind of connection: Last-Event-ID header >
 * last_event_id > since > last > now (contract section 3). */
#ifndef GX_API_STREAM_START_H
#define GX_API_STREAM_START_H

#include <stdbool.h>
#include <stdint.h>

#include "api/call.h"
#include "api/stream_ledger.h"
#include "store/log.h"
#include "wire/event_type.h"

typedef enum gx_stream_from { GX_FROM_NOW, GX_FROM_LAST, GX_FROM_SINCE, GX_FROM_CURSOR } gx_stream_from;

typedef struct gx_stream_start {
    /* what was asked for, set by gx_stream_start_parse */
    gx_stream_from from;
    gx_event_filter filter;
    int64_t last;                  /* GX_FROM_LAST: so many of the newest, whatever their type */
    int64_t since_ms;              /* GX_FROM_SINCE */
    char cursor[GX_EVENT_ID_SIZE]; /* GX_FROM_CURSOR */
    const char *cursor_field;      /* what it came in, for messages */
    bool fail_on_gap;              /* rather be refused than told of a gap */

    /* where that is, set by gx_stream_start_find */
    gx_log_position after;
    int64_t not_before_ms; /* for gx_view */
} gx_stream_start;

/* Reads types, event_types, last, since, on_gap, last_event_id and Last-Event-ID. False: call->problem. Loop thread. */
bool gx_stream_start_parse(gx_call *call, gx_stream_start *start);

/* The same for a page, whose cursor is `after`. */
bool gx_stream_start_parse_page(gx_call *call, gx_stream_start *start);

/* What the admission says to who asked. */
bool gx_stream_admitted(gx_admission admission, gx_problem *problem);

/* Refuses already in the lane where there is no place for a stream more, so that a ticket is not used up for nothing.
 */
bool gx_stream_has_room(const gx_call *call, gx_act *act);

/* Looks it up in the developer's log. False: act->problem, also for a gap where that is asked for. Lane. */
bool gx_stream_start_find(gx_act *act, gx_stream_start *start);

#endif
