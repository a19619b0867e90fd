/* An errand: a job in a lane whose end is told on the hooks' thread. It can be sent again and again, and keeps its
 * arena meanwhile. Begins the struct of whoever sends it. */
#ifndef GX_HOOKS_ERRAND_H
#define GX_HOOKS_ERRAND_H

#include "base/arena.h"
#include "base/mailbox.h"
#include "store/lane.h"

typedef struct gx_errand gx_errand;
struct gx_errand {
    gx_job job;
    gx_message message;
    gx_mailbox *mailbox;
    gx_arena arena;
    gx_job_end end;
    bool (*run)(gx_errand *errand, gx_txn *txn);   /* lane thread, as gx_job.run */
    void (*arrived)(gx_errand *errand, bool kept); /* hooks' thread; the errand is the owner's again */
};

/* An errand of `size` bytes, zeroed behind the errand. NULL when out of memory. */
void *gx_errand_new(size_t size, gx_mailbox *mailbox);
void gx_errand_free(gx_errand *errand);

typedef bool gx_errand_post(gx_lanes *lanes, gx_job *job); /* gx_lanes_read or gx_lanes_write */

/* False when the lane takes nothing: `arrived` is not called then. */
bool gx_errand_send(gx_errand *errand, gx_errand_post *post, gx_lanes *lanes);

#endif
