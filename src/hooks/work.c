#include "hooks/work.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/ulid.h"
#include "hooks/engine.h"
#include "hooks/errand.h"
#include "store/log.h"
#include "store/webhook_deliveries.h"
#include "webhook/head.h"

enum {
    EVENTS_PER_READ = 256, /* looked at in one job, for one that was asked for */
    LEASE_SPARE_MS = 15000,
    TRIM_EVERY = 100, /* deliveries */
};

/* Steps: lease, read, post, record; each one's end sets off the next. */
struct gx_work {
    gx_errand errand; /* of one step at a time; its arena holds what the work has read */
    gx_courier *courier;
    gx_task task;
    int64_t after; /* what the step at hand goes by; lanes must not look at the courier's own */
    int64_t head;

    /* lease */
    bool leased;
    int64_t leased_until;
    gx_webhook_row webhook;

    /* read */
    int64_t scanned; /* up to there nothing was asked for */
    int64_t skipped; /* events that should have come, and are kept no more */
    bool found;      /* the event, in `body`, and its delivery */
    gx_buffer body;
    gx_webhook_delivery_row delivery;

    /* record */
    bool trims;    /* old deliveries, at the same time */
    bool recorded; /* false: the webhook is gone, or another server's by now */
    bool paused;   /* the store could not; the courier's timer runs */
};

static gx_work *work_of(gx_errand *errand)
{
    return (gx_work *)(void *)errand;
}

void gx_work_free(gx_work *work)
{
    work->courier->work = NULL;
    work->courier->hooks->slots_free++;
    gx_buffer_free(&work->body);
    gx_errand_free(&work->errand);
}

/* Who waits for a slot comes first, or the busiest webhooks would keep theirs for ever. */
static void end(gx_work *work)
{
    gx_courier *courier = work->courier;
    gx_hooks *hooks = courier->hooks;
    gx_work_free(work);
    while (hooks->slots_free > 0 && !hooks->draining && !gx_list_empty(&hooks->waiting))
        gx_courier_step(GX_LIST_ENTRY(hooks->waiting.next, gx_courier, waiting));
    gx_courier_step(courier);
}

static void end_until(gx_work *work, int64_t pause_ms)
{
    work->courier->not_before = gx_clock_wall_ms() + pause_ms;
    end(work);
}

static bool send(gx_work *work, gx_errand_post *lane, bool (*run)(gx_errand *, gx_txn *),
                 void (*arrived)(gx_errand *, bool))
{
    gx_hooks *hooks = work->courier->hooks;
    work->errand.run = run;
    work->errand.arrived = arrived;
    if (!gx_errand_send(&work->errand, lane, hooks->options.lanes))
        return false;
    hooks->errands++;
    return true;
}

/* --- record --- */

static bool run_record(gx_errand *errand, gx_txn *txn)
{
    gx_work *work = work_of(errand);
    const gx_courier *courier = work->courier;
    gx_step step = gx_webhook_deliveries_record(txn->database, courier->hooks->options.owner, &work->delivery);
    work->recorded = step == GX_STEP_ROW;
    if (step == GX_STEP_ROW && work->trims)
        return gx_webhook_deliveries_trim(txn->database, courier->id);
    return step != GX_STEP_ERROR;
}

static void take_note(const gx_work *work)
{
    gx_courier *courier = work->courier;
    const gx_webhook_delivery_row *delivery = &work->delivery;
    bool settled = strcmp(delivery->status, "pending") != 0;
    if (work->task == GX_TASK_AGAIN) {
        courier->again = 0;
        gx_hooks_again_by(courier->hooks, settled ? 0 : delivery->next_attempt_at);
    } else if (settled) {
        gx_courier_progress(courier, delivery->seq, delivery->seq);
        courier->cursor_stored = delivery->seq;
        courier->retry_at = 0;
    } else {
        courier->retry_at = delivery->next_attempt_at;
    }
}

static void pause_record(gx_work *work)
{
    gx_courier *courier = work->courier;
    work->paused = true;
    gx_timer_set(&courier->hooks->timers, &courier->timer, gx_clock_wall_ms() + GX_HOOKS_STORE_PAUSE_MS);
}

static void on_recorded(gx_errand *errand, bool kept)
{
    gx_work *work = work_of(errand);
    gx_courier *courier = work->courier;
    courier->hooks->errands--;
    if (!kept) {
        pause_record(work);
    } else if (!work->recorded) {
        courier->leased_until = 0;
        end(work);
    } else {
        take_note(work);
        end(work);
    }
}

static void record(gx_work *work)
{
    work->paused = false;
    if (!send(work, gx_lanes_write, run_record, on_recorded))
        pause_record(work);
}

void gx_work_resume(gx_work *work)
{
    if (work->paused && gx_clock_wall_ms() >= work->courier->timer.at)
        record(work);
}

/* --- post --- */

