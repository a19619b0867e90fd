/* The sweeper: a thread that now and then erases whoever was deleted and trims the logs, a small transaction at a time,
 * one under way at most. */
#ifndef GX_STORE_SWEEPER_H
#define GX_STORE_SWEEPER_H

#include "base/error.h"
#include "store/lane.h"
#include "store/log_trim.h"

typedef struct gx_sweeper gx_sweeper;

typedef struct gx_sweeper_options {
    gx_lanes *lanes;
    gx_retention keep;
    int pause_ms; /* between sweeps; 0 means 10000 */
    const gx_logger *logger;
} gx_sweeper_options;

/* NULL: see `error`. */
gx_sweeper *gx_sweeper_start(const gx_sweeper_options *options, gx_error *error);

/* Ends the thread after the transaction at hand, and frees it. Before the lanes stop. NULL is allowed. */
void gx_sweeper_stop(gx_sweeper *sweeper);

#endif
