/* A stream with a thread of its own. Who frees the subscription: the one who unsubscribes; but inside its own thread,
 * which cannot wait for itself, the thread does so when the handler has returned. */
#include <pthread.h>
#include <signal.h>

#include "base/memory.h"
#include "grantex/events.h"
#include "lib/client.h"
#include "lib/fail.h"
#include "lib/stream.h"

struct grantex_subscription {
    grantex_stream *stream;
    pthread_t thread;
    pthread_mutex_t gate; /* held until the caller has the subscription; the thread begins behind it */
    grantex_event_handler handler;
    void *user;
    bool orphaned; /* unsubscribed inside its own thread; only that thread looks at it */
};

static void release(grantex_subscription *subscription)
{
    grantex_stream_close(subscription->stream);
    pthread_mutex_destroy(&subscription->gate);
    gx_free(subscription);
}

/* --- the thread --------------------------------------------------------------------------------------------------- */

static void *run(void *context)
{
    grantex_subscription *subscription = context;
    pthread_mutex_lock(&subscription->gate);
    pthread_mutex_unlock(&subscription->gate);

    const grantex_event *event;
    while (grantex_stream_next(subscription->stream, &event, -1, NULL) == GRANTEX_OK && !subscription->orphaned)
        subscription->handler(event, subscription->user);
    if (subscription->orphaned)
        release(subscription);
    return NULL;
}

/* The thread must never run a signal handler of the application. */
static bool start_thread(grantex_subscription *subscription)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&subscription->thread, NULL, run, subscription) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

/* --- the caller --------------------------------------------------------------------------------------------------- */

static grantex_subscription *new_subscription(grantex_event_handler handler, void *user)
{
    grantex_subscription *subscription = gx_calloc(1, sizeof *subscription);
    if (!subscription)
        return NULL;
    subscription->handler = handler;
    subscription->user = user;
    pthread_mutex_init(&subscription->gate, NULL);
    return subscription;
}

grantex_status grantex_events_subscribe(grantex_client *client, const grantex_stream_options *options,
                                        grantex_event_handler handler, void *user, grantex_subscription **subscription,
                                        grantex_error *error)
{
    if (!handler || !subscription)
        return gx_fail(error, GRANTEX_E_INVALID, "handler and subscription must not be NULL");
    grantex_subscription *made = new_subscription(handler, user);
    if (!made)
        return gx_fail_memory(error);
    grantex_status status = grantex_events_stream(client, options, &made->stream, error);
    if (status != GRANTEX_OK) {
        release(made);
        return status;
    }

    pthread_mutex_lock(&made->gate);
    bool started = start_thread(made);
    if (started)
        *subscription = made;
    pthread_mutex_unlock(&made->gate);
    if (started)
        return GRANTEX_OK;
    release(made);
    return gx_fail(error, GRANTEX_E_SYSTEM, "The system gives no more threads");
}

void grantex_unsubscribe(grantex_subscription *subscription)
{
    if (!subscription)
        return;
    if (gx_client_forked(subscription->stream->client)) { /* the thread stayed in the parent */
        release(subscription);
        return;
    }
    grantex_stream_cancel(subscription->stream);
    if (pthread_equal(subscription->thread, pthread_self())) {
        pthread_detach(subscription->thread);
        subscription->orphaned = true;
        return;
    }
    pthread_join(subscription->thread, NULL);
    release(subscription);
}
