/* When a stream comes back, with what, and how it is ended. */
#include "lib/sse_http.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "lib/backoff.h"
#include "lib/recent.h"
#include "support/failing_alloc.h"

#define MARK       "\xef\xbb\xbf"
#define JSON(n)    "data: " EVENT_JSON(n) "\n\n"
#define LAST(id)   "\r\nLast-Event-ID: " id "\r\n"
#define NO_LAST_ID NULL

/* --- the last event id -------------------------------------------------------------------------------------------- */

/* What the server does in turn, the events that come of it (the id of the JSON), and the id that the last request has.
 */
typedef struct resumption {
    act acts[4];
    size_t count;
    const char *events[6]; /* ends with NULL */
    const char *last_id;   /* the header line; NULL: none is there */
} resumption;

static void it_goes_on_after_the_last_id(void **state)
{
    const resumption *row = *state;
    trial one;
    trial_open(&one, row->acts, row->count, (grantex_stream_options){0});
    for (size_t i = 0; row->events[i]; i++)
        expect_event(one.stream, row->events[i]);
    trial_await(&one, GRANTEX_NOTICE_OPEN, row->count);
    const char *request = scripted_server_request(one.server, row->count - 1);
    if (row->last_id)
        assert_contains(request, row->last_id);
    else
        assert_lacks(request, "Last-Event-ID");
    trial_close(&one);
}

#define QUIET                                                                                                          \
    {                                                                                                                  \
        .events = ": quiet\n\n", .ending = HOLD                                                                        \
    }

static const resumption
    clean_eof = {{{.events = EVENT(1)}, {.events = EVENT(2), .ending = HOLD}}, 2, {"evt_1", "evt_2"}, LAST("evt_1")},
    last_id = {{{.events = "id: abc\n" JSON(1), .ending = CUT}, QUIET}, 2, {"evt_1"}, LAST("abc")},
    older = {{{.events = "id: abc\n" JSON(1) JSON(2), .ending = CUT}, QUIET}, 2, {"evt_1", "evt_2"}, LAST("abc")},
    reset = {{{.events = "id: abc\n" JSON(1) "id:\n" JSON(2), .ending = CUT}, QUIET},
             2,
             {"evt_1", "evt_2"},
             NO_LAST_ID},
    each_time = {{{.events = "id: 1\n" JSON(1), .ending = CUT}, {.events = "id: 2\n" JSON(2), .ending = CUT}, QUIET},
                 3,
                 {"evt_1", "evt_2"},
                 LAST("2")},
    utf8 = {{{.events = "id: \u2026\u00e9\n" JSON(1), .ending = CUT}, QUIET},
            2,
            {"evt_1"},
            LAST("\xe2\x80\xa6\xc3\xa9")},
    nothing_in_2nd = {{{.events = "id: 5\n" JSON(1), .ending = CUT}, {.events = ":\n\n", .ending = CUT}, QUIET},
                      3,
                      {"evt_1"},
                      LAST("5")},
    kept = {{{.events = "id: abc\n" JSON(1), .ending = CUT}, {.events = JSON(2), .ending = CUT}, QUIET},
            3,
            {"evt_1", "evt_2"},
            LAST("abc")},
    partial = {{{.events = "id: abc\n" JSON(1) "id: def\ndata: " EVENT_JSON(2) "\n", .ending = CUT},
                {.events = JSON(3), .ending = HOLD}},
               2,
               {"evt_1", "evt_3"},
               LAST("abc")},
    parser_state = {{{.events = "data: " EVENT_JSON(1) "\r", .ending = CUT}, {.events = "\n" JSON(2), .ending = HOLD}},
                    2,
                    {"evt_2"},
                    NO_LAST_ID},
    mark_again = {{{.events = MARK JSON(1), .ending = CUT}, {.events = MARK JSON(2), .ending = HOLD}},
                  2,
                  {"evt_1", "evt_2"},
                  NO_LAST_ID},
    overlap = {{{.events = EVENT(1) EVENT(2) EVENT(3), .ending = CUT},
                {.events = EVENT(2) EVENT(3) EVENT(4) EVENT(5), .ending = HOLD}},
               2,
               {"evt_1", "evt_2", "evt_3", "evt_4", "evt_5"},
               LAST("evt_3")};

