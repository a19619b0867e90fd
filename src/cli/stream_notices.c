/* What happens beside the events, on stderr, one line each. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli/json_get.h"
#include "cli/output.h"
#include "cli/stream_session.h"

static void put_reason(const grantex_notice *notice)
{
    if (!notice->error)
        return;
    fputs(" (", stderr);
    cli_put_text(stderr, notice->error->message);
    fputs(")", stderr);
}

static void put_waiting(stream_session *session, const grantex_notice *notice, const char *what)
{
    fputs("! ", stderr);
    cli_put_text(stderr, what);
    put_reason(notice);
    fprintf(stderr, ", attempt %d in %.1f s\n", notice->attempt, (double)notice->delay_ms / 1000);
    session->lost = session->retrying = true;
    session->retry_at_ms = cli_uptime_ms() + notice->delay_ms;
}

/* Who was never connected may have asked at the wrong place. */
static void hint_once(stream_session *session, const grantex_notice *notice)
{
    if (session->was_open || session->hinted || !notice->error)
        return;
    cli_put_hint(notice->error);
    session->hinted = true;
}

/* {"total":9080,"token.issued":9012,…} as "9012 token.issued, …". */
static void put_counts(json_t *missed)
{
    const char *type, *comma = "";
    json_t *count;
    fputs(" = ", stderr);
    json_object_foreach(missed, type, count)
    {
        if (strcmp(type, "total") == 0)
            continue;
        fprintf(stderr, "%s%lld ", comma, (long long)json_integer_value(count));
        cli_put_text(stderr, type);
        comma = ", ";
    }
}

static void put_gap(const grantex_notice *notice)
{
    bool no_memory; /* then it is told without the details */
    json_t *gap = cli_json_read(notice->detail.text ? notice->detail.text : "", notice->detail.length, &no_memory);
    json_t *missed = json_object_get(gap, "missed");
    const char *reason = json_string_value(json_object_get(gap, "reason"));
    fputs("! GAP", stderr);
    if (gap && json_object_get(gap, "from"))
        fprintf(stderr, " seq %lld to %lld", (long long)json_integer_value(json_object_get(gap, "from")),
                (long long)json_integer_value(json_object_get(gap, "to")));
    if (reason) {
        fputs(" ", stderr);
        cli_put_text(stderr, reason);
    }
    if (notice->missed >= 0)
        fprintf(stderr, ": %lld events are missing for good", (long long)notice->missed);
    else
        fputs(": events are missing for good", stderr);
    if (json_is_object(missed))
        put_counts(missed);
    fputs("\n", stderr);
    json_decref(gap);
}

/* {"reason":"key_rotated",…}: a word, or without one what there is to say. */
static void put_closing(stream_session *session, const grantex_notice *notice)
{
    bool no_memory; /* then it is told without the reason */
    json_t *told = cli_json_read(notice->detail.text ? notice->detail.text : "", notice->detail.length, &no_memory);
    const char *reason = json_string_value(json_object_get(told, "reason"));
    char what[128];
    snprintf(what, sizeof what, "the server is closing the stream%s%.64s%s", reason ? " (" : "", reason ? reason : "",
             reason ? ")" : "");
    put_waiting(session, notice, what);
    json_decref(told);
}

void stream_on_notice(const grantex_notice *notice, void *user)
{
    stream_session *session = user;
    cli_status_clear(&session->status);
    switch (notice->kind) {
    case GRANTEX_NOTICE_OPEN:
        if (session->lost)
            fputs("! resumed\n", stderr);
        session->lost = session->retrying = false;
        session->was_open = true;
        break;
    case GRANTEX_NOTICE_RETRYING:
        put_waiting(session, notice,
                    session->lost       ? "still no connection"
                    : session->was_open ? "connection lost"
                                        : "no connection");
        hint_once(session, notice);
        break;
    case GRANTEX_NOTICE_CLOSING:
        put_closing(session, notice);
        break;
    case GRANTEX_NOTICE_GAP:
        put_gap(notice);
        session->gap_seen = true;
        break;
    case GRANTEX_NOTICE_DROPPED:
        fputs("! left out", stderr);
        put_reason(notice);
        fputs("\n", stderr);
        break;
    case GRANTEX_NOTICE_END: /* the caller of next says so */
        break;
    }
}

void stream_tell(void *context, const char *line)
{
    stream_session *session = context;
    cli_status_clear(&session->status);
    cli_put_text(stderr, line);
    fputs("\n", stderr);
    session->status.drawn_ms = 0; /* it may last */
    stream_draw_status(session);
}
