/* The write lane: jobs that share a commit. Inside store/ only. */
#ifndef GX_STORE_LANE_WRITE_H
#define GX_STORE_LANE_WRITE_H

#include "base/error.h"
#include "store/job_queue.h"

typedef struct gx_writer gx_writer;

/* Opens the connection, beside another one if there is one (gx_database_open_beside). `options` and `stats` are lent
 * for the writer's life; `options` has no zeroes that stand for defaults. NULL: see `error`. */
gx_writer *gx_writer_new(const gx_lanes_options *options, gx_lane_stats *stats, const gx_database *beside,
                         gx_error *error);
void gx_writer_free(gx_writer *writer);

/* Any thread: see gx_lanes_hurry. */
void gx_writer_hurry(gx_writer *writer, int64_t until_ms);

const gx_database *gx_writer_database(const gx_writer *writer);

/* How many writers the store can have with profit. */
int gx_writer_most(const gx_writer *writer);

/* Runs jobs until the queue is closed and empty. `prepares`: what will come to write when it is prepared. */
void gx_writer_run(gx_writer *writer, gx_job_queue *queue, gx_job_queue *prepares);

#endif
