#include "api/stream_start.h"

#include <string.h>

#include "api/api.h"
#include "api/input.h"
#include "api/unknown_type.h"
#include "base/timestamp.h"

enum { FULL_RETRY_AFTER_S = 5, MOST_LAST = 1000 };

/* --- types, event_types --- */

static bool add_types(gx_call *call, const char *field, gx_event_filter *filter)
{
    const char *list;
    gx_span unknown;
    if (!gx_input_query_list(call, field, &list))
        return false;
    return gx_event_filter_add(filter, gx_span_of(list), &unknown) || gx_refuse_unknown_type(call, field, unknown);
}

static bool parse_filter(gx_call *call, gx_stream_start *start)
{
    gx_event_filter filter = 0;
    if (!add_types(call, "types", &filter) || !add_types(call, "event_types", &filter))
        return false;
    start->filter = filter ? filter : GX_EVENT_FILTER_ALL;
    return true;
}

/* --- last --- */

static bool parse_last(gx_call *call, gx_stream_start *start)
{
    if (!gx_input_query_int(call, "last", 1, MOST_LAST, 0, &start->last))
        return false;
    if (start->last > 0)
        start->from = GX_FROM_LAST;
    return true;
}

/* --- since --- */

/* Refused also where a cursor overrules it: a mistake does not become right by a reconnect. */
static bool parse_since(gx_call *call, gx_stream_start *start)
{
    const char *text;
    if (!gx_input_query(call, "since", &text))
        return false;
    if (!text)
        return true;
    switch (gx_timestamp_read(gx_span_of(text), &start->since_ms)) {
    case GX_TIMESTAMP_OK:
        start->from = GX_FROM_SINCE;
        return true;
    case GX_TIMESTAMP_NO_OFFSET:
        return gx_refuse(
            &call->problem, 400, "BAD_REQUEST",
            "since: the time has no offset, and it is not guessed; end it with Z or an offset such as +02:00");
    default:
        return gx_refuse(&call->problem, 400, "BAD_REQUEST",
                         "since: must be an RFC 3339 time such as 2026-03-01T12:00:00Z");
    }
}

/* --- the cursor --- */

static bool refuse_cursor(gx_problem *problem, const char *field)
{
    return gx_refuse(problem, 400, "INVALID_CURSOR", "%s: there is no such event in your log", field);
}

static bool take_cursor(gx_call *call, gx_stream_start *start, const char *field, gx_span cursor)
{
    start->cursor_field = field;
    if (cursor.len == 0)
        return true; /* of a client that has seen nothing yet */
    if (!gx_event_id_valid(cursor))
        return refuse_cursor(&call->problem, field);
    start->from = GX_FROM_CURSOR;
    memcpy(start->cursor, cursor.ptr, sizeof start->cursor - 1);
    return true;
}

/* Of a client that tells both, the header counts: EventSource keeps the query that it began with. */
static bool parse_cursor(gx_call *call, gx_stream_start *start)
{
    const char *text;
    gx_span header;
    if (!gx_input_header(call, "Last-Event-ID", &header) || !gx_input_query(call, "last_event_id", &text))
        return false;
    return header.len > 0 ? take_cursor(call, start, "Last-Event-ID", header)
                          : take_cursor(call, start, "last_event_id", gx_span_of(text));
}

/* --- on_gap --- */

static bool parse_on_gap(gx_call *call, gx_stream_start *start)
{
    static const char *const words[] = {"tell", "fail"};
    const char *word;
    if (!gx_input_query_word(call, "on_gap", words, sizeof words / sizeof *words, &word))
        return false;
    start->fail_on_gap = word == words[1];
    return true;
}

/* --- together --- */

static bool parse_common(gx_call *call, gx_stream_start *start)
{
    return parse_filter(call, start) && parse_last(call, start) && parse_since(call, start) &&
           parse_on_gap(call, start);
}

bool gx_stream_start_parse(gx_call *call, gx_stream_start *start)
{
    return parse_common(call, start) && parse_cursor(call, start);
}

bool gx_stream_start_parse_page(gx_call *call, gx_stream_start *start)
{
    const char *after;
    return parse_common(call, start) && gx_input_query(call, "after", &after) &&
           take_cursor(call, start, "after", gx_span_of(after));
}

/* --- where that is --- */

static gx_log_lookup look_up(const gx_act *act, gx_stream_start *start)
{
    gx_database *database = act->txn->database;
    switch (start->from) {
    case GX_FROM_CURSOR:
        return gx_log_find_id(database, act->developer_id, gx_span_of(start->cursor), &start->after);
    case GX_FROM_SINCE:
        /* In the future it is a promise that nothing older will be shown, however long that takes. */
        start->not_before_ms = start->since_ms;
        return gx_log_find_since(database, act->developer_id, start->since_ms, &start->after);
    case GX_FROM_LAST:
        return gx_log_find_last(database, act->developer_id, start->last, &start->after);
    default:
        return gx_log_head(database, act->developer_id, &start->after);
    }
}

static bool refuse_gap(gx_act *act, const gx_stream_start *start)
{
    gx_log_gap gap;
    gx_log_lookup found =
        gx_log_gap_after(act->txn->database, act->developer_id, &start->after, start->not_before_ms, &gap);
    if (found == GX_LOG_ERROR)
        return gx_act_store_failed(act);
    int64_t missed = found == GX_LOG_FOUND ? gx_log_counts_sum(&gap.missed, start->filter) : 0;
    return missed == 0 ||
           gx_refuse(act->problem, 410, "CURSOR_EXPIRED",
                     "%lld of the events that were asked for are not kept any more; the oldest kept is %s",
                     (long long)missed, gap.oldest.seq > 0 ? gap.oldest.id : "yet to come");
}

bool gx_stream_start_find(gx_act *act, gx_stream_start *start)
{
    gx_log_lookup found = look_up(act, start);
    if (found == GX_LOG_NOT_FOUND && start->from == GX_FROM_CURSOR)
        return refuse_cursor(act->problem, start->cursor_field);
    if (found != GX_LOG_FOUND && found != GX_LOG_TRIMMED)
        return gx_act_store_failed(act);
    return !start->fail_on_gap || refuse_gap(act, start);
}

/* --- whether there is room --- */

bool gx_stream_admitted(gx_admission admission, gx_problem *problem)
{
    if (admission == GX_ADMITTED)
        return true;
    if (admission == GX_TOO_MANY_OF_DEVELOPER)
        gx_refuse(problem, 429, "TOO_MANY_CONNECTIONS", "Too many event streams are open; close one first");
    else
        gx_refuse(problem, 503, "SERVICE_UNAVAILABLE", "The server has no room for another event stream; try again");
    problem->retry_after_s = FULL_RETRY_AFTER_S;
    return false;
}

bool gx_stream_has_room(const gx_call *call, gx_act *act)
{
    return gx_stream_admitted(gx_stream_ledger_look(gx_api_streams(call->api), act->developer_id), act->problem);
}
