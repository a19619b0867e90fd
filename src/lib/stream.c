#include "lib/stream.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "lib/fail.h"

/* --- opening and closing ------------------------------------------------------------------------------------------ */

static void release(grantex_stream *stream)
{
    gx_transport_free(stream->transport);
    gx_stream_close_descriptors(stream);
    grantex_sse_parser_free(stream->parser);
    gx_event_record_free(&stream->event);
    gx_buffer_free(&stream->input);
    gx_credentials_forget(&stream->authorization);
    gx_stream_settings_free(&stream->settings);
    gx_free(stream->recent);
    grantex_client_close(stream->client);
    gx_free(stream);
}

/* The connection is the parent's: its sockets are closed here, and nothing is sent over them. */
static void release_in_child(grantex_stream *stream)
{
    gx_transport_abandon(stream->transport);
    stream->transport = NULL;
    release(stream);
}

static grantex_stream *new_stream(grantex_client *client)
{
    grantex_stream *stream = gx_calloc(1, sizeof *stream);
    if (!stream)
        return NULL;
    stream->client = gx_client_hold(client);
    stream->self = stream;
    stream->epoll = stream->timer = stream->wake = -1;
    stream->phase = GX_PHASE_START;
    stream->phase_until = GX_NEVER;
    memcpy(stream->position.since, GX_CURSOR_BY_TIME, sizeof GX_CURSOR_BY_TIME);
    atomic_init(&stream->cancelled, false); /* and the counts: zero */
    return stream;
}

/* A cursor is an id of the server, or a time behind "since:". The event with that id counts as seen. */
static void start_from(grantex_stream *stream, const char *cursor)
{
    gx_position *position = &stream->position;
    size_t length = strlen(cursor);
    position->reached = true;
    if (strncmp(cursor, GX_CURSOR_BY_TIME, strlen(GX_CURSOR_BY_TIME)) == 0) {
        memcpy(position->since, cursor, length + 1); /* it fits: stream_options.c has seen to that */
        return;
    }
    memcpy(position->id, cursor, length + 1);
    gx_recent_add(stream->recent, (gx_span){cursor, length});
}

static grantex_status open_parts(grantex_stream *stream, const grantex_stream_options *options, grantex_error *error)
{
    grantex_status status = gx_stream_settings_read(&stream->settings, options, error);
    if (status != GRANTEX_OK)
        return status;
    if (!gx_stream_open_descriptors(stream))
        return gx_fail(error, GRANTEX_E_SYSTEM, "The system gives no more descriptors");
    stream->recent = gx_recent_new(stream->settings.window);
    stream->transport = gx_transport_new(stream->epoll);
    if (!stream->recent || !stream->transport)
        return gx_fail_memory(error);
    if (options->cursor)
        start_from(stream, options->cursor);
    grantex_sse_options sse = {.max_event_bytes = options->max_event_bytes, .last_event_id = stream->position.id};
    if (grantex_sse_parser_new(&sse, &stream->parser) != GRANTEX_OK)
        return gx_fail_memory(error);
    return GRANTEX_OK;
}

grantex_status grantex_events_stream(grantex_client *client, const grantex_stream_options *options,
                                     grantex_stream **stream, grantex_error *error)
{
    static const grantex_stream_options defaults = {0};
    grantex_status status = gx_client_check(client, error);
    if (status != GRANTEX_OK)
        return status;
    if (!stream)
        return gx_fail(error, GRANTEX_E_INVALID, "stream must not be NULL");

    grantex_stream *made = new_stream(client);
    if (!made)
        return gx_fail_memory(error);
    status = open_parts(made, options ? options : &defaults, error);
    if (status == GRANTEX_OK)
        *stream = made;
    else
        release(made);
    return status;
}

void grantex_stream_close(grantex_stream *stream)
{
    if (!stream)
        return;
    if (gx_client_forked(stream->client))
        release_in_child(stream);
    else
        release(stream);
}

/* --- the next event ----------------------------------------------------------------------------------------------- */

/* All that can be done without waiting: GRANTEX_OK, GRANTEX_TIMEOUT (wait), or the end. */
static grantex_status step(grantex_stream *stream)
{
    for (;;) {
        if (atomic_load(&stream->cancelled) && stream->phase != GX_PHASE_ENDED) {
            gx_stream_blame(stream, GRANTEX_E_CANCELLED, "The stream was cancelled");
            return GRANTEX_E_CANCELLED;
        }
        grantex_status status = gx_stream_read(stream);
        if (status == GRANTEX_E_CANCELLED)
            continue;
        if (status == GRANTEX_E_NO_MEMORY) {
            gx_fail_memory(&stream->last);
            gx_stream_end(stream);
        }
        if (status == GRANTEX_OK)
            return status;
        if (!gx_stream_advance(stream))
            return stream->phase == GX_PHASE_ENDED ? stream->last.status : GRANTEX_TIMEOUT;
    }
}

/* Looks at least once for what has come, so that a timeout of 0 makes progress, and at most once when it is late. What
 * is there already does not cost a look at the clock. */
static grantex_status step_within(grantex_stream *stream, int timeout_ms)
{
    grantex_status status = step(stream);
    if (status != GRANTEX_TIMEOUT)
        return status;
    int64_t until = timeout_ms < 0 ? GX_NEVER : gx_clock_monotonic_ms() + timeout_ms;
    for (bool late = false; status == GRANTEX_TIMEOUT && !late; status = step(stream)) {
        gx_stream_wait(stream, until);
        late = gx_clock_monotonic_ms() >= until;
    }
    return status;
}

grantex_status grantex_stream_next(grantex_stream *stream, const grantex_event **event, int timeout_ms,
                                   grantex_error *error)
{
    if (!stream || !event)
        return gx_fail(error, GRANTEX_E_INVALID, "stream and event must not be NULL");
    if (gx_client_forked(stream->client))
        return gx_fail(error, GRANTEX_E_FORKED, "The stream belongs to the parent process");

    grantex_status status = step_within(stream, timeout_ms);
    if (status == GRANTEX_OK)
        *event = &stream->event.event;
    if (status < 0)
        return gx_fail_with(error, &stream->last);
    gx_stream_arm(stream, gx_stream_due(stream));
    return status;
}

/* --- beside it ---------------------------------------------------------------------------------------------------- */

/* Who waits for the descriptor first is woken for the first call of next. */
int grantex_stream_fd(const grantex_stream *stream)
{
    if (!stream)
        return -1;
    stream->self->lent = true;
    gx_stream_arm(stream->self, gx_stream_due(stream));
    return stream->epoll;
}

void grantex_stream_cancel(grantex_stream *stream)
{
    if (!stream)
        return;
    static const uint64_t one = 1;
    atomic_store(&stream->cancelled, true);
    ssize_t ignored = write(stream->wake, &one, sizeof one); /* it can only fail when it is awake already */
    (void)ignored;
}

/* Bytes that were not parsed yet come again from the server; a wait before the next attempt is cut short. */
void grantex_stream_restart(grantex_stream *stream)
{
    if (!stream || gx_client_forked(stream->client) || stream->phase == GX_PHASE_ENDED)
        return;
    gx_stream_start_anew(stream);
    gx_stream_arm(stream, 0);
}

grantex_text grantex_stream_cursor(const grantex_stream *stream)
{
    if (!stream || !stream->position.reached)
        return (grantex_text){"", 0};
    const gx_position *position = &stream->position;
    const char *by_time = gx_position_time(position)[0] ? position->since : "";
    const char *cursor = position->id[0] ? position->id : by_time;
    return (grantex_text){cursor, strlen(cursor)};
}
