/* When --until is reached. Up to its time it is a stream like any other; then the head of the log is the end, and it
 * is reached when the cursor is there. Where the last events are none of --types nothing comes that would move the
 * cursor, so the log is asked. */
#include "cli/stream_session.h"

#include <string.h>

#define QUIET_MS 200

static bool is_event_id(const char *cursor)
{
    return strncmp(cursor, "evt_", 4) == 0;
}

grantex_status stream_read_range(stream_session *session, grantex_error *error)
{
    grantex_status status = cli_log_range_read(session->client, session->since, session->after, &session->range, error);
    session->range_known = status == GRANTEX_OK;
    return status;
}

bool stream_is_beyond_end(const stream_session *session, const grantex_event *event)
{
    int64_t at;
    const stream_end *end = &session->end;
    if (!end->wanted)
        return false;
    if (end->known && strcmp(event->id.text, end->id) > 0)
        return true;
    return cli_rfc3339_read(event->timestamp.text, &at) && at >= end->until_ms;
}

/* The time has come: what the log has now is all. */
static grantex_status fix_end(stream_session *session, grantex_error *error)
{
    cli_log_range range;
    grantex_status status = cli_log_range_read(session->client, NULL, NULL, &range, error);
    if (status != GRANTEX_OK)
        return status;
    session->end.known = true;
    memcpy(session->end.id, range.head_id, sizeof range.head_id);
    return GRANTEX_OK;
}

static grantex_status ask_the_log(stream_session *session, grantex_error *error)
{
    bool done = false;
    const char *after = session->cursor[0] ? session->cursor : session->after;
    if (after && !is_event_id(after))
        return GRANTEX_OK;
    session->end.checked_ms = cli_uptime_ms();
    grantex_status status = cli_log_is_done(session->client, session->since, after,
                                            session->arguments->options[STREAM_TYPES], session->end.id, &done, error);
    return status == GRANTEX_OK && done ? GRANTEX_END : status;
}

/* Without a start it shows what comes from now on, so behind an end in the past there is nothing. */
static bool has_begun_behind(const stream_session *session)
{
    return !session->since && !session->after && !session->cursor[0] && session->range_known &&
           strcmp(session->range.head_id, session->end.id) >= 0;
}

grantex_status stream_look_for_end(stream_session *session, bool idle, grantex_error *error)
{
    stream_end *end = &session->end;
    if (!end->wanted || (!end->known && cli_now_ms() < end->until_ms))
        return GRANTEX_OK;
    grantex_status status = end->known ? GRANTEX_OK : fix_end(session, error);
    if (status != GRANTEX_OK)
        return status;
    if (!end->id[0] || has_begun_behind(session) ||
        (is_event_id(session->cursor) && strcmp(session->cursor, end->id) >= 0))
        return GRANTEX_END;
    return idle && cli_uptime_ms() - end->checked_ms >= QUIET_MS ? ask_the_log(session, error) : GRANTEX_OK;
}

int stream_end_wait_ms(const stream_session *session)
{
    const stream_end *end = &session->end;
    if (!end->wanted)
        return -1;
    if (end->known)
        return QUIET_MS;
    int64_t left = end->until_ms - cli_now_ms();
    return left < 0 ? 0 : left < 60000 ? (int)left : 60000;
}
