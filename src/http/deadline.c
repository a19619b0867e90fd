#include "http/deadline.h"

static gx_deadline *first(const gx_list *queue)
{
    return gx_list_empty(queue) ? NULL : GX_LIST_ENTRY(queue->next, gx_deadline, node);
}

static void on_timer(uv_timer_t *timer);

static void wake_at(gx_deadlines *deadlines, uint64_t due)
{
    uint64_t now = uv_now(deadlines->timer.loop);
    deadlines->wakes = due;
    uv_timer_start(&deadlines->timer, on_timer, due > now ? due - now : 0, 0);
}

static void wake_for_the_earliest(gx_deadlines *deadlines)
{
    const gx_deadline *earliest = NULL;
    for (int kind = 0; kind < GX_DEADLINE_KINDS; kind++) {
        const gx_deadline *head = first(&deadlines->queues[kind]);
        if (head && (!earliest || head->due < earliest->due))
            earliest = head;
    }
    if (earliest)
        wake_at(deadlines, earliest->due);
}

static void on_timer(uv_timer_t *timer)
{
    gx_deadlines *deadlines = timer->data;
    uint64_t now = uv_now(timer->loop);
    for (int kind = 0; kind < GX_DEADLINE_KINDS; kind++)
        for (gx_deadline *head; (head = first(&deadlines->queues[kind])) && head->due <= now;) {
            gx_deadline_clear(head);
            deadlines->expired(head);
        }
    if (!uv_is_closing((uv_handle_t *)timer))
        wake_for_the_earliest(deadlines);
}

void gx_deadlines_init(gx_deadlines *deadlines, uv_loop_t *loop, void (*expired)(gx_deadline *deadline))
{
    for (int kind = 0; kind < GX_DEADLINE_KINDS; kind++)
        gx_list_init(&deadlines->queues[kind]);
    deadlines->expired = expired;
    uv_timer_init(loop, &deadlines->timer);
    deadlines->timer.data = deadlines;
}

/* A deadline that is cleared leaves the timer alone: it wakes once for nothing and looks for the next. */
void gx_deadline_set(gx_deadlines *deadlines, gx_deadline *deadline, gx_deadline_kind kind)
{
    uv_timer_t *timer = &deadlines->timer;
    gx_deadline_clear(deadline);
    deadline->kind = kind;
    deadline->due = uv_now(timer->loop) + deadlines->lengths[kind];
    gx_list_push_back(&deadlines->queues[kind], &deadline->node);
    if (!uv_is_closing((uv_handle_t *)timer) &&
        (!uv_is_active((uv_handle_t *)timer) || deadline->due < deadlines->wakes))
        wake_at(deadlines, deadline->due);
}
