/* What was given up and then asked for once more: found in the store by its time, handed to its courier. */
#include "base/clock.h"
#include "hooks/engine.h"
#include "hooks/errand.h"
#include "store/webhook_deliveries.h"

enum { MOST_AT_ONCE = 1000 };

typedef struct look {
    gx_errand errand;
    gx_hooks *hooks;
    const gx_webhook_delivery_row *first;
} look;

static bool run(gx_errand *errand, gx_txn *txn)
{
    look *looking = (look *)(void *)errand;
    return gx_webhook_deliveries_due(txn->database, &errand->arena, looking->hooks->options.owner, txn->now_ms,
                                     MOST_AT_ONCE, &looking->first);
}

/* A courier takes one at a time; the end of that one lets us look for the others. */
static void hand_out(const look *looking)
{
    for (const gx_webhook_delivery_row *delivery = looking->first; delivery != NULL; delivery = delivery->next) {
        gx_courier *courier = gx_roster_find(&looking->hooks->roster, delivery->webhook_id);
        if (courier == NULL || courier->again != 0)
            continue;
        courier->again = delivery->seq;
        gx_courier_step(courier);
    }
}

static void arrived(gx_errand *errand, bool kept)
{
    look *looking = (look *)(void *)errand;
    gx_hooks *hooks = looking->hooks;
    hooks->errands--;
    hooks->asking_again = false;
    if (kept)
        hand_out(looking);
    else
        gx_hooks_again_by(hooks, gx_clock_wall_ms() + GX_HOOKS_STORE_PAUSE_MS);
    gx_errand_free(errand);
}

void gx_hooks_look_again(gx_hooks *hooks)
{
    look *looking = gx_errand_new(sizeof *looking, hooks->mailbox);
    if (looking != NULL) {
        looking->errand.run = run;
        looking->errand.arrived = arrived;
        looking->hooks = hooks;
    }
    if (looking != NULL && gx_errand_send(&looking->errand, gx_lanes_read, hooks->options.lanes)) {
        hooks->errands++;
        hooks->asking_again = true;
        hooks->again_at = INT64_MAX;
        return;
    }
    if (looking != NULL)
        gx_errand_free(&looking->errand);
    hooks->again_at = gx_clock_wall_ms() + GX_HOOKS_STORE_PAUSE_MS;
}
