/* A courier: one webhook, how far it has come, and what it waits for. Of the hooks' thread alone. */
#ifndef GX_HOOKS_COURIER_H
#define GX_HOOKS_COURIER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "hooks/timers.h"
#include "store/webhooks.h"

typedef struct gx_hooks gx_hooks;
typedef struct gx_courier gx_courier;
typedef struct gx_work gx_work; /* hooks/work.h */

struct gx_courier {
    /* What never changes; lanes may read it while work is on its way. */
    gx_hooks *hooks;
    const char *id, *developer_id, *url, *secret; /* behind the struct */
    gx_event_filter filter;

    int64_t cursor;        /* everything up to it is settled */
    int64_t cursor_stored; /* what the store knows of that */
    int64_t head;          /* the newest event that is known of */
    int64_t again;         /* an earlier event that was asked for once more; 0: none */

    /* Wall clock, 0: now, or never. */
    int64_t leased_until;
    int64_t not_before; /* the store could not, or another server delivers: nothing until then */
    int64_t retry_at;   /* of the event after the cursor, which has failed before */
    int64_t store_at;   /* write down a cursor that has passed only what was not asked for */

    gx_work *work;       /* on its way: the courier stays until it is back */
    bool gone;           /* the webhook was deleted */
    unsigned roll_call;  /* the last one that it was seen in */
    unsigned since_trim; /* deliveries settled */
    gx_timer timer;
    gx_list waiting; /* for a slot */
    gx_courier *next_by_id, *next_by_developer;
};

/* A courier for that webhook, in the roster and at work. NULL when out of memory. */
gx_courier *gx_courier_new(gx_hooks *hooks, const gx_webhook_row *webhook);

/* The webhook was deleted: frees the courier, as soon as its work is back. */
void gx_courier_dismiss(gx_courier *courier);

/* Frees it, whatever it waits for. Its work is not on its way. */
void gx_courier_free(gx_courier *courier);

/* An event has been committed. */
void gx_courier_note(gx_courier *courier, int64_t seq, gx_event_type type);

/* Everything up to `cursor` is settled, and the log goes up to `head` at least; neither goes back. */
void gx_courier_progress(gx_courier *courier, int64_t cursor, int64_t head);

/* Does what there is to do now, and sees to being woken for the rest. */
void gx_courier_step(gx_courier *courier);

#endif
