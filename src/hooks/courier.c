#include "hooks/courier.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "hooks/engine.h"
#include "hooks/work.h"

/* A cursor that has moved over events which nobody asked for is written down so much later: a commit must not cost a
 * write per webhook. Whoever starts again reads those events once more. */
enum { STORE_AFTER_MS = 10000 };

/* --- its life --- */

static const char *keep(char **room, const char *text)
{
    const char *kept = *room;
    *room = stpcpy(*room, text) + 1;
    return kept;
}

gx_courier *gx_courier_new(gx_hooks *hooks, const gx_webhook_row *webhook)
{
    size_t texts =
        strlen(webhook->id) + strlen(webhook->developer_id) + strlen(webhook->url) + strlen(webhook->secret) + 4;
    gx_courier *courier = NULL;
    if (gx_timers_reserve(&hooks->timers, hooks->roster.count + 1))
        courier = calloc(1, sizeof *courier + texts);
    if (courier == NULL)
        return NULL;
    char *room = (char *)(courier + 1);
    courier->hooks = hooks;
    courier->id = keep(&room, webhook->id);
    courier->developer_id = keep(&room, webhook->developer_id);
    courier->url = keep(&room, webhook->url);
    courier->secret = keep(&room, webhook->secret);
    courier->filter = webhook->filter;
    courier->cursor = courier->cursor_stored = courier->head = webhook->cursor_seq;
    gx_list_init(&courier->waiting);
    gx_roster_add(&hooks->roster, courier);
    return courier;
}

void gx_courier_free(gx_courier *courier)
{
    gx_courier_progress(courier, courier->head, courier->head); /* it lags no more */
    gx_timer_clear(&courier->hooks->timers, &courier->timer);
    gx_list_remove(&courier->waiting);
    gx_roster_remove(&courier->hooks->roster, courier);
    free(courier);
}

void gx_courier_dismiss(gx_courier *courier)
{
    courier->gone = true;
    gx_courier_step(courier);
}

/* --- how far it is --- */

void gx_courier_progress(gx_courier *courier, int64_t cursor, int64_t head)
{
    int64_t lag_before = courier->head - courier->cursor;
    if (cursor > courier->cursor)
        courier->cursor = cursor;
    if (head > courier->head)
        courier->head = head;
    if (courier->cursor > courier->head)
        courier->head = courier->cursor;
    gx_hooks_count(&courier->hooks->lag, courier->head - courier->cursor - lag_before);
}

void gx_courier_note(gx_courier *courier, int64_t seq, gx_event_type type)
{
    bool passes_by = courier->work == NULL && courier->cursor == seq - 1 && !gx_event_filter_has(courier->filter, type);
    gx_courier_progress(courier, passes_by ? seq : courier->cursor, seq);
    gx_courier_step(courier);
}

/* --- what next --- */

/* Work is done in a slot: there are so many, and who has none waits for its turn. */
static void begin(gx_courier *courier, gx_task task)
{
    gx_hooks *hooks = courier->hooks;
    if (hooks->slots_free == 0) {
        if (gx_list_empty(&courier->waiting))
            gx_list_push_back(&hooks->waiting, &courier->waiting);
        return;
    }
    gx_list_remove(&courier->waiting);
    if (!gx_work_begin(courier, task))
        gx_timer_set(&hooks->timers, &courier->timer, gx_clock_wall_ms() + GX_HOOKS_STORE_PAUSE_MS);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void sleep_until(gx_courier *courier, int64_t at)
{
    gx_list_remove(&courier->waiting);
    if (at == INT64_MAX)
        gx_timer_clear(&courier->hooks->timers, &courier->timer);
    else
        gx_timer_set(&courier->hooks->timers, &courier->timer, at);
}

static void choose(gx_courier *courier, int64_t now)
{
    bool behind = courier->cursor<courier->head, unsaid = courier->cursor> courier->cursor_stored;
    if (unsaid && courier->store_at == 0)
        courier->store_at = now + STORE_AFTER_MS;
    if (now < courier->not_before)
        sleep_until(courier, courier->not_before);
    else if (courier->again != 0)
        begin(courier, GX_TASK_AGAIN);
    else if (behind && now >= courier->retry_at)
        begin(courier, GX_TASK_NEXT);
    else if (unsaid && now >= courier->store_at)
        begin(courier, GX_TASK_STORE);
    else
        sleep_until(courier, earlier(behind ? courier->retry_at : INT64_MAX, unsaid ? courier->store_at : INT64_MAX));
}

void gx_courier_step(gx_courier *courier)
{
    if (courier->hooks->draining)
        return;
    if (courier->work != NULL)
        gx_work_resume(courier->work);
    else if (courier->gone)
        gx_courier_free(courier);
    else
        choose(courier, gx_clock_wall_ms());
}
