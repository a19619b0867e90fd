#include "api/key_use.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "store/api_keys.h"

#define FULL_PAUSE_MS 10000

typedef struct use {
    gx_job job; /* first, so that the job is the use */
    char key_id[GX_ID_SIZE];
} use;

static bool run(gx_job *job, gx_txn *txn)
{
    return gx_api_keys_used(txn->database, ((use *)job)->key_id, txn->now_ms);
}

static void finish(gx_job *job, gx_job_end end)
{
    (void)end;
    free(job);
}

/* Else each read by that key would be a transaction that fails. */
static bool is_hopeless(const gx_lanes *lanes)
{
    int64_t full_ms = atomic_load_explicit(&gx_lanes_stats(lanes)->full_ms, memory_order_relaxed);
    return full_ms != 0 && gx_clock_monotonic_ms() < full_ms + FULL_PAUSE_MS;
}

void gx_key_use_note(const gx_live_call *live)
{
    bool notes = live->key_use_unknown && live->call.endpoint->work == GX_WORK_READ &&
                 !is_hopeless(live->call.api->options.lanes);
    use *noted = notes ? calloc(1, sizeof *noted) : NULL;
    if (noted == NULL)
        return;
    noted->job = (gx_job){.run = run, .finish = finish};
    snprintf(noted->key_id, sizeof noted->key_id, "%s", live->key_id);
    if (!gx_lanes_write(live->call.api->options.lanes, &noted->job))
        free(noted);
}
