/* A stream over TLS, which libcurl reads to its end. */
#include <stdio.h>

#include "lib/fixture.h"
#include "lib/tls_front.h"

static grantex_client *open_tls_client(const tls_front *front, const char *ca_file)
{
    grantex_client *client = NULL;
    grantex_client_options options = {.api_key = KEY, .base_url = tls_front_url(front), .ca_file = ca_file};
    assert_int_equal(grantex_client_open(&options, &client, NULL), GRANTEX_OK);
    return client;
}

static void it_is_cut_resumed_and_ended_as_without_tls(void **state)
{
    (void)state;
    static const act acts[] = {{.events = OPENING EVENT(1) EVENT(2), .ending = CUT}, {.events = EVENT(2) EVENT(3)}};
    notebook book = {0};
    scripted_server *server = SCRIPT(acts, false);
    tls_front *front = tls_front_start(server);
    grantex_client *client = open_tls_client(front, tls_front_ca_file(front));
    grantex_stream *stream = open_stream(client, (grantex_stream_options){.on_notice = note, .notice_user = &book});
    expect_event(stream, "evt_1");
    expect_event(stream, "evt_2");
    expect_event(stream, "evt_3");
    expect_status(stream, GRANTEX_END);
    assert_contains(scripted_server_request(server, 1), "\r\nLast-Event-ID: evt_2\r\n");
    assert_int_equal(book.count[GRANTEX_NOTICE_RETRYING], 1);
    grantex_stream_close(stream);
    grantex_client_close(client);
    tls_front_stop(front);
    scripted_server_stop(server);
}

static void a_certificate_that_is_not_trusted_is_final(void **state)
{
    (void)state;
    static const act acts[] = {{.events = EVENT(1), .ending = HOLD}};
    scripted_server *server = SCRIPT(acts, true);
    tls_front *front = tls_front_start(server), *other = tls_front_start(server);
    grantex_client *client = open_tls_client(front, tls_front_ca_file(other));
    grantex_stream *stream = open_stream(client, (grantex_stream_options){0});
    expect_status(stream, GRANTEX_E_NETWORK);
    assert_int_equal(scripted_server_count(server), 0); /* and the key stayed here */
    grantex_stream_close(stream);
    grantex_client_close(client);
    tls_front_stop(other);
    tls_front_stop(front);
    scripted_server_stop(server);
}

/* More than libcurl is let read at once, so that it is paused and goes on, in the order that it came. */
static void many_events_come_in_order(void **state)
{
    (void)state;
    enum { EVENTS = 2000 };
    static char events[EVENTS * 160];
    size_t length = 0;
    for (int n = 1; n <= EVENTS; n++)
        length += (size_t)snprintf(events + length, sizeof events - length,
                                   "id: evt_%d\ndata: {\"id\":\"evt_%d\",\"type\":\"grant.created\",\"seq\":%d}\n\n", n,
                                   n, n);
    const act acts[] = {{.events = events}};
    scripted_server *server = SCRIPT(acts, false);
    tls_front *front = tls_front_start(server);
    grantex_client *client = open_tls_client(front, tls_front_ca_file(front));
    grantex_stream *stream = open_stream(client, (grantex_stream_options){0});
    const grantex_event *event;
    for (int n = 1; n <= EVENTS; n++) {
        assert_int_equal(grantex_stream_next(stream, &event, 30000, NULL), GRANTEX_OK);
        assert_int_equal(event->seq, n);
    }
    expect_status(stream, GRANTEX_END);
    grantex_stream_close(stream);
    grantex_client_close(client);
    tls_front_stop(front);
    scripted_server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_cut_resumed_and_ended_as_without_tls),
        cmocka_unit_test(a_certificate_that_is_not_trusted_is_final),
        cmocka_unit_test(many_events_come_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
