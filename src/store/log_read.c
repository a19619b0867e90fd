/* Reading the log, and finding a position in it by id or by time. */
#include <string.h>

#include "store/driver.h"
#include "store/log_row.h"
#include "store/log_search.h"

gx_log_lookup gx_log_head(gx_database *database, const char *developer_id, gx_log_position *out)
{
    gx_statement *statement =
        gx_query(database, "SELECT last_seq, last_event_id, last_event_at FROM developers WHERE id = $1");
    gx_bind_text(statement, 1, developer_id);
    return gx_log_position_of_statement(statement, out);
}

/* --- bisection --- */

bool gx_log_has_lower_id(const gx_log_search *search, const gx_log_position *event)
{
    size_t length = strlen(event->id), shorter = length < search->id.len ? length : search->id.len;
    int order = shorter == 0 ? 0 : memcmp(event->id, search->id.ptr, shorter);
    return order < 0 || (order == 0 && length < search->id.len);
}

bool gx_log_has_id_up_to(const gx_log_search *search, const gx_log_position *event)
{
    return gx_log_has_lower_id(search, event) || gx_span_equal(gx_span_of(event->id), search->id);
}

bool gx_log_is_earlier(const gx_log_search *search, const gx_log_position *event)
{
    return event->timestamp_ms < search->since_ms;
}

static gx_log_lookup event_at(const gx_log_search *search, int64_t seq, gx_log_position *out)
{
    gx_statement *statement =
        gx_query(search->database, "SELECT seq, id, timestamp FROM events WHERE developer_id = $1 AND seq = $2");
    gx_bind_text(statement, 1, search->developer_id);
    gx_bind_int(statement, 2, seq);
    return gx_log_position_of_statement(statement, out);
}

static gx_log_lookup newest_kept(const gx_log_search *search, gx_log_position *out)
{
    gx_statement *statement = gx_query(
        search->database, "SELECT seq, id, timestamp FROM events WHERE developer_id = $1 ORDER BY seq DESC LIMIT 1");
    gx_bind_text(statement, 1, search->developer_id);
    return gx_log_position_of_statement(statement, out);
}

/* The first event that does not come before; NOT_FOUND when all do, or when the log is empty. What is not kept any more
 * was trimmed from the front: it comes before. */
static gx_log_lookup first_not_before(const gx_log_search *search, gx_log_position *out)
{
    gx_log_position newest, middle, first = {0};
    gx_log_lookup there = newest_kept(search, &newest);
    if (there != GX_LOG_FOUND)
        return there;
    int64_t low = 1, high = newest.seq + 1; /* the answer is in [low, high]; high: there is none */
    while (low < high) {
        int64_t seq = low + (high - low) / 2;
        there = event_at(search, seq, &middle);
        if (there == GX_LOG_ERROR)
            return GX_LOG_ERROR;
        if (there == GX_LOG_NOT_FOUND || search->before(search, &middle)) {
            low = seq + 1;
        } else {
            high = seq;
            first = middle;
        }
    }
    if (low > newest.seq)
        return GX_LOG_NOT_FOUND;
    *out = first;
    return GX_LOG_FOUND;
}

static gx_log_lookup find_trimmed(gx_database *database, const char *developer_id, gx_span event_id,
                                  gx_log_position *out)
{
    const gx_log_search up_to = {
        .database = database, .developer_id = developer_id, .before = gx_log_has_id_up_to, .id = event_id};
    gx_log_trimmed gone;
    if (!gx_log_trimmed_before(&up_to, &gone))
        return GX_LOG_ERROR;
    if (gone.last.seq == 0 || !gx_span_equal(gx_span_of(gone.last.id), event_id))
        return GX_LOG_NOT_FOUND;
    *out = gone.last;
    return GX_LOG_TRIMMED;
}

gx_log_lookup gx_log_find_id(gx_database *database, const char *developer_id, gx_span event_id, gx_log_position *out)
{
    const gx_log_search by_id = {
        .database = database, .developer_id = developer_id, .before = gx_log_has_lower_id, .id = event_id};
    gx_log_position found;
    gx_log_lookup lookup = first_not_before(&by_id, &found);
    if (lookup == GX_LOG_ERROR)
        return lookup;
    if (lookup == GX_LOG_NOT_FOUND || !gx_span_equal(gx_span_of(found.id), event_id))
        return find_trimmed(database, developer_id, event_id, out);
    *out = found;
    return GX_LOG_FOUND;
}

/* The position before the first event that is not trimmed and not before: among what is trimmed when that event is the
 * oldest kept. */
