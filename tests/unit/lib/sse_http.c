#include "lib/sse_http.h"

enum { TURN_MS = 10 };

void trial_open_client(trial *one, const act *acts, size_t count, grantex_client_options client,
                       grantex_stream_options options)
{
    *one = (trial){.server = scripted_server_start(acts, count, false)};
    client.api_key = client.api_key ? client.api_key : KEY;
    client.base_url = client.base_url ? client.base_url : scripted_server_url(one->server);
    assert_int_equal(grantex_client_open(&client, &one->client, NULL), GRANTEX_OK);
    options.on_notice = note;
    options.notice_user = &one->book;
    options.reconnect = options.reconnect ? options.reconnect : GRANTEX_RECONNECT_ALWAYS;
    one->stream = open_stream(one->client, options);
}

void trial_open(trial *one, const act *acts, size_t count, grantex_stream_options options)
{
    trial_open_client(one, acts, count, (grantex_client_options){0}, options);
}

void trial_close(trial *one)
{
    grantex_stream_close(one->stream);
    grantex_client_close(one->client);
    scripted_server_stop(one->server);
}

void trial_await(trial *one, grantex_notice_kind kind, size_t count)
{
    const grantex_event *event;
    for (int i = 0; one->book.count[kind] < count; i++) {
        assert_in_range(i, 0, PATIENCE_MS / TURN_MS);
        assert_int_equal(grantex_stream_next(one->stream, &event, TURN_MS, NULL), GRANTEX_TIMEOUT);
    }
}