static void since_is_left_out_once_an_id_is_known(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(7), .ending = CUT}, QUIET};
    trial one;
    TRIAL(&one, acts, .since = "2026-01-01T00:00:00Z");
    expect_event(one.stream, "evt_7");
    trial_await(&one, GRANTEX_NOTICE_OPEN, 2);
    assert_contains(scripted_server_request(one.server, 1), LAST("evt_7"));
    assert_lacks(scripted_server_request(one.server, 1), "since=");
    trial_close(&one);
}

static void a_first_event_far_ahead_is_a_gap(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1), .ending = CUT}, {.events = EVENT(9), .ending = HOLD}};
    trial one;
    TRIAL(&one, acts, 0);
    expect_event(one.stream, "evt_1");
    expect_event(one.stream, "evt_9");
    assert_int_equal(one.book.count[GRANTEX_NOTICE_GAP], 1);
    assert_int_equal(one.book.last[GRANTEX_NOTICE_GAP].missed, 7);
    trial_close(&one);
}

static void a_million_ids_need_the_memory_of_the_window(void **state)
{
    (void)state;
    char id[32];
    gx_recent *recent = gx_recent_new(4096);
    long before = gx_allocation_count();
    for (int n = 0; n < 1000000; n++) {
        int length = snprintf(id, sizeof id, "evt_%026d", n);
        assert_true(gx_recent_add(recent, (gx_span){id, (size_t)length}));
    }
    assert_int_equal(gx_allocation_count(), before);
    gx_free(recent);
}

/* --- delays ------------------------------------------------------------------------------------------------------- */

/* A client of a port that refuses connections, until a server is started on it. */
static void open_refused(trial *one, char *url, int *fd, int max_backoff_ms)
{
    *one = (trial){0};
    setenv("no_proxy", "*", 1);
    *fd = scripted_server_reserve(url, 64);
    assert_int_equal(
        grantex_client_open(&(grantex_client_options){.api_key = KEY, .base_url = url}, &one->client, NULL),
        GRANTEX_OK);
    one->stream = open_stream(
        one->client,
        (grantex_stream_options){.on_notice = note, .notice_user = &one->book, .max_backoff_ms = max_backoff_ms});
}

static void who_is_refused_comes_again(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1), .ending = HOLD}};
    char url[64];
    int fd;
    trial one;
    open_refused(&one, url, &fd, 0);
    trial_await(&one, GRANTEX_NOTICE_RETRYING, 2);
    assert_int_equal(one.book.last[GRANTEX_NOTICE_RETRYING].attempt, one.book.count[GRANTEX_NOTICE_RETRYING]);
    one.server = scripted_server_start_on(fd, url, acts, 1, false);
    expect_event(one.stream, "evt_1");
    trial_close(&one);
}

static void a_name_that_is_not_known_is_asked_for_again(void **state)
{
    (void)state;
    trial one;
    static const act acts[] = {{0}};
    trial_open_client(&one, acts, 1,
                      (grantex_client_options){.base_url = "http://no-such-host.invalid", .connect_timeout_ms = 2000},
                      (grantex_stream_options){0});
    trial_await(&one, GRANTEX_NOTICE_RETRYING, 1);
    assert_int_equal(one.book.error[GRANTEX_NOTICE_RETRYING].status, GRANTEX_E_NETWORK);
    trial_close(&one);
}

/* The longest of many waits by chance is near its cap: that it is under half of it has a chance of 2^-300. */
static void waits_grow_to_their_cap(void **state)
{
    (void)state;
    for (int failures = 0; failures < 8; failures++) {
        int64_t cap = 500 << failures < 4000 ? 500 << failures : 4000, longest = 0;
        for (int i = 0; i < 300; i++) {
            int64_t wait = gx_backoff_ms(failures, 100, 500, 4000);
            assert_in_range(wait, 100, 100 + cap);
            longest = wait > longest ? wait : longest;
        }
        assert_true(longest > 100 + cap / 2);
    }
    char url[64];
    int fd;
    trial one;
    open_refused(&one, url, &fd, 1);
    const size_t *refusals = &one.book.count[GRANTEX_NOTICE_RETRYING];
    while (*refusals < 6) { /* one more each time, or two where a wait was over before this thread went on */
        trial_await(&one, GRANTEX_NOTICE_RETRYING, *refusals + 1);
        assert_int_equal(one.book.last[GRANTEX_NOTICE_RETRYING].attempt, *refusals);
        assert_in_range(one.book.last[GRANTEX_NOTICE_RETRYING].delay_ms, 100, 101);
    }
    close(fd);
    grantex_stream_close(one.stream);
    grantex_client_close(one.client);
}

