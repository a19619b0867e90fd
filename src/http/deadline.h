/* Timeouts of many connections on one timer. Every kind has one length, so a deadline set later is due later: each kind
 * is a list in order of falling due, setting one is O(1), and only the heads are ever looked at. */
#ifndef GX_HTTP_DEADLINE_H
#define GX_HTTP_DEADLINE_H

#include <stdint.h>
#include <uv.h>

#include "base/list.h"

typedef enum gx_deadline_kind {
    GX_DEADLINE_HANDSHAKE, /* of TLS: its end */
    GX_DEADLINE_REQUEST,   /* its last byte */
    GX_DEADLINE_IDLE,      /* the first byte of the next one */
    GX_DEADLINE_SEND,      /* so much of an answer leaves */
    GX_DEADLINE_LINGER,    /* the peer's end, after our last word */
    GX_DEADLINE_KINDS
} gx_deadline_kind;

/* Embedded in what waits. */
typedef struct gx_deadline {
    gx_list node;
    uint64_t due;
    gx_deadline_kind kind;
} gx_deadline;

typedef struct gx_deadlines gx_deadlines;
struct gx_deadlines {
    uv_timer_t timer;
    uint64_t wakes; /* when the timer goes off, if it is active */
    gx_list queues[GX_DEADLINE_KINDS];
    uint64_t lengths[GX_DEADLINE_KINDS];    /* milliseconds */
    void (*expired)(gx_deadline *deadline); /* it is set no more; may be set again */
};

/* The lengths are the caller's to fill. The timer is a handle of the loop: close it with uv_close. */
void gx_deadlines_init(gx_deadlines *deadlines, uv_loop_t *loop, void (*expired)(gx_deadline *deadline));

static inline void gx_deadline_init(gx_deadline *deadline)
{
    gx_list_init(&deadline->node);
}

/* Sets it, or sets it anew. */
void gx_deadline_set(gx_deadlines *deadlines, gx_deadline *deadline, gx_deadline_kind kind);

static inline void gx_deadline_clear(gx_deadline *deadline)
{
    gx_list_remove(&deadline->node);
}

#endif
