/* How far the logs go whose webhooks are ours to deliver for: other servers append to them too, and their bus is not
 * ours. */
#include "base/clock.h"
#include "hooks/engine.h"
#include "hooks/errand.h"

typedef struct question {
    gx_errand errand;
    gx_hooks *hooks;
    int64_t now;
    gx_log_reach *reaches; /* in the errand's arena, with room for all webhooks */
    size_t count;
} question;

static bool run(gx_errand *errand, gx_txn *txn)
{
    question *asked = (question *)(void *)errand;
    return gx_log_read_reaches(txn->database, asked->reaches, asked->count);
}

/* Only who has the lease may deliver; without one, the server that appends takes it. */
static bool is_ours(const question *asked, const gx_courier *courier)
{
    return courier->leased_until > asked->now && !courier->gone;
}

static bool is_named(const question *asked, const gx_courier *courier)
{
    const gx_roster *roster = &asked->hooks->roster;
    gx_courier *other = NULL;
    while ((other = gx_roster_next_of(roster, courier->developer_id, other)) != courier) {
        if (is_ours(asked, other))
            return true;
    }
    return false;
}

static void name_developer(void *context, gx_courier *courier)
{
    question *asked = context;
    if (is_ours(asked, courier) && !is_named(asked, courier))
        asked->reaches[asked->count++].developer_id = gx_arena_text(&asked->errand.arena, courier->developer_id);
}

/* True when there is something to ask. */
static bool write_question(question *asked)
{
    const gx_roster *roster = &asked->hooks->roster;
    asked->reaches = gx_arena_alloc(&asked->errand.arena, roster->count * sizeof *asked->reaches);
    if (asked->reaches != NULL)
        gx_roster_each(roster, name_developer, asked);
    return asked->count > 0 && !asked->errand.arena.failed;
}

static void take_note(const gx_hooks *hooks, const gx_log_reach *reach)
{
    gx_courier *next = gx_roster_next_of(&hooks->roster, reach->developer_id, NULL);
    for (gx_courier *courier = next; courier != NULL; courier = next) {
        next = gx_roster_next_of(&hooks->roster, reach->developer_id, courier); /* a step may free the courier */
        if (courier->head < reach->last_seq) {
            gx_courier_progress(courier, 0, reach->last_seq);
            gx_courier_step(courier);
        }
    }
}

static void end(question *asked)
{
    asked->hooks->asking_reach = false;
    gx_errand_free(&asked->errand);
}

static void arrived(gx_errand *errand, bool kept)
{
    question *asked = (question *)(void *)errand;
    asked->hooks->errands--;
    for (size_t i = 0; kept && i < asked->count; i++)
        take_note(asked->hooks, &asked->reaches[i]);
    end(asked);
}

/* What cannot be asked now is asked the next time. */
void gx_hooks_ask_reach(gx_hooks *hooks)
{
    int64_t now = gx_clock_wall_ms();
    hooks->reach_at = now + hooks->options.reach_ms;
    question *asked = gx_errand_new(sizeof *asked, hooks->mailbox);
    if (asked == NULL)
        return;
    asked->errand.run = run;
    asked->errand.arrived = arrived;
    asked->hooks = hooks;
    asked->now = now;
    hooks->asking_reach = write_question(asked) && gx_errand_send(&asked->errand, gx_lanes_read, hooks->options.lanes);
    if (hooks->asking_reach)
        hooks->errands++;
    else
        end(asked);
}
