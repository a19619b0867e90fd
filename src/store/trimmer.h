/* The trimmer: a thread that sweeps all logs now and then, a small transaction at a time, one under way at most. */
#ifndef GX_STORE_TRIMMER_H
#define GX_STORE_TRIMMER_H

#include "base/error.h"
#include "store/lane.h"
#include "store/log_trim.h"

typedef struct gx_trimmer gx_trimmer;

typedef struct gx_trimmer_options {
    gx_lanes *lanes;
    gx_retention keep;
    int pause_ms; /* between sweeps; 0 means 10000 */
    const gx_logger *logger;
} gx_trimmer_options;

/* NULL: see `error`. */
gx_trimmer *gx_trimmer_start(const gx_trimmer_options *options, gx_error *error);

/* Ends the thread after the transaction at hand, and frees it. Before the lanes stop. NULL is allowed. */
void gx_trimmer_stop(gx_trimmer *trimmer);

#endif
