/* Cancel and close in every state, from other threads, from signal handlers, and what a child of fork may do. */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/fixture.h"

/* Runs until nothing comes for a moment, so that the stream stands in the state that the script leads to. */
static void settle(grantex_stream *stream, const notebook *book, grantex_notice_kind kind)
{
    const grantex_event *event;
    for (int i = 0; i < 200 && book->count[kind] == 0; i++)
        assert_true(grantex_stream_next(stream, &event, 25, NULL) >= 0);
    assert_true(book->count[kind] > 0);
}

/* --- the states --------------------------------------------------------------------------------------------------- */

static const struct place {
    const char *name;
    act first;
    grantex_notice_kind reached_by; /* 0: by one call of next */
} places[] = {
    {"before the first call", {.raw = "", .ending = HOLD}, 0},
    {"connecting", {.raw = "", .ending = HOLD}, 0},
    {"in the head", {.raw = "HTTP/1.1 200 OK\r\nContent-Ty", .ending = HOLD}, 0},
    {"idle", {.events = OPENING, .ending = HOLD}, GRANTEX_NOTICE_OPEN},
    {"in a refusal", {.raw = "HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\n{", .ending = HOLD}, 0},
    {"backing off", {.events = "retry: 60000\n\n", .ending = CUT}, GRANTEX_NOTICE_RETRYING},
};

typedef struct session {
    scripted_server *server;
    grantex_client *client;
    grantex_stream *stream;
    notebook book;
} session;

static void enter(session *s, size_t i)
{
    memset(s, 0, sizeof *s);
    print_message("  %s\n", places[i].name);
    s->server = scripted_server_start(&places[i].first, 1, true);
    s->client = open_client(s->server);
    s->stream = open_stream(
        s->client, (grantex_stream_options){.max_backoff_ms = 60000, .on_notice = note, .notice_user = &s->book});
    if (i == 0)
        return;
    const grantex_event *event;
    if (places[i].reached_by)
        settle(s->stream, &s->book, places[i].reached_by);
    else
        while (scripted_server_count(s->server) == 0)
            assert_int_equal(grantex_stream_next(s->stream, &event, 5, NULL), GRANTEX_TIMEOUT);
}

static void leave(session *s)
{
    grantex_stream_close(s->stream);
    grantex_client_close(s->client);
    scripted_server_stop(s->server);
}

#define PLACES (sizeof places / sizeof places[0])

/* --- cancel ------------------------------------------------------------------------------------------------------- */

struct canceller {
    grantex_stream *stream;
    pthread_barrier_t *both;
};

static void *cancel_soon(void *context)
{
    struct canceller *canceller = context;
    pthread_barrier_wait(canceller->both);
    struct timespec moment = {.tv_nsec =
                                  5000000}; /* the other thread should be asleep by now; right or not, it holds */
    nanosleep(&moment, NULL);
    grantex_stream_cancel(canceller->stream);
    return NULL;
}

static void cancel_from_another_thread_ends_the_wait_in_every_state(void **state)
{
    (void)state;
    for (size_t i = 0; i < PLACES; i++) {
        session s;
        pthread_t thread;
        pthread_barrier_t both;
        enter(&s, i);
        pthread_barrier_init(&both, NULL, 2);
        struct canceller canceller = {s.stream, &both};
        assert_int_equal(pthread_create(&thread, NULL, cancel_soon, &canceller), 0);
        pthread_barrier_wait(&both);
        expect_status(s.stream, GRANTEX_E_CANCELLED); /* nothing else would end it: silence, or a rest of a minute */
        pthread_join(thread, NULL);
        expect_status(s.stream, GRANTEX_E_CANCELLED);
        assert_int_equal(s.book.count[GRANTEX_NOTICE_END], 0);
        pthread_barrier_destroy(&both);
        leave(&s);
    }
}

static grantex_stream *to_cancel; /* a signal handler has nothing else */

static void on_signal(int signal_number)
{
    (void)signal_number;
    grantex_stream_cancel(to_cancel);
}

static void cancel_from_a_signal_handler_ends_the_wait(void **state)
{
    (void)state;
    session s;
    enter(&s, 3);
    to_cancel = s.stream;
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART}, before;
    sigaction(SIGALRM, &action, &before);
    timer_t timer;
    struct itimerspec soon = {.it_value = {.tv_nsec = 5000000}};
    assert_int_equal(timer_create(CLOCK_MONOTONIC, NULL, &timer), 0);
    timer_settime(timer, 0, &soon, NULL);
    expect_status(s.stream, GRANTEX_E_CANCELLED);
    timer_delete(timer);
    sigaction(SIGALRM, &before, NULL);
    leave(&s);
}

static void cancel_makes_the_descriptor_readable(void **state)
{
    (void)state;
    session s;
    enter(&s, 3);
    grantex_stream_cancel(s.stream);
    struct pollfd ready = {.fd = grantex_stream_fd(s.stream), .events = POLLIN};
    assert_int_equal(poll(&ready, 1, 5000), 1);
    const grantex_event *event;
    assert_int_equal(grantex_stream_next(s.stream, &event, 0, NULL), GRANTEX_E_CANCELLED);
    leave(&s);
}