static gx_log_lookup just_before(const gx_log_search *search, int64_t seq, gx_log_position *out)
{
    gx_log_lookup there = event_at(search, seq - 1, out);
    if (there != GX_LOG_NOT_FOUND)
        return there;
    gx_log_trimmed gone;
    if (!gx_log_trimmed_before(search, &gone))
        return GX_LOG_ERROR;
    *out = gone.last;
    return GX_LOG_FOUND;
}

/* When none that is kept comes after: the head, unless some that were trimmed would. */
static gx_log_lookup behind_all_kept(const gx_log_search *search, gx_log_position *out)
{
    gx_log_trimmed gone, earlier;
    gx_log_position head;
    gx_log_lookup there = gx_log_head(search->database, search->developer_id, &head);
    if (there != GX_LOG_FOUND)
        return there;
    if (!gx_log_trimmed_all(search->database, search->developer_id, &gone) || !gx_log_trimmed_before(search, &earlier))
        return GX_LOG_ERROR;
    *out = earlier.last.seq < gone.last.seq ? earlier.last : head;
    return GX_LOG_FOUND;
}

gx_log_lookup gx_log_find_since(gx_database *database, const char *developer_id, int64_t since_ms, gx_log_position *out)
{
    const gx_log_search by_time = {
        .database = database, .developer_id = developer_id, .before = gx_log_is_earlier, .since_ms = since_ms};
    gx_log_position first;
    gx_log_lookup lookup = first_not_before(&by_time, &first);
    if (lookup == GX_LOG_FOUND)
        return just_before(&by_time, first.seq, out);
    return lookup == GX_LOG_NOT_FOUND ? behind_all_kept(&by_time, out) : GX_LOG_ERROR;
}

gx_log_lookup gx_log_find_last(gx_database *database, const char *developer_id, int64_t count, gx_log_position *out)
{
    const gx_log_search search = {.database = database, .developer_id = developer_id};
    gx_log_position head;
    gx_log_trimmed gone;
    gx_log_lookup there = gx_log_head(database, developer_id, &head);
    if (there != GX_LOG_FOUND)
        return there;
    there = head.seq > count ? event_at(&search, head.seq - count, out) : GX_LOG_NOT_FOUND;
    if (there != GX_LOG_NOT_FOUND)
        return there;
    if (!gx_log_trimmed_all(database, developer_id, &gone))
        return GX_LOG_ERROR;
    *out = gone.last;
    return GX_LOG_FOUND;
}

/* --- reading on --- */

static gx_logged_event event_of_row(gx_statement *row, const char *developer_id)
{
    gx_logged_event event = {
        .developer_id = developer_id,
        .seq = gx_column_int(row, 0),
        .id = gx_column_span(row, 1),
        .type = GX_EVENT_OTHER,
        .type_name = gx_column_span(row, 2),
        .timestamp_ms = gx_column_int(row, 3),
        .data = gx_column_span(row, 4),
    };
    gx_event_type_find(event.type_name, &event.type); /* stays OTHER when a newer program wrote it */
    return event;
}

/* Before the first event of a page there may be a hole, which trimming has left; anywhere else is none. */
static bool follows(gx_database *database, const gx_logged_event *event, int64_t previous_seq, bool first)
{
    if (event->seq == previous_seq + 1)
        return true;
    gx_log_trimmed gone = {0};
    if (first && !gx_log_trimmed_all(database, event->developer_id, &gone))
        return false;
    return (first && event->seq == gone.last.seq + 1) ||
           gx_database_fail(database, GX_FAULT_OTHER, "the log has a hole before event %lld", (long long)event->seq);
}

int64_t gx_log_read(gx_database *database, const char *developer_id, int64_t after_seq, int64_t most_events,
                    bool (*visit)(void *context, const gx_logged_event *event), void *context)
{
    gx_statement *statement = gx_query(database, "SELECT seq, id, type, timestamp, data FROM events "
                                                 "WHERE developer_id = $1 AND seq > $2 ORDER BY seq LIMIT $3");
    gx_bind_text(statement, 1, developer_id);
    gx_bind_int(statement, 2, after_seq);
    gx_bind_int(statement, 3, most_events);

    int64_t visited = 0, previous_seq = after_seq;
    gx_step step;
    while ((step = gx_statement_step(statement)) == GX_STEP_ROW) {
        const gx_logged_event event = event_of_row(statement, developer_id);
        if (!follows(database, &event, previous_seq, visited == 0)) {
            step = GX_STEP_ERROR;
            break;
        }
        previous_seq = event.seq;
        visited++;
        if (!visit(context, &event))
            break;
    }
    gx_statement_reset(statement);
    return step == GX_STEP_ERROR ? -1 : visited;
}
