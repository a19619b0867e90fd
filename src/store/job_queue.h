/* The jobs that wait for a lane: posted from any thread, taken in order, many at once. Inside store/ only. */
#ifndef GX_STORE_JOB_QUEUE_H
#define GX_STORE_JOB_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "store/lane.h"

typedef struct gx_job_queue {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    gx_job *first, **last_next;
    size_t waiting, limit;
    bool closed;
} gx_job_queue;

void gx_job_queue_init(gx_job_queue *queue, size_t limit);
void gx_job_queue_destroy(gx_job_queue *queue); /* empty by then */

/* False when it is full or closed. */
bool gx_job_queue_post(gx_job_queue *queue, gx_job *job);

/* Waits for a job. False: closed and empty. */
bool gx_job_queue_await(gx_job_queue *queue);

/* Waits for a job, then takes up to `most` of those that wait, in the order of posting. 0: closed and empty. */
size_t gx_job_queue_take(gx_job_queue *queue, gx_job **jobs, size_t most);

/* How many wait at this moment. Any thread. */
size_t gx_job_queue_waiting(gx_job_queue *queue);

/* Takes no more posts; what waits can still be taken. */
void gx_job_queue_close(gx_job_queue *queue);

#endif
