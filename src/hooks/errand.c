#include "hooks/errand.h"

#include <stdlib.h>

#define MOST_BYTES ((size_t)16 * 1024 * 1024)

static gx_errand *of_job(gx_job *job)
{
    return (gx_errand *)(void *)((char *)job - offsetof(gx_errand, job));
}

static gx_errand *of_message(gx_message *message)
{
    return (gx_errand *)(void *)((char *)message - offsetof(gx_errand, message));
}

static bool run(gx_job *job, gx_txn *txn)
{
    gx_errand *errand = of_job(job);
    return errand->run(errand, txn) && !errand->arena.failed;
}

static void finish(gx_job *job, gx_job_end end)
{
    gx_errand *errand = of_job(job);
    errand->end = end;
    gx_mailbox_post(errand->mailbox, &errand->message);
}

static void deliver(gx_message *message)
{
    gx_errand *errand = of_message(message);
    errand->arrived(errand, errand->end == GX_JOB_KEPT);
}

void *gx_errand_new(size_t size, gx_mailbox *mailbox)
{
    gx_errand *errand = calloc(1, size);
    if (errand == NULL)
        return NULL;
    errand->job = (gx_job){.run = run, .finish = finish};
    errand->message = (gx_message){.deliver = deliver};
    errand->mailbox = mailbox;
    errand->arena = GX_ARENA_INIT(MOST_BYTES);
    return errand;
}

void gx_errand_free(gx_errand *errand)
{
    gx_arena_free(&errand->arena);
    free(errand);
}

bool gx_errand_send(gx_errand *errand, gx_errand_post *post, gx_lanes *lanes)
{
    return post(lanes, &errand->job);
}
