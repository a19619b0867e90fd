/* What the files of the delivery engine know of each other; nobody else includes this. */
#ifndef GX_HOOKS_ENGINE_H
#define GX_HOOKS_ENGINE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/list.h"
#include "base/mailbox.h"
#include "feed/bus.h"
#include "hooks/courier.h"
#include "hooks/hooks.h"
#include "hooks/roster.h"
#include "hooks/sender.h"
#include "hooks/timers.h"

enum { GX_HOOKS_STORE_PAUSE_MS = 1000 }; /* before the store, or memory, is asked again */

struct gx_hooks {
    gx_hooks_options options; /* with the defaults filled in */
    pthread_t thread;
    bool started;
    gx_mailbox *mailbox;
    gx_sender *sender;
    gx_bus_member *member;
    unsigned losses; /* of the bus, when all webhooks were last looked at */
    gx_roster roster;
    gx_timers timers;
    gx_list waiting; /* couriers for a slot */
    size_t slots_free;
    size_t errands;     /* on their way, of all kinds */
    unsigned roll_call; /* the last one begun */
    bool calling;       /* one over all webhooks is on its way */
    int64_t call_at;    /* the next such; wall clock */
    bool asking_reach;  /* a question how far the logs go is on its way */
    int64_t reach_at;   /* the next such; wall clock */
    bool asking_again;  /* redeliveries are being looked for */
    int64_t again_at;   /* when to look for redeliveries; wall clock */
    bool draining;
    atomic_int drain_ms; /* 0 until a drain is asked for */
    atomic_llong delivered, failed, retried, skipped, lag;
};

static inline void gx_hooks_count(atomic_llong *counter, int64_t more)
{
    atomic_fetch_add_explicit(counter, more, memory_order_relaxed);
}

/* Looks for redeliveries by then at the latest. */
static inline void gx_hooks_again_by(gx_hooks *hooks, int64_t at)
{
    if (at < hooks->again_at)
        hooks->again_at = at;
}

/* roll_call.c: reads which webhooks there are, of one developer or (NULL) of all, and makes couriers of them. */
void gx_hooks_call_roll(gx_hooks *hooks, const char *developer_id);

/* reach.c: wakes the couriers whose logs other servers have appended to. */
void gx_hooks_ask_reach(gx_hooks *hooks);

/* again.c: gives the couriers what was asked for once more. */
void gx_hooks_look_again(gx_hooks *hooks);

#endif