static void succeed(gx_courier *courier, gx_webhook_delivery_row *delivery, int64_t now)
{
    delivery->status = "delivered";
    delivery->delivered_at = now;
    delivery->last_error = NULL;
    courier->since_trim++;
    gx_hooks_count(&courier->hooks->delivered, 1);
}

static void fail(gx_courier *courier, gx_webhook_delivery_row *delivery, int64_t now)
{
    gx_hooks *hooks = courier->hooks;
    int64_t delay_ms;
    if (gx_schedule_after(&hooks->options.schedule, delivery->attempts, &delay_ms)) {
        delivery->status = "pending";
        delivery->next_attempt_at = now + delay_ms;
        gx_hooks_count(&hooks->retried, 1);
        return;
    }
    delivery->status = "failed";
    courier->since_trim++;
    gx_hooks_count(&hooks->failed, 1);
    gx_log(hooks->options.logger, GX_LEVEL_WARN, "webhook %s: event %s is given up after %lld attempts: %s",
           courier->id, delivery->event_id, (long long)delivery->attempts, delivery->last_error);
}

static void on_answer(void *owner, const char *error)
{
    gx_work *work = owner;
    int64_t now = gx_clock_wall_ms();
    work->delivery.attempts++;
    if (error[0] == '\0') {
        succeed(work->courier, &work->delivery, now);
    } else {
        const char *kept = gx_arena_text(&work->errand.arena, error);
        work->delivery.last_error = kept != NULL ? kept : "the request failed";
        fail(work->courier, &work->delivery, now);
    }
    work->trims = work->courier->since_trim >= TRIM_EVERY;
    if (work->trims)
        work->courier->since_trim = 0;
    record(work);
}

static bool post(gx_work *work)
{
    gx_span body = gx_buffer_span(&work->body);
    gx_webhook_head head;
    if (!gx_webhook_head_write(&head, &(gx_webhook_sent){.secret = work->courier->secret,
                                                         .now_s = gx_clock_wall_ms() / 1000,
                                                         .event_id = work->delivery.event_id,
                                                         .delivery_id = work->delivery.id,
                                                         .body = body.ptr,
                                                         .length = body.len}))
        return false;
    gx_post request = {
        .url = work->courier->url, .headers = head.lines, .body = body, .done = on_answer, .owner = work};
    return gx_sender_post(work->courier->hooks->sender, &request);
}

/* --- read --- */

static void fill_delivery(gx_work *work, const gx_logged_event *event, int64_t now_ms)
{
    gx_arena *arena = &work->errand.arena;
    char id[GX_ID_SIZE];
    if (!gx_id_new(id, "whd_", now_ms))
        arena->failed = true;
    work->delivery = (gx_webhook_delivery_row){
        .webhook_id = work->courier->id,
        .seq = event->seq,
        .id = gx_arena_text(arena, id),
        .event_id = gx_arena_copy(arena, event->id),
        .event_type = gx_arena_copy(arena, event->type_name),
        .status = "pending",
        .created_at = now_ms,
    };
}

typedef struct search {
    gx_work *work;
    int64_t now_ms;
} search;

static bool visit(void *context, const gx_logged_event *event)
{
    const search *looking = context;
    gx_work *work = looking->work;
    if (work->task == GX_TASK_AGAIN && event->seq != work->after + 1)
        return false; /* the one that was asked for is kept no more */
    work->skipped += event->seq - work->scanned - 1;
    if (!gx_event_filter_has(work->courier->filter, event->type)) {
        work->scanned = event->seq;
        return true;
    }
    gx_event_write(&work->body, event->id, event->type_name, event->timestamp_ms, event->seq, event->data);
    fill_delivery(work, event, looking->now_ms);
    work->found = true;
    return false;
}

/* What is known of the delivery, if it was tried before. */
static bool find_delivery(gx_work *work, gx_txn *txn, int64_t seq)
{
    return gx_webhook_deliveries_at(txn->database, &work->errand.arena, work->courier->id, seq, &work->delivery) !=
           GX_STEP_ERROR;
}

/* Events that were there when the job was sent, and are not found, are kept no more. */
static void pass_what_is_not_kept(gx_work *work)
{
    if (work->scanned >= work->head)
        return;
    work->skipped += work->head - work->scanned;
    work->scanned = work->head;
}

static bool run_read(gx_errand *errand, gx_txn *txn)
{
    gx_work *work = work_of(errand);
    search looking = {.work = work, .now_ms = txn->now_ms};
    work->found = false;
    work->scanned = work->after;
    work->skipped = 0;
    work->delivery = (gx_webhook_delivery_row){.status = ""};
    gx_buffer_clear(&work->body);
    int64_t visited =
        gx_log_read(txn->database, work->courier->developer_id, work->after, EVENTS_PER_READ, visit, &looking);
    if (visited < 0 || work->body.failed)
        return false;
    if (work->task == GX_TASK_AGAIN)
        return find_delivery(work, txn, work->after + 1);
    if (work->found)
        return find_delivery(work, txn, work->delivery.seq);
    if (visited < EVENTS_PER_READ)
        pass_what_is_not_kept(work);
    return true;
}