/* Health is an event that came (or 30 s): then counting begins anew. */
static void waits_are_short_again_after_health(void **state)
{
    (void)state;
    static const act acts[] = {{.raw = ""}, {.raw = ""}, {.raw = ""}, {.events = EVENT(1), .ending = CUT}, QUIET};
    trial one;
    TRIAL(&one, acts, 0);
    trial_await(&one, GRANTEX_NOTICE_RETRYING, 3);
    assert_int_equal(one.book.last[GRANTEX_NOTICE_RETRYING].attempt, 3);
    expect_event(one.stream, "evt_1");
    trial_await(&one, GRANTEX_NOTICE_RETRYING, 4);
    assert_int_equal(one.book.last[GRANTEX_NOTICE_RETRYING].attempt, 1);
    trial_close(&one);
}

static void who_is_taken_and_dropped_at_once_waits_longer_each_time(void **state)
{
    (void)state;
    static const act acts[] = {{.events = ""}, {.events = ""}, {.events = ""}, {.events = ""}};
    trial one;
    TRIAL(&one, acts, 0);
    for (size_t n = 1; n <= 3; n++) {
        trial_await(&one, GRANTEX_NOTICE_RETRYING, n);
        assert_int_equal(one.book.last[GRANTEX_NOTICE_RETRYING].attempt, n);
        assert_true(one.book.last[GRANTEX_NOTICE_RETRYING].delay_ms >= 100);
    }
    assert_int_equal(one.book.count[GRANTEX_NOTICE_OPEN], 3);
    trial_close(&one);
}

static void the_retry_field_is_the_least_wait(void **state)
{
    (void)state;
    static const act acts[] = {{.events = "retry: 200\n\n", .ending = CUT}};
    trial one;
    TRIAL(&one, acts, .max_backoff_ms = 300);
    trial_await(&one, GRANTEX_NOTICE_RETRYING, 1);
    assert_in_range(one.book.last[GRANTEX_NOTICE_RETRYING].delay_ms, 200, 500);
    trial_close(&one);
}

/* --- silence ------------------------------------------------------------------------------------------------------ */

static void silence_beyond_the_limit_is_a_fault(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1), .ending = HOLD}, {.events = EVENT(2), .ending = HOLD}};
    trial one;
    TRIAL(&one, acts, .idle_timeout_ms = 100);
    expect_event(one.stream, "evt_1");
    expect_event(one.stream, "evt_2");
    assert_contains(one.book.error[GRANTEX_NOTICE_RETRYING].message, "Nothing came for 100 ms");
    trial_close(&one);
}

static void heartbeats_keep_it_open(void **state)
{
    (void)state;
    static const act acts[] = {{.events = "::::::::\n", .ending = HOLD, .drip = true}};
    enum { LIMIT_MS = 1000 };
    for (bool held = false; !held;) {
        trial one;
        TRIAL(&one, acts, .idle_timeout_ms = LIMIT_MS);
        int64_t silence = drip(one.server, one.stream, 8, 200); /* 1,600 ms */
        held = one.book.count[GRANTEX_NOTICE_RETRYING] == 0 && scripted_server_count(one.server) == 1;
        trial_close(&one);
        assert_true(held || silence >= LIMIT_MS); /* that late a byte says nothing: once more */
    }
}

static void a_caller_may_have_it_come_anew(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1) EVENT(2), .ending = HOLD},
                               {.events = EVENT(2) EVENT(3), .ending = HOLD}};
    trial one;
    TRIAL(&one, acts, 0);
    expect_event(one.stream, "evt_1");
    grantex_stream_restart(one.stream); /* evt_2 may have been read, and comes again */
    expect_event(one.stream, "evt_2");
    expect_event(one.stream, "evt_3");
    assert_contains(scripted_server_request(one.server, 1), LAST("evt_1"));
    assert_int_equal(one.book.count[GRANTEX_NOTICE_RETRYING], 0);
    trial_close(&one);
}

/* --- closing ------------------------------------------------------------------------------------------------------ */

