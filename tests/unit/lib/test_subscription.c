/* Subscriptions: a thread that calls a handler, and how it ends. */
#include <pthread.h>
#include <time.h>

#include "lib/fixture.h"

/* What the handler saw, under a lock; its last act may be to unsubscribe. */
struct listener {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t events, ends;
    char last[32];
    grantex_subscription *subscription;
    size_t stop_after; /* unsubscribes inside the handler at this event; 0: never */
    bool slow, inside, after_stop;
    grantex_status end;
};

static void bump(struct listener *listener, size_t *counter)
{
    pthread_mutex_lock(&listener->lock);
    ++*counter;
    pthread_cond_broadcast(&listener->changed);
    pthread_mutex_unlock(&listener->lock);
}

static void on_event(const grantex_event *event, void *user)
{
    struct listener *listener = user;
    pthread_mutex_lock(&listener->lock);
    listener->inside = true;
    if (listener->stop_after && listener->events >= listener->stop_after)
        listener->after_stop = true;
    strcpy(listener->last, event->id.text);
    pthread_mutex_unlock(&listener->lock);
    bump(listener, &listener->events);
    if (listener->slow) {
        struct timespec moment = {.tv_nsec = 20000000}; /* the test calls unsubscribe meanwhile */
        nanosleep(&moment, NULL);
    }
    if (listener->stop_after == listener->events)
        grantex_unsubscribe(listener->subscription);
    pthread_mutex_lock(&listener->lock);
    listener->inside = false;
    pthread_mutex_unlock(&listener->lock);
}

/* Unsubscribes at the hole between two events, before the second one is handed out. */
static void on_gap(const grantex_notice *notice, void *user)
{
    struct listener *listener = user;
    if (notice->kind != GRANTEX_NOTICE_GAP)
        return;
    grantex_unsubscribe(listener->subscription);
    bump(listener, &listener->ends);
}

static void on_notice(const grantex_notice *notice, void *user)
{
    struct listener *listener = user;
    if (notice->kind != GRANTEX_NOTICE_END)
        return;
    pthread_mutex_lock(&listener->lock);
    listener->end = notice->error->status;
    pthread_mutex_unlock(&listener->lock);
    bump(listener, &listener->ends);
}

static void wait_for(struct listener *listener, const size_t *counter, size_t least)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_MS / 1000;
    int late = 0;
    pthread_mutex_lock(&listener->lock);
    while (*counter < least && !late)
        late = pthread_cond_timedwait(&listener->changed, &listener->lock, &until);
    pthread_mutex_unlock(&listener->lock);
    assert_int_equal(late, 0);
}

static void init(struct listener *listener)
{
    memset(listener, 0, sizeof *listener);
    pthread_mutex_init(&listener->lock, NULL);
    pthread_cond_init(&listener->changed, NULL);
}

static void subscribe(grantex_client *client, struct listener *listener)
{
    grantex_stream_options options = {.on_notice = on_notice, .notice_user = listener};
    assert_int_equal(grantex_events_subscribe(client, &options, on_event, listener, &listener->subscription, NULL),
                     GRANTEX_OK);
}

static void a_handler_gets_each_event_until_unsubscribe(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1) EVENT(2), .ending = CUT},
                               {.events = EVENT(2) EVENT(3), .ending = HOLD}};
    scripted_server *server = SCRIPT(acts, false);
    grantex_client *client = open_client(server);
    struct listener listener;
    init(&listener);
    subscribe(client, &listener);
    grantex_client_close(client);
    wait_for(&listener, &listener.events, 3);
    grantex_unsubscribe(listener.subscription);
    assert_int_equal(listener.events, 3); /* no lock: no thread is left */
    assert_string_equal(listener.last, "evt_3");
    scripted_server_wait_for_close(server);
    scripted_server_stop(server);
}

static void unsubscribe_inside_the_handler_is_the_last_call(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1) EVENT(2) EVENT(3), .ending = HOLD}};
    scripted_server *server = SCRIPT(acts, false);
    grantex_client *client = open_client(server);
    struct listener listener;
    init(&listener);
    listener.stop_after = 2;
    subscribe(client, &listener);
    wait_for(&listener, &listener.events, 2);
    scripted_server_wait_for_close(server); /* the connection is closed, so the thread has left its loop */
    pthread_mutex_lock(&listener.lock);
    assert_int_equal(listener.events, 2);
    assert_false(listener.after_stop);
    pthread_mutex_unlock(&listener.lock);
    grantex_client_close(client);
    scripted_server_stop(server);
}

