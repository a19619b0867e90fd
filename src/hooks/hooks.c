#include "hooks/hooks.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "hooks/engine.h"
#include "hooks/errand.h"
#include "hooks/work.h"

enum { DEFAULT_TIMEOUT_MS = 10000, DEFAULT_POLL_MS = 30000, DEFAULT_AT_WORK = 256, MOST_SLEEP_MS = 1000 };

/* --- from other threads --- */

static void receive(void *context, gx_frame *const *frames, size_t count, int64_t published_us)
{
    (void)published_us;
    gx_hooks *hooks = context;
    for (size_t i = 0; i < count; i++) {
        const char *developer_id = gx_frame_developer(frames[i]);
        gx_courier *courier = NULL;
        while ((courier = gx_roster_next_of(&hooks->roster, developer_id, courier)) != NULL)
            gx_courier_note(courier, gx_frame_position(frames[i])->seq, gx_frame_type(frames[i]));
    }
}

typedef struct change {
    gx_message message;
    gx_hooks *hooks;
    char developer_id[];
} change;

static void on_change(gx_message *message)
{
    change *told = (change *)(void *)message;
    if (!told->hooks->draining)
        gx_hooks_call_roll(told->hooks, told->developer_id);
    free(told);
}

/* Without memory the change is found by the next look at all webhooks. */
void gx_hooks_changed(void *context, const char *developer_id)
{
    gx_hooks *hooks = context;
    size_t size = strlen(developer_id) + 1;
    change *told = malloc(sizeof *told + size);
    if (told == NULL)
        return;
    *told = (change){.message = {.deliver = on_change}, .hooks = hooks};
    memcpy(told->developer_id, developer_id, size);
    gx_mailbox_post(hooks->mailbox, &told->message);
}

void gx_hooks_read_stats(const gx_hooks *hooks, gx_hooks_stats *out)
{
    *out = (gx_hooks_stats){.delivered = atomic_load(&hooks->delivered),
                            .failed = atomic_load(&hooks->failed),
                            .retried = atomic_load(&hooks->retried),
                            .skipped = atomic_load(&hooks->skipped),
                            .lag = atomic_load(&hooks->lag)};
}

void gx_hooks_drain(gx_hooks *hooks, int drain_ms)
{
    atomic_store(&hooks->drain_ms, drain_ms);
    gx_sender_wake(hooks->sender);
}

/* --- the thread --- */

/* The bus lost a frame: what the store has is the truth. */
static void heed_losses(gx_hooks *hooks)
{
    unsigned losses = gx_bus_losses(hooks->options.bus);
    if (losses == hooks->losses || hooks->calling)
        return;
    hooks->losses = losses;
    hooks->call_at = 0;
}

static void do_what_is_due(gx_hooks *hooks)
{
    int64_t now = gx_clock_wall_ms();
    heed_losses(hooks);
    if (now >= hooks->call_at && !hooks->calling)
        gx_hooks_call_roll(hooks, NULL);
    if (now >= hooks->again_at && !hooks->asking_again)
        gx_hooks_look_again(hooks);
    if (now >= hooks->reach_at && !hooks->asking_reach)
        gx_hooks_ask_reach(hooks);
    for (gx_timer *timer; (timer = gx_timers_take(&hooks->timers, now)) != NULL;)
        gx_courier_step(GX_LIST_ENTRY(timer, gx_courier, timer));
}

static int sleep_ms(const gx_hooks *hooks)
{
    int64_t now = gx_clock_wall_ms(), next = now + MOST_SLEEP_MS;
    if (gx_timers_next(&hooks->timers) < next)
        next = gx_timers_next(&hooks->timers);
    if (hooks->again_at < next && !hooks->asking_again)
        next = hooks->again_at;
    if (hooks->reach_at < next && !hooks->asking_reach)
        next = hooks->reach_at;
    return next > now ? (int)(next - now) : 0;
}

static void turn(gx_hooks *hooks, int most_ms)
{
    gx_sender_wait(hooks->sender, most_ms);
    gx_mailbox_drain(hooks->mailbox);
}

static bool busy(const gx_hooks *hooks)
{
    return hooks->errands > 0 || hooks->slots_free < hooks->options.most_at_work;
}

/* What is not over when the time is up is cut, and sent again after the next start. */
static void finish_what_is_on_its_way(gx_hooks *hooks)
{
    hooks->draining = true;
    int64_t left, until = gx_clock_monotonic_ms() + atomic_load(&hooks->drain_ms);
    while (busy(hooks) && (left = until - gx_clock_monotonic_ms()) > 0)
        turn(hooks, (int)left);
    gx_sender_cut(hooks->sender);
}