static void close_while_waiting_sends_no_more(void **state)
{
    (void)state;
    static const act acts[] = {{.events = "retry: 60000\n\n", .ending = CUT}};
    trial one;
    TRIAL(&one, acts, .max_backoff_ms = 60000);
    trial_await(&one, GRANTEX_NOTICE_RETRYING, 1);
    grantex_stream_close(one.stream);
    one.stream = NULL;
    assert_int_equal(scripted_server_count(one.server), 1);
    trial_close(&one);
}

typedef struct handler_state {
    grantex_subscription *subscription;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t calls;
} handler_state;

static void count_and_leave(const grantex_event *event, void *user)
{
    (void)event;
    handler_state *state = user;
    grantex_unsubscribe(state->subscription);
    pthread_mutex_lock(&state->lock);
    state->calls++;
    pthread_cond_signal(&state->changed);
    pthread_mutex_unlock(&state->lock);
}

static void unsubscribe_inside_the_handler_is_the_last_call(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1) EVENT(2), .ending = HOLD}};
    handler_state handled = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    scripted_server *server = SCRIPT(acts, false);
    grantex_client *client = open_client(server);
    assert_int_equal(grantex_events_subscribe(client, NULL, count_and_leave, &handled, &handled.subscription, NULL),
                     GRANTEX_OK);
    pthread_mutex_lock(&handled.lock);
    while (handled.calls == 0)
        pthread_cond_wait(&handled.changed, &handled.lock);
    pthread_mutex_unlock(&handled.lock);
    scripted_server_wait_for_close(server);
    assert_int_equal(handled.calls, 1);
    grantex_client_close(client);
    scripted_server_stop(server);
}

static void ignore_event(const grantex_event *event, void *user)
{
    (void)event, (void)user;
}

static void unsubscribe_while_idle_closes_the_socket(void **state)
{
    (void)state;
    static const act acts[] = {QUIET};
    scripted_server *server = SCRIPT(acts, false);
    grantex_client *client = open_client(server);
    grantex_subscription *subscription;
    assert_int_equal(grantex_events_subscribe(client, NULL, ignore_event, NULL, &subscription, NULL), GRANTEX_OK);
    scripted_server_request(server, 0);
    grantex_unsubscribe(subscription);
    scripted_server_wait_for_close(server);
    grantex_client_close(client);
    scripted_server_stop(server);
}

static void the_server_sees_the_close(void **state)
{
    (void)state;
    static const act acts[] = {QUIET};
    trial one;
    TRIAL(&one, acts, 0);
    trial_await(&one, GRANTEX_NOTICE_OPEN, 1);
    grantex_stream_close(one.stream);
    one.stream = NULL;
    scripted_server_wait_for_close(one.server);
    trial_close(&one);
}

