/* Which webhooks there are: read from the store a page at a time, and made known to the couriers. */
#include <string.h>

#include "base/clock.h"
#include "base/ulid.h"
#include "hooks/engine.h"
#include "hooks/errand.h"

enum { WEBHOOKS_PER_PAGE = 256 };

typedef struct roll_call {
    gx_errand errand;
    gx_hooks *hooks;
    unsigned number;
    bool of_one;                   /* of one developer, all at once */
    char after_id[GX_ID_SIZE];     /* where the page begins */
    char developer_id[GX_ID_SIZE]; /* of_one */
    const gx_webhook_row *first;
} roll_call;

static bool run(gx_errand *errand, gx_txn *txn)
{
    roll_call *call = (roll_call *)(void *)errand;
    if (call->of_one)
        return gx_webhooks_list(txn->database, &errand->arena, call->developer_id, &call->first);
    return gx_webhooks_list_all(txn->database, &errand->arena, call->after_id, WEBHOOKS_PER_PAGE, &call->first);
}

/* One that finds no memory is found by the next call. */
static void meet(const roll_call *call, const gx_webhook_row *webhook)
{
    gx_courier *courier = gx_roster_find(&call->hooks->roster, webhook->id);
    if (courier == NULL)
        courier = gx_courier_new(call->hooks, webhook);
    if (courier == NULL)
        return;
    if (courier->roll_call < call->number)
        courier->roll_call = call->number;
    gx_courier_progress(courier, 0, webhook->head_seq);
    gx_courier_step(courier);
}

/* --- the end of it: who was not there is gone --- */

static void dismiss_if_absent(void *context, gx_courier *courier)
{
    const roll_call *call = context;
    if (courier->roll_call < call->number && !courier->gone)
        gx_courier_dismiss(courier);
}

static void dismiss_absent(roll_call *call)
{
    if (!call->of_one) {
        gx_roster_each(&call->hooks->roster, dismiss_if_absent, call);
        return;
    }
    gx_courier *courier = gx_roster_next_of(&call->hooks->roster, call->developer_id, NULL);
    while (courier != NULL) {
        gx_courier *next = gx_roster_next_of(&call->hooks->roster, call->developer_id, courier);
        dismiss_if_absent(call, courier);
        courier = next;
    }
}

static void finish(roll_call *call, bool complete)
{
    gx_hooks *hooks = call->hooks;
    int64_t now = gx_clock_wall_ms();
    if (complete)
        dismiss_absent(call);
    if (!call->of_one) {
        hooks->calling = false;
        hooks->call_at = now + (complete ? hooks->options.poll_ms : GX_HOOKS_STORE_PAUSE_MS);
    } else if (!complete) {
        hooks->call_at = now + GX_HOOKS_STORE_PAUSE_MS;
    }
    gx_hooks_again_by(hooks, now);
    gx_errand_free(&call->errand);
}

/* --- page after page --- */

static void arrived(gx_errand *errand, bool kept);

static void read_page(roll_call *call)
{
    gx_arena_free(&call->errand.arena);
    if (gx_errand_send(&call->errand, gx_lanes_read, call->hooks->options.lanes))
        call->hooks->errands++;
    else
        finish(call, false);
}

static void arrived(gx_errand *errand, bool kept)
{
    roll_call *call = (roll_call *)(void *)errand;
    call->hooks->errands--;
    if (!kept || call->hooks->draining) {
        finish(call, false);
        return;
    }
    int count = 0;
    for (const gx_webhook_row *webhook = call->first; webhook != NULL; webhook = webhook->next, count++) {
        meet(call, webhook);
        if (webhook->next == NULL)
            memcpy(call->after_id, webhook->id, strnlen(webhook->id, sizeof call->after_id - 1) + 1);
    }
    if (call->of_one || count < WEBHOOKS_PER_PAGE)
        finish(call, true);
    else
        read_page(call);
}

void gx_hooks_call_roll(gx_hooks *hooks, const char *developer_id)
{
    roll_call *call = gx_errand_new(sizeof *call, hooks->mailbox);
    if (call == NULL) {
        hooks->call_at = gx_clock_wall_ms() + GX_HOOKS_STORE_PAUSE_MS;
        return;
    }
    call->errand.run = run;
    call->errand.arrived = arrived;
    call->hooks = hooks;
    call->number = ++hooks->roll_call;
    call->of_one = developer_id != NULL;
    if (call->of_one)
        memcpy(call->developer_id, developer_id, strnlen(developer_id, sizeof call->developer_id - 1));
    else
        hooks->calling = true;
    read_page(call);
}