/* --- close -------------------------------------------------------------------------------------------------------- */

static void the_server_sees_a_close_in_every_state(void **state)
{
    (void)state;
    for (size_t i = 0; i < PLACES; i++) {
        session s;
        enter(&s, i);
        grantex_stream_close(s.stream);
        s.stream = NULL;
        scripted_server_wait_for_close(s.server);
        leave(&s);
    }
}

static void close_with_events_that_nobody_took_is_clean(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1) EVENT(2) EVENT(3), .ending = HOLD}};
    scripted_server *server = SCRIPT(acts, false);
    grantex_client *client = open_client(server);
    grantex_stream *stream = open_stream(client, (grantex_stream_options){0});
    expect_event(stream, "evt_1");
    grantex_client_close(client); /* the stream keeps what it needs */
    expect_event(stream, "evt_2");
    grantex_stream_close(stream);
    grantex_stream_close(NULL);
    scripted_server_stop(server);
}

/* How often this thread has gone to sleep, by the kernel's own account. */
static long count_sleeps(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_THREAD, &usage), 0);
    return usage.ru_nvcsw;
}

static void a_timeout_of_zero_does_not_wait(void **state)
{
    (void)state;
    session s;
    enter(&s, 3);
    const grantex_event *event;
    long before = count_sleeps();
    for (int i = 0; i < 100; i++)
        assert_int_equal(grantex_stream_next(s.stream, &event, 0, NULL), GRANTEX_TIMEOUT);
    assert_true(count_sleeps() - before < 100);
    before = count_sleeps();
    assert_int_equal(grantex_stream_next(s.stream, &event, 30, NULL), GRANTEX_TIMEOUT);
    assert_true(count_sleeps() > before);
    leave(&s);
}

/* --- fork --------------------------------------------------------------------------------------------------------- */

/* How many descriptors the stream waits for, by the kernel's own account. */
static int count_watched(const grantex_stream *stream)
{
    char path[64], line[256];
    int count = 0;
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", grantex_stream_fd(stream));
    FILE *info = fopen(path, "r");
    assert_non_null(info);
    while (fgets(line, sizeof line, info))
        count += strncmp(line, "tfd:", 4) == 0;
    fclose(info);
    return count;
}

static int use_in_child(session *s)
{
    const grantex_event *event;
    grantex_grant *grant;
    grantex_stream *another;
    bool refused = grantex_stream_next(s->stream, &event, 0, NULL) == GRANTEX_E_FORKED &&
                   grantex_events_stream(s->client, NULL, &another, NULL) == GRANTEX_E_FORKED &&
                   grantex_grants_get(s->client, "grnt_1", &grant, NULL) == GRANTEX_E_FORKED;
    grantex_stream_close(s->stream);
    grantex_client_close(s->client);
    return refused ? 0 : 1;
}

static void a_child_is_refused_and_does_not_disturb_its_parent(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1) EVENT(2), .drip = true, .ending = HOLD}};
    session s = {.server = SCRIPT(acts, false)};
    s.client = open_client(s.server);
    s.stream = open_stream(s.client, (grantex_stream_options){0});
    for (size_t i = 0; i < strlen(EVENT(1)); i++)
        scripted_server_tick(s.server);
    expect_event(s.stream, "evt_1");

    int watched = count_watched(s.stream);
    assert_int_equal(watched, 3); /* timer, wake-up, socket */
    pid_t child = fork();
    if (child == 0)
        _exit(use_in_child(&s));
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(count_watched(s.stream), watched);

    for (size_t i = 0; i < strlen(EVENT(2)); i++)
        scripted_server_tick(s.server);
    expect_event(s.stream, "evt_2");
    assert_int_equal(scripted_server_count(s.server), 1);
    leave(&s);
}

static bool is_connection(int fd)
{
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;
    return getpeername(fd, (struct sockaddr *)&peer, &length) == 0 && peer.ss_family == AF_INET;
}

static void no_connection_survives_exec(void **state)
{
    (void)state;
    session s;
    int connections = 0;
    enter(&s, 3);
    for (int fd = STDERR_FILENO + 1; fd < 256; fd++)
        if (is_connection(fd)) {
            assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
            connections++;
        }
    assert_int_equal(connections, 2); /* ours, and the server's end of it */
    leave(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cancel_from_another_thread_ends_the_wait_in_every_state),
        cmocka_unit_test(cancel_from_a_signal_handler_ends_the_wait),
        cmocka_unit_test(cancel_makes_the_descriptor_readable),
        cmocka_unit_test(the_server_sees_a_close_in_every_state),
        cmocka_unit_test(close_with_events_that_nobody_took_is_clean),
        cmocka_unit_test(a_timeout_of_zero_does_not_wait),
        cmocka_unit_test(no_connection_survives_exec),
        cmocka_unit_test(a_child_is_refused_and_does_not_disturb_its_parent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