/* What was to be sent once more, and was settled or taken away meanwhile. */
static bool is_void(const gx_work *work)
{
    return work->task == GX_TASK_AGAIN && strcmp(work->delivery.status, "pending") != 0;
}

/* Retention took events away before the webhook had come to them. */
static void tell_skipped(const gx_work *work)
{
    gx_hooks *hooks = work->courier->hooks;
    gx_hooks_count(&hooks->skipped, work->skipped);
    gx_log(hooks->options.logger, GX_LEVEL_WARN, "webhook %s: %lld events behind number %lld are kept no more: skipped",
           work->courier->id, (long long)work->skipped, (long long)work->after);
}

/* There is nothing left to send once more: its owner is told, instead of waiting for ever. */
static void bury(gx_work *work)
{
    work->delivery.status = "failed";
    work->delivery.last_error = "the event is kept no more";
    gx_hooks_count(&work->courier->hooks->failed, 1);
    record(work);
}

static void go_on(gx_work *work)
{
    gx_courier *courier = work->courier;
    if (work->task == GX_TASK_NEXT && work->skipped > 0)
        tell_skipped(work);
    if (work->task == GX_TASK_NEXT)
        gx_courier_progress(courier, work->found ? work->delivery.seq - 1 : work->scanned, 0);
    if (is_void(work)) {
        courier->again = 0;
        end(work);
    } else if (!work->found && work->task == GX_TASK_AGAIN) {
        bury(work);
    } else if (!work->found) {
        end(work);
    } else if (work->task == GX_TASK_NEXT && work->delivery.next_attempt_at > gx_clock_wall_ms()) {
        courier->retry_at = work->delivery.next_attempt_at;
        end(work);
    } else if (!post(work)) {
        end_until(work, GX_HOOKS_STORE_PAUSE_MS);
    }
}

static void on_read(gx_errand *errand, bool kept)
{
    gx_work *work = work_of(errand);
    gx_hooks *hooks = work->courier->hooks;
    hooks->errands--;
    if (!kept)
        end_until(work, GX_HOOKS_STORE_PAUSE_MS);
    else if (hooks->draining || work->courier->gone)
        end(work);
    else
        go_on(work);
}

static bool read_event(gx_work *work)
{
    gx_courier *courier = work->courier;
    work->after = work->task == GX_TASK_AGAIN ? courier->again - 1 : courier->cursor;
    work->head = courier->head;
    return send(work, gx_lanes_read, run_read, on_read);
}

/* --- lease --- */

static bool run_lease(gx_errand *errand, gx_txn *txn)
{
    gx_work *work = work_of(errand);
    const gx_hooks_options *options = &work->courier->hooks->options;
    work->leased_until = txn->now_ms + options->timeout_ms + LEASE_SPARE_MS;
    gx_step step = gx_webhooks_lease(txn->database, &errand->arena, work->courier->id, options->owner, txn->now_ms,
                                     work->leased_until, &work->webhook);
    work->leased = step == GX_STEP_ROW;
    if (work->leased && work->task == GX_TASK_STORE)
        step = gx_webhooks_move(txn->database, work->courier->id, options->owner, work->after);
    return step != GX_STEP_ERROR;
}

static void on_leased(gx_errand *errand, bool kept)
{
    gx_work *work = work_of(errand);
    gx_courier *courier = work->courier;
    courier->hooks->errands--;
    if (!kept) {
        end_until(work, GX_HOOKS_STORE_PAUSE_MS);
    } else if (!work->leased) { /* gone, or another server delivers: it is looked at again when that one may be dead */
        courier->store_at = 0;
        end_until(work, LEASE_SPARE_MS / 3);
    } else {
        courier->leased_until = work->leased_until;
        gx_courier_progress(courier, work->webhook.cursor_seq, work->webhook.head_seq);
        courier->cursor_stored = work->task == GX_TASK_STORE ? work->after : work->webhook.cursor_seq;
        courier->store_at = 0;
        if (work->task == GX_TASK_STORE || courier->hooks->draining || courier->gone)
            end(work);
        else if (!read_event(work))
            end_until(work, GX_HOOKS_STORE_PAUSE_MS);
    }
}

/* A lease that is about to end is renewed first: it must outlast the attempt. */
bool gx_work_begin(gx_courier *courier, gx_task task)
{
    gx_hooks *hooks = courier->hooks;
    gx_work *work = gx_errand_new(sizeof *work, hooks->mailbox);
    if (work == NULL)
        return false;
    work->courier = courier;
    work->task = task;
    work->after = courier->cursor;
    courier->work = work;
    hooks->slots_free--;
    bool ours = courier->leased_until > gx_clock_wall_ms() + hooks->options.timeout_ms + LEASE_SPARE_MS / 3;
    bool sent = ours && task != GX_TASK_STORE ? read_event(work) : send(work, gx_lanes_write, run_lease, on_leased);
    if (!sent)
        gx_work_free(work);
    return sent;
}