static void unsubscribe_inside_a_notice_holds_back_the_event_behind_it(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1) EVENT(5), .ending = HOLD}};
    scripted_server *server = SCRIPT(acts, false);
    grantex_client *client = open_client(server);
    struct listener listener;
    init(&listener);
    grantex_stream_options options = {.on_notice = on_gap, .notice_user = &listener};
    assert_int_equal(grantex_events_subscribe(client, &options, on_event, &listener, &listener.subscription, NULL),
                     GRANTEX_OK);
    wait_for(&listener, &listener.ends, 1);
    scripted_server_wait_for_close(server);
    pthread_mutex_lock(&listener.lock);
    assert_int_equal(listener.events, 1);
    pthread_mutex_unlock(&listener.lock);
    grantex_client_close(client);
    scripted_server_stop(server);
}

static void unsubscribe_waits_for_the_handler_that_runs(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1) EVENT(2) EVENT(3), .ending = HOLD}};
    scripted_server *server = SCRIPT(acts, false);
    grantex_client *client = open_client(server);
    struct listener listener;
    init(&listener);
    listener.slow = true;
    subscribe(client, &listener);
    wait_for(&listener, &listener.events, 1);
    grantex_unsubscribe(listener.subscription);
    assert_false(listener.inside);
    assert_in_range(listener.events, 1, 3); /* more than one where this thread came late to it */
    grantex_client_close(client);
    scripted_server_stop(server);
}

static void a_subscription_that_ends_by_itself_says_why(void **state)
{
    (void)state;
    static const act acts[] = {{.raw = ANSWER("401 No", "", "")}};
    scripted_server *server = SCRIPT(acts, false);
    grantex_client *client = open_client(server);
    struct listener listener;
    init(&listener);
    subscribe(client, &listener);
    wait_for(&listener, &listener.ends, 1);
    grantex_unsubscribe(listener.subscription);
    assert_int_equal(listener.end, GRANTEX_E_AUTH);
    assert_int_equal(listener.events, 0);
    grantex_client_close(client);
    scripted_server_stop(server);
}

static void unsubscribe_at_once_is_clean(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1), .ending = HOLD}};
    scripted_server *server = SCRIPT(acts, true);
    grantex_client *client = open_client(server);
    for (int i = 0; i < 20; i++) {
        struct listener listener;
        init(&listener);
        subscribe(client, &listener);
        grantex_unsubscribe(listener.subscription);
        assert_in_range(listener.events, 0, 1);
    }
    grantex_unsubscribe(NULL);
    grantex_client_close(client);
    scripted_server_stop(server);
}

static void wrong_options_start_no_thread(void **state)
{
    (void)state;
    static const act acts[] = {{.raw = ""}};
    scripted_server *server = SCRIPT(acts, false);
    grantex_client *client = open_client(server);
    grantex_subscription *subscription = NULL;
    grantex_stream_options options = {.since = ""};
    assert_int_equal(grantex_events_subscribe(client, &options, on_event, NULL, &subscription, NULL),
                     GRANTEX_E_INVALID);
    assert_int_equal(grantex_events_subscribe(client, NULL, NULL, NULL, &subscription, NULL), GRANTEX_E_INVALID);
    assert_null(subscription);
    grantex_client_close(client);
    scripted_server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handler_gets_each_event_until_unsubscribe),
        cmocka_unit_test(unsubscribe_inside_the_handler_is_the_last_call),
        cmocka_unit_test(unsubscribe_inside_a_notice_holds_back_the_event_behind_it),
        cmocka_unit_test(unsubscribe_waits_for_the_handler_that_runs),
        cmocka_unit_test(a_subscription_that_ends_by_itself_says_why),
        cmocka_unit_test(unsubscribe_at_once_is_clean),
        cmocka_unit_test(wrong_options_start_no_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
