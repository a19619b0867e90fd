/* Work: what a courier does in a slot, from taking the lease to writing down what came of it. */
#ifndef GX_HOOKS_WORK_H
#define GX_HOOKS_WORK_H

#include <stdbool.h>

#include "hooks/courier.h"

typedef enum gx_task {
    GX_TASK_NEXT,  /* deliver the first event after the cursor that was asked for */
    GX_TASK_AGAIN, /* deliver courier->again */
    GX_TASK_STORE, /* write the cursor down */
} gx_task;

/* Takes a slot, which is there. At its end it gives the slot back and lets the courier, and who waits, go on. False
 * when out of memory, or when the store takes nothing. */
bool gx_work_begin(gx_courier *courier, gx_task task);

/* Goes on with work that has waited for the store for long enough. */
void gx_work_resume(gx_work *work);

/* Forgets it, unfinished: nothing of it is on its way any more. */
void gx_work_free(gx_work *work);

#endif
