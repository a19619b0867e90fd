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
#include "lib/tls_front.h"

/* Runs until nothing comes for a moment, so that the stream stands in the state that the script leads to. */
static void settle(grantex_stream *stream, const notebook *book, grantex_notice_kind kind)
{
    const grantex_event *event;
    for (int i = 0; i < PATIENCE_MS / 25 && book->count[kind] == 0; i++)
        assert_true(grantex_stream_next(stream, &event, 25, NULL) >= 0);
    assert_true(book->count[kind] > 0);
}

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

#define WATCHED_WHEN_CONNECTED 3 /* timer, wake-up, socket */

/* --- the states --------------------------------------------------------------------------------------------------- */

static const struct place {
    const char *name;
    act first;
    grantex_notice_kind reached_by; /* 0: by calls of next */
    enum { PLAIN, TLS, TLS_UNANSWERED } security;
} places[] = {
    {"before the first call", {.raw = "", .ending = HOLD}, 0, PLAIN},
    {"connecting", {.raw = "", .ending = HOLD}, 0, PLAIN},
    {"in the head", {.raw = "HTTP/1.1 200 OK\r\nContent-Ty", .ending = HOLD}, 0, PLAIN},
    {"idle", {.events = OPENING, .ending = HOLD}, GRANTEX_NOTICE_OPEN, PLAIN},
    {"in a refusal", {.raw = "HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\n{", .ending = HOLD}, 0, PLAIN},
    {"backing off", {.events = "retry: 60000\n\n", .ending = CUT}, GRANTEX_NOTICE_RETRYING, PLAIN},
    {"in the TLS handshake", {.raw = "", .ending = HOLD}, 0, TLS_UNANSWERED},
    {"in the head, over TLS", {.raw = "HTTP/1.1 200 OK\r\nContent-Ty", .ending = HOLD}, 0, TLS},
    {"idle, over TLS", {.events = OPENING, .ending = HOLD}, GRANTEX_NOTICE_OPEN, TLS},
    {"backing off, over TLS", {.events = "retry: 60000\n\n", .ending = CUT}, GRANTEX_NOTICE_RETRYING, TLS},
};

enum { BEFORE_THE_FIRST_CALL, IDLE = 3 };

typedef struct session {
    scripted_server *server;
    tls_front *front; /* NULL: none */
    grantex_client *client;
    grantex_stream *stream;
    notebook book;
} session;

static grantex_client *open_secure_client(session *s, const struct place *place)
{
    char url[64];
    grantex_client *client = NULL;
    grantex_client_options options = {.api_key = KEY, .base_url = url};
    if (place->security == TLS) {
        s->front = tls_front_start(s->server);
        options.ca_file = tls_front_ca_file(s->front);
    }
    snprintf(url, sizeof url, "%s", s->front ? tls_front_url(s->front) : scripted_server_url(s->server));
    if (!s->front) /* TLS to a server that has none: it waits for a request, and never sees one */
        snprintf(url, sizeof url, "https%s", scripted_server_url(s->server) + strlen("http"));
    assert_int_equal(grantex_client_open(&options, &client, NULL), GRANTEX_OK);
    return client;
}

/* The server has the request; where there will be none, the socket has been there long enough to be waited for. */
static bool has_arrived(const session *s, const struct place *place)
{
    if (place->security == TLS_UNANSWERED)
        return count_watched(s->stream) == WATCHED_WHEN_CONNECTED;
    return scripted_server_count(s->server) > 0;
}

static void enter(session *s, size_t i)
{
    const struct place *place = &places[i];
    memset(s, 0, sizeof *s);
    print_message("  %s\n", place->name);
    s->server = scripted_server_start(&place->first, 1, true);
    s->client = place->security == PLAIN ? open_client(s->server) : open_secure_client(s, place);
    s->stream = open_stream(
        s->client, (grantex_stream_options){.max_backoff_ms = 60000, .on_notice = note, .notice_user = &s->book});
    if (i == BEFORE_THE_FIRST_CALL)
        return;
    const grantex_event *event;
    if (place->reached_by)
        settle(s->stream, &s->book, place->reached_by);
    else
        while (!has_arrived(s, place))
            assert_int_equal(grantex_stream_next(s->stream, &event, 5, NULL), GRANTEX_TIMEOUT);
}

static void leave(session *s)
{
    grantex_stream_close(s->stream);
    grantex_client_close(s->client);
    if (s->front)
        tls_front_stop(s->front);
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

static void cancel_from_a_signal_handler_ends_the_wait_in_every_state(void **state)
{
    (void)state;
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART}, before;
    sigaction(SIGALRM, &action, &before);
    for (size_t i = 0; i < PLACES; i++) {
        session s;
        timer_t timer;
        struct itimerspec soon = {.it_value = {.tv_nsec = 5000000}};
        enter(&s, i);
        to_cancel = s.stream;
        assert_int_equal(timer_create(CLOCK_MONOTONIC, NULL, &timer), 0);
        timer_settime(timer, 0, &soon, NULL);
        expect_status(s.stream, GRANTEX_E_CANCELLED);
        timer_delete(timer);
        leave(&s);
    }
    sigaction(SIGALRM, &before, NULL);
}

