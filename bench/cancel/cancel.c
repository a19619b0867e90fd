/* How long a cancel takes: from grantex_stream_cancel to the return of grantex_stream_next on another thread, and on to
 * the end of grantex_stream_close. `bench-cancel HOW STATE ROUNDS [URL CA_FILE]` prints a JSON object, microseconds.
 *
 *   HOW     thread    another thread cancels
 *           signal    a signal handler does
 *           callback  the notice callback does
 *   STATE   wait      after the stream has nothing more to do: connecting, or in the TLS handshake
 *           open      after the server has answered
 *           retrying  while it waits for its next attempt
 *   floor   ROUNDS    alone: a bare eventfd and an epoll_wait on another thread */
#include <grantex/grantex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { MOST_ROUNDS = 10000, REST_MS = 3 /* in which the other thread goes to sleep */ };

static double now_us(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench-cancel: %s\n", what);
    exit(1);
}

static void print_numbers(const char *name, const double *numbers, int count, const char *behind)
{
    printf("\"%s\": [", name);
    for (int i = 0; i < count; i++)
        printf("%s%.1f", i > 0 ? ", " : "", numbers[i]);
    printf("]%s", behind);
}

/* --- cancelling --------------------------------------------------------------------------------------------------- */

static grantex_stream *stream;
static double cancelled_at;
static int bare_event;

static void cancel(void)
{
    cancelled_at = now_us();
    grantex_stream_cancel(stream);
}

static void on_signal(int number)
{
    (void)number;
    cancel();
}

static void write_bare(void)
{
    static const uint64_t one = 1;
    cancelled_at = now_us();
    must(write(bare_event, &one, sizeof one) == sizeof one, "write");
}

static void *rest_and_act(void *context)
{
    void (*const *act)(void) = context;
    nanosleep(&(struct timespec){.tv_nsec = REST_MS * 1000000}, NULL);
    (*act)();
    return NULL;
}

static pthread_t on_a_thread(void (**act)(void))
{
    pthread_t thread;
    must(pthread_create(&thread, NULL, rest_and_act, act) == 0, "thread");
    return thread;
}

/* --- the state ---------------------------------------------------------------------------------------------------- */

static bool inside;
static grantex_notice_kind awaited; /* 0: none */
static bool reached;

static void on_notice(const grantex_notice *notice, void *user)
{
    (void)user;
    reached |= notice->kind == awaited;
    if (inside && notice->kind == awaited)
        cancel();
}

/* Until the state is there; with the cancel inside the callback it ends there. */
static grantex_status reach(void)
{
    const grantex_event *event;
    grantex_status status = GRANTEX_TIMEOUT;
    reached = false;
    for (int quiet = 0; status >= 0 && !reached && (awaited || quiet < 3); quiet++)
        status = grantex_stream_next(stream, &event, awaited ? 100 : 2, NULL);
    return status;
}

static double timed_round(grantex_client *client, const char *how, double *closed_after)
{
    const grantex_event *event;
    static void (*cancel_it)(void) = cancel;
    grantex_stream_options options = {.on_notice = on_notice, .max_backoff_ms = 60000};
    must(grantex_events_stream(client, &options, &stream, NULL) == GRANTEX_OK, "stream");
    grantex_status status = reach();
    pthread_t thread = pthread_self();
    timer_t timer;
    if (strcmp(how, "thread") == 0)
        thread = on_a_thread(&cancel_it);
    if (strcmp(how, "signal") == 0) {
        must(timer_create(CLOCK_MONOTONIC, NULL, &timer) == 0, "timer");
        timer_settime(timer, 0, &(struct itimerspec){.it_value = {.tv_nsec = REST_MS * 1000000}}, NULL);
    }
    if (status >= 0)
        status = grantex_stream_next(stream, &event, 10000, NULL);
    double returned = now_us();
    must(status == GRANTEX_E_CANCELLED, grantex_status_name(status));
    grantex_stream_close(stream);
    *closed_after = now_us() - cancelled_at;
    if (strcmp(how, "thread") == 0)
        pthread_join(thread, NULL);
    if (strcmp(how, "signal") == 0)
        timer_delete(timer);
    return returned - cancelled_at;
}

static void run(const char *how, const char *state, int rounds, const char *url, const char *ca_file)
{
    static double returned[MOST_ROUNDS], closed[MOST_ROUNDS];
    grantex_client *client;
    grantex_client_options options = {.api_key = "k", .base_url = url, .ca_file = *ca_file ? ca_file : NULL};
    must(grantex_client_open(&options, &client, NULL) == GRANTEX_OK, "client");
    awaited = strcmp(state, "open") == 0 ? GRANTEX_NOTICE_OPEN : 0;
    awaited = strcmp(state, "retrying") == 0 ? GRANTEX_NOTICE_RETRYING : awaited;
    inside = strcmp(how, "callback") == 0;
    signal(SIGALRM, on_signal);
    for (int i = 0; i < rounds; i++)
        returned[i] = timed_round(client, how, &closed[i]);
    grantex_client_close(client);
    printf("{");
    print_numbers("returned", returned, rounds, ", ");
    print_numbers("closed", closed, rounds, "}\n");
}

/* --- the floor ---------------------------------------------------------------------------------------------------- */

static void run_floor(int rounds)
{
    static double woken[MOST_ROUNDS];
    static void (*write_it)(void) = write_bare;
    for (int i = 0; i < rounds; i++) {
        struct epoll_event event = {.events = EPOLLIN};
        int epoll = epoll_create1(0);
        bare_event = eventfd(0, 0);
        must(epoll_ctl(epoll, EPOLL_CTL_ADD, bare_event, &event) == 0, "epoll");
        pthread_t thread = on_a_thread(&write_it);
        must(epoll_wait(epoll, &event, 1, -1) == 1, "epoll_wait");
        woken[i] = now_us() - cancelled_at;
        pthread_join(thread, NULL);
        close(bare_event);
        close(epoll);
    }
    printf("{");
    print_numbers("returned", woken, rounds, "}\n");
}

int main(int argc, char **argv)
{
    int rounds = argc > 2 ? atoi(argv[argc > 3 ? 3 : 2]) : 0;
    must(rounds > 0 && rounds <= MOST_ROUNDS && (argc == 3 || argc == 6),
         "HOW STATE ROUNDS URL CA_FILE, or floor ROUNDS");
    if (argc == 3)
        run_floor(rounds);
    else
        run(argv[1], argv[2], rounds, argv[4], argv[5]);
    return 0;
}
