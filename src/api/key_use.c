#include "api/key_use.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/api_keys.h"

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

void gx_key_use_note(const gx_live_call *live)
{
    use *noted = live->key_use_unknown && live->call.endpoint->work == GX_WORK_READ ? calloc(1, sizeof *noted) : NULL;
    if (noted == NULL)
        return;
    noted->job = (gx_job){.run = run, .finish = finish};
    snprintf(noted->key_id, sizeof noted->key_id, "%s", live->key_id);
    if (!gx_lanes_write(live->call.api->options.lanes, &noted->job))
        free(noted);
}
