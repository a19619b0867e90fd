#include "lib/fixture.h"

#include <stdio.h>
#include <time.h>

void note(const grantex_notice *notice, void *user)
{
    notebook *book = user;
    book->count[notice->kind]++;
    book->last[notice->kind] = *notice;
    if (notice->error)
        book->error[notice->kind] = *notice->error;
    snprintf(book->detail[notice->kind], sizeof book->detail[0], "%s", notice->detail.text);
}

grantex_client *open_client(const scripted_server *server)
{
    grantex_client_options options = {.api_key = KEY, .base_url = scripted_server_url(server)};
    grantex_client *client = NULL;
    assert_int_equal(grantex_client_open(&options, &client, NULL), GRANTEX_OK);
    return client;
}

grantex_stream *open_stream(grantex_client *client, grantex_stream_options options)
{
    grantex_stream *stream = NULL;
    options.max_backoff_ms = options.max_backoff_ms ? options.max_backoff_ms : 1;
    assert_int_equal(grantex_events_stream(client, &options, &stream, NULL), GRANTEX_OK);
    return stream;
}

void expect_event(grantex_stream *stream, const char *id)
{
    const grantex_event *event = NULL;
    grantex_error error = {.status = GRANTEX_OK};
    grantex_status status = grantex_stream_next(stream, &event, PATIENCE_MS, &error);
    if (status != GRANTEX_OK)
        fail_msg("expected %s, got %s: %s", id, grantex_status_name(status), error.message);
    assert_string_equal(event->id.text, id);
}

void expect_status(grantex_stream *stream, grantex_status status)
{
    const grantex_event *event = NULL;
    grantex_error error = {.status = GRANTEX_OK};
    grantex_status got = grantex_stream_next(stream, &event, PATIENCE_MS, &error);
    if (got != status)
        fail_msg("expected %s, got %s: %s", grantex_status_name(status), grantex_status_name(got), error.message);
    if (status < 0)
        assert_int_equal(error.status, status);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t drip(scripted_server *server, grantex_stream *stream, int bytes, int every_ms)
{
    const grantex_event *event;
    grantex_stream_stats stats;
    uint64_t came = 0;
    int64_t longest = 0, last = now_ms(); /* no byte that has come is older */
    for (int i = 0; i < bytes; i++) {
        int64_t before = now_ms();
        scripted_server_tick(server);
        assert_int_equal(grantex_stream_next(stream, &event, every_ms, NULL), GRANTEX_TIMEOUT);
        int64_t silence = now_ms() - last;
        longest = silence > longest ? silence : longest;
        grantex_stream_get_stats(stream, &stats, sizeof stats);
        if (stats.bytes > came)
            last = before;
        came = stats.bytes;
    }
    return longest;
}
