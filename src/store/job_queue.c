#include "store/job_queue.h"

void gx_job_queue_init(gx_job_queue *queue, size_t limit)
{
    *queue = (gx_job_queue){.limit = limit};
    queue->last_next = &queue->first;
    pthread_mutex_init(&queue->mutex, NULL); /* neither can fail with default attributes on Linux */
    pthread_cond_init(&queue->changed, NULL);
}

void gx_job_queue_destroy(gx_job_queue *queue)
{
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->mutex);
}

static void append(gx_job_queue *queue, gx_job *job)
{
    job->next = NULL;
    *queue->last_next = job;
    queue->last_next = &job->next;
    queue->waiting++;
}

static gx_job *remove_first(gx_job_queue *queue)
{
    gx_job *job = queue->first;
    queue->first = job->next;
    if (queue->first == NULL)
        queue->last_next = &queue->first;
    queue->waiting--;
    return job;
}

bool gx_job_queue_post(gx_job_queue *queue, gx_job *job)
{
    pthread_mutex_lock(&queue->mutex);
    bool taken = !queue->closed && queue->waiting < queue->limit;
    if (taken) {
        append(queue, job);
        pthread_cond_signal(&queue->changed);
    }
    pthread_mutex_unlock(&queue->mutex);
    return taken;
}

static void await_locked(gx_job_queue *queue)
{
    while (queue->first == NULL && !queue->closed)
        pthread_cond_wait(&queue->changed, &queue->mutex);
}

bool gx_job_queue_await(gx_job_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    await_locked(queue);
    bool there = queue->first != NULL;
    pthread_mutex_unlock(&queue->mutex);
    return there;
}

size_t gx_job_queue_take(gx_job_queue *queue, gx_job **jobs, size_t most)
{
    size_t count = 0;
    pthread_mutex_lock(&queue->mutex);
    await_locked(queue);
    while (queue->first != NULL && count < most)
        jobs[count++] = remove_first(queue);
    pthread_mutex_unlock(&queue->mutex);
    return count;
}

size_t gx_job_queue_waiting(gx_job_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    size_t waiting = queue->waiting;
    pthread_mutex_unlock(&queue->mutex);
    return waiting;
}

void gx_job_queue_close(gx_job_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->closed = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->mutex);
}