/* A port whose queue of connections is full: what comes to it then is not answered. Returns the listening socket. */
static int open_black_hole(char *url, size_t size, int *fillers, size_t count)
{
    int fd = scripted_server_reserve(url, size);
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    assert_int_equal(listen(fd, 0), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    for (size_t i = 0; i < count; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        connect(fillers[i], (struct sockaddr *)&address, length);
    }
    return fd;
}

static void close_while_connecting_does_not_wait(void **state)
{
    (void)state;
    char url[64];
    int fillers[4], hole = open_black_hole(url, sizeof url, fillers, 4);
    const grantex_event *event;
    grantex_client *client;
    assert_int_equal(grantex_client_open(&(grantex_client_options){.api_key = KEY, .base_url = url}, &client, NULL),
                     GRANTEX_OK);
    grantex_stream *stream = open_stream(client, (grantex_stream_options){0});
    assert_int_equal(grantex_stream_next(stream, &event, 20, NULL), GRANTEX_TIMEOUT);
    grantex_stream_stats stats;
    grantex_stream_get_stats(stream, &stats, sizeof stats);
    assert_int_equal(stats.attempts, 1);
    assert_int_equal(stats.connections, 0);
    grantex_stream_close(stream);
    grantex_client_close(client);
    for (size_t i = 0; i < 4; i++)
        close(fillers[i]);
    close(hole);
}

/* --- a slow reader ------------------------------------------------------------------------------------------------ */

enum { MANY = 100000 };

static void what_a_slow_reader_has_not_asked_for_stays_with_the_server(void **state)
{
    (void)state;
    size_t length = 0;
    char *events = malloc(MANY * 128);
    for (int n = 1; n <= MANY; n++)
        length += (size_t)sprintf(events + length, "data: {\"id\":\"e%d\",\"type\":\"t\",\"seq\":%d}\n\n", n, n);
    const act acts[] = {{.events = events, .ending = HOLD}};
    const grantex_event *event;
    grantex_stream_stats stats;
    trial one;
    TRIAL(&one, acts, 0);
    for (int n = 1; n <= MANY; n++) {
        assert_int_equal(grantex_stream_next(one.stream, &event, PATIENCE_MS, NULL), GRANTEX_OK);
        assert_int_equal(event->seq, n);
        grantex_stream_get_stats(one.stream, &stats, sizeof stats);
        assert_true(stats.bytes <= (uint64_t)n * 128 + 65536);
    }
    assert_int_equal(one.book.count[GRANTEX_NOTICE_GAP], 0);
    trial_close(&one);
    free(events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BEHAVIOUR_OF("re-clean-eof", it_goes_on_after_the_last_id, &clean_eof),
        BEHAVIOUR("re-connection-refused", who_is_refused_comes_again),
        BEHAVIOUR("re-dns-error", a_name_that_is_not_known_is_asked_for_again),
        BEHAVIOUR_OF("re-last-event-id", it_goes_on_after_the_last_id, &last_id),
        BEHAVIOUR_OF("re-last-event-id-older-event", it_goes_on_after_the_last_id, &older),
        BEHAVIOUR_OF("re-last-event-id-reset", it_goes_on_after_the_last_id, &reset),
        BEHAVIOUR_OF("re-last-event-id-updates-each-time", it_goes_on_after_the_last_id, &each_time),
        BEHAVIOUR_OF("re-last-event-id-utf8", it_goes_on_after_the_last_id, &utf8),
        BEHAVIOUR_OF("re-last-event-id-no-event-in-2nd", it_goes_on_after_the_last_id, &nothing_in_2nd),
        BEHAVIOUR_OF("re-id-kept-in-new-stream", it_goes_on_after_the_last_id, &kept),
        BEHAVIOUR_OF("re-partial-event-discarded", it_goes_on_after_the_last_id, &partial),
        BEHAVIOUR_OF("re-parser-state-reset", it_goes_on_after_the_last_id, &parser_state),
        BEHAVIOUR_OF("re-bom-again", it_goes_on_after_the_last_id, &mark_again),
        BEHAVIOUR("re-retry-field", the_retry_field_is_the_least_wait),
        BEHAVIOUR("re-backoff-grows", waits_grow_to_their_cap),
        BEHAVIOUR("re-backoff-resets", waits_are_short_again_after_health),
        BEHAVIOUR("re-no-tight-loop", who_is_taken_and_dropped_at_once_waits_longer_each_time),
        BEHAVIOUR("re-read-timeout", silence_beyond_the_limit_is_a_fault),
        BEHAVIOUR("re-heartbeat-keeps-alive", heartbeats_keep_it_open),
        /* A peer that has vanished and one that is silent look the same from here: no byte, no FIN. */
        BEHAVIOUR("re-half-open-peer", silence_beyond_the_limit_is_a_fault),
        BEHAVIOUR("re-manual-restart", a_caller_may_have_it_come_anew),
        BEHAVIOUR("close-during-backoff", close_while_waiting_sends_no_more),
        BEHAVIOUR("close-while-idle", unsubscribe_while_idle_closes_the_socket),
        BEHAVIOUR("close-in-callback", unsubscribe_inside_the_handler_is_the_last_call),
        BEHAVIOUR("close-during-connect", close_while_connecting_does_not_wait),
        BEHAVIOUR("close-frees-connection", the_server_sees_the_close),
        BEHAVIOUR_OF("dedupe-replayed-overlap", it_goes_on_after_the_last_id, &overlap),
        BEHAVIOUR("dedupe-window-bounded", a_million_ids_need_the_memory_of_the_window),
        BEHAVIOUR("since-not-resent-when-id-known", since_is_left_out_once_an_id_is_known),
        BEHAVIOUR("gap-notice", a_first_event_far_ahead_is_a_gap),
        BEHAVIOUR("backpressure-slow-consumer", what_a_slow_reader_has_not_asked_for_stays_with_the_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