/* The callback of the notice that leads to each state cancels the stream; the event behind it is not handed out. */
struct canceller_inside {
    grantex_stream *stream;
    grantex_notice_kind when;
    size_t calls;
};

static void cancel_inside(const grantex_notice *notice, void *user)
{
    struct canceller_inside *inside = user;
    inside->calls++;
    if (notice->kind == inside->when)
        grantex_stream_cancel(inside->stream);
}

static void cancel_inside_the_callback_is_the_last_call(void **state)
{
    (void)state;
    static const struct {
        act first;
        grantex_notice_kind when;
        size_t calls;
        const char *first_event; /* that is handed out before; NULL: none */
    } cases[] = {
        {{.events = OPENING EVENT(1), .ending = HOLD}, GRANTEX_NOTICE_OPEN, 1, NULL},
        {{.events = "retry: 60000\n\n", .ending = CUT}, GRANTEX_NOTICE_RETRYING, 2, NULL},
        {{.events = "event: stream.closing\ndata:{\"reconnectAfterMs\":60000}\n\n", .ending = HOLD},
         GRANTEX_NOTICE_CLOSING,
         2,
         NULL},
        {{.events = "event: stream.gap\ndata:{\"missed\":3}\n\n" EVENT(1), .ending = HOLD},
         GRANTEX_NOTICE_GAP,
         2,
         NULL},
        {{.events = "data: none\n\n" EVENT(1), .ending = HOLD}, GRANTEX_NOTICE_DROPPED, 2, NULL},
        {{.events = EVENT(1) EVENT(3), .ending = HOLD}, GRANTEX_NOTICE_GAP, 2, "evt_1"}, /* a hole in the numbers */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct canceller_inside inside = {.when = cases[i].when};
        scripted_server *server = scripted_server_start(&cases[i].first, 1, true);
        grantex_client *client = open_client(server);
        inside.stream = open_stream(
            client,
            (grantex_stream_options){.max_backoff_ms = 60000, .on_notice = cancel_inside, .notice_user = &inside});
        if (cases[i].first_event)
            expect_event(inside.stream, cases[i].first_event);
        expect_status(inside.stream, GRANTEX_E_CANCELLED);
        expect_status(inside.stream, GRANTEX_E_CANCELLED);
        if (cases[i].first_event) /* the one behind the hole has not been seen: it comes again to who goes on */
            assert_string_equal(grantex_stream_cursor(inside.stream).text, cases[i].first_event);
        assert_int_equal(inside.calls, cases[i].calls);
        grantex_stream_close(inside.stream);
        grantex_client_close(client);
        scripted_server_stop(server);
    }
}

static void cancel_makes_the_descriptor_readable(void **state)
{
    (void)state;
    session s;
    enter(&s, IDLE);
    grantex_stream_cancel(s.stream);
    struct pollfd ready = {.fd = grantex_stream_fd(s.stream), .events = POLLIN};
    assert_int_equal(poll(&ready, 1, PATIENCE_MS), 1);
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
    enter(&s, IDLE);
    const grantex_event *event;
    long before = count_sleeps();
    for (int i = 0; i < 100; i++)
        assert_int_equal(grantex_stream_next(s.stream, &event, 0, NULL), GRANTEX_TIMEOUT);
    assert_true(count_sleeps() - before < 100);
    before = count_sleeps();
    /* Once, where nothing keeps this thread up until it is late. */
    for (int i = 0; i < 100 && count_sleeps() == before; i++)
        assert_int_equal(grantex_stream_next(s.stream, &event, 30, NULL), GRANTEX_TIMEOUT);
    assert_true(count_sleeps() > before);
    leave(&s);
}

/* --- fork --------------------------------------------------------------------------------------------------------- */

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
    assert_int_equal(watched, WATCHED_WHEN_CONNECTED);
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
    enter(&s, IDLE);
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
        cmocka_unit_test(cancel_from_a_signal_handler_ends_the_wait_in_every_state),
        cmocka_unit_test(cancel_inside_the_callback_is_the_last_call),
        cmocka_unit_test(cancel_makes_the_descriptor_readable),
        cmocka_unit_test(the_server_sees_a_close_in_every_state),
        cmocka_unit_test(close_with_events_that_nobody_took_is_clean),
        cmocka_unit_test(a_timeout_of_zero_does_not_wait),
        cmocka_unit_test(no_connection_survives_exec),
        cmocka_unit_test(a_child_is_refused_and_does_not_disturb_its_parent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