typedef struct release {
    gx_errand errand;
    const char *owner;
} release;

static bool run_release(gx_errand *errand, gx_txn *txn)
{
    const release *giving_up = (release *)(void *)errand;
    return gx_webhooks_release(txn->database, giving_up->owner);
}

static void on_released(gx_errand *errand, bool kept)
{
    (void)kept; /* a lease that could not be given back ends by itself */
    gx_errand_free(errand);
}

/* So that another server need not wait for the leases to end. */
static void release_leases(gx_hooks *hooks)
{
    release *giving_up = gx_errand_new(sizeof *giving_up, hooks->mailbox);
    if (giving_up == NULL)
        return;
    giving_up->errand.run = run_release;
    giving_up->errand.arrived = on_released;
    giving_up->owner = hooks->options.owner;
    if (!gx_errand_send(&giving_up->errand, gx_lanes_write, hooks->options.lanes))
        gx_errand_free(&giving_up->errand);
}

static void *run(void *context)
{
    gx_hooks *hooks = context;
    while (atomic_load(&hooks->drain_ms) == 0) {
        do_what_is_due(hooks);
        turn(hooks, sleep_ms(hooks));
    }
    finish_what_is_on_its_way(hooks);
    release_leases(hooks);
    return NULL;
}

/* --- its life --- */

static gx_hooks_options with_defaults(const gx_hooks_options *given)
{
    gx_hooks_options options = *given;
    if (options.schedule.count == 0)
        options.schedule = gx_schedule_default();
    if (options.timeout_ms == 0)
        options.timeout_ms = DEFAULT_TIMEOUT_MS;
    if (options.poll_ms == 0)
        options.poll_ms = DEFAULT_POLL_MS;
    if (options.most_at_work == 0)
        options.most_at_work = DEFAULT_AT_WORK;
    return options;
}

static bool init(gx_hooks *hooks, const gx_hooks_options *options)
{
    hooks->options = with_defaults(options);
    hooks->slots_free = hooks->options.most_at_work;
    hooks->again_at = INT64_MAX;
    hooks->reach_at = hooks->options.reach_ms > 0 ? 0 : INT64_MAX;
    gx_list_init(&hooks->waiting);
    hooks->sender = gx_sender_new(&(gx_sender_options){
        .timeout_ms = hooks->options.timeout_ms, .allow_private = options->allow_private, .logger = options->logger});
    if (hooks->sender == NULL || !gx_roster_init(&hooks->roster))
        return false;
    hooks->mailbox = gx_mailbox_new(gx_sender_wake, hooks->sender);
    if (hooks->mailbox == NULL)
        return false;
    hooks->losses = gx_bus_losses(options->bus);
    hooks->member = gx_bus_join(options->bus, hooks->mailbox, receive, hooks);
    return hooks->member != NULL;
}

static bool start_thread(gx_hooks *hooks)
{
    sigset_t all, before; /* the program's signals are for its main thread */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    hooks->started = pthread_create(&hooks->thread, NULL, run, hooks) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (hooks->started)
        pthread_setname_np(hooks->thread, "gx-hooks");
    return hooks->started;
}

gx_hooks *gx_hooks_start(const gx_hooks_options *options, gx_error *error)
{
    gx_hooks *hooks = calloc(1, sizeof *hooks);
    if (hooks != NULL && init(hooks, options) && start_thread(hooks))
        return hooks;
    gx_error_set(error, "the thread for webhooks cannot be started");
    gx_hooks_free(hooks);
    return NULL;
}

void gx_hooks_join(gx_hooks *hooks)
{
    if (hooks == NULL || !hooks->started)
        return;
    pthread_join(hooks->thread, NULL);
    hooks->started = false;
}

static void dissolve(void *context, gx_courier *courier)
{
    (void)context;
    if (courier->work != NULL)
        gx_work_free(courier->work);
    gx_courier_free(courier);
}

void gx_hooks_free(gx_hooks *hooks)
{
    if (hooks == NULL)
        return;
    hooks->draining = true;
    if (hooks->member != NULL)
        gx_bus_leave(hooks->member);
    gx_mailbox_free(hooks->mailbox); /* what the lanes still finished comes in here */
    if (hooks->sender != NULL)
        gx_sender_cut(hooks->sender);
    if (hooks->roster.by_id != NULL)
        gx_roster_each(&hooks->roster, dissolve, NULL);
    gx_roster_free(&hooks->roster);
    gx_timers_free(&hooks->timers);
    gx_sender_free(hooks->sender);
    free(hooks);
}
