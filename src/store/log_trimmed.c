/* What the log knows of events that it does not keep: how many of each type lie before any place in it. Both the number
 * of an id and a count by type come from one block and the totals up to it. */
#include <string.h>

#include "base/ulid.h"
#include "store/driver.h"
#include "store/log_row.h"
#include "store/log_search.h"

#define PREFIX_LENGTH (sizeof GX_EVENT_ID_PREFIX - 1)

/* One block, seen from the place that is looked for. */
typedef struct block {
    gx_log_counts totals; /* up to its end */
    gx_log_counts held;   /* in it */
    gx_log_counts before; /* those in it that come before the place */
    gx_log_position last_before, last;
} block;

int64_t gx_log_counts_sum(const gx_log_counts *counts, gx_event_filter filter)
{
    int64_t sum = 0;
    for (unsigned type = 0; type <= GX_EVENT_TYPE_COUNT; type++)
        sum += gx_event_filter_has(filter, (gx_event_type)type) ? counts->of[type] : 0;
    return sum;
}

static int64_t count_all(const gx_log_counts *counts)
{
    return gx_log_counts_sum(counts, GX_EVENT_FILTER_ALL);
}

/* --- reading a block --- */

static gx_log_position position_of(const char *ulid)
{
    gx_log_position at = {.timestamp_ms = gx_ulid_ms(ulid)};
    memcpy(at.id, GX_EVENT_ID_PREFIX, PREFIX_LENGTH);
    memcpy(at.id + PREFIX_LENGTH, ulid, GX_ULID_LENGTH);
    return at;
}

static void keep_later(gx_log_position *latest, const gx_log_position *other)
{
    if (strcmp(other->id, latest->id) > 0)
        *latest = *other;
}

/* Of one type. Without a search none comes before. */
static bool add_ids(block *into, const gx_log_search *search, gx_event_type type, gx_statement *row)
{
    gx_span ids = gx_column_span(row, 1);
    if (ids.len % GX_ULID_LENGTH != 0)
        return gx_database_fail(row->database, GX_FAULT_OTHER, "ids of trimmed events that are cut");
    for (size_t at = 0; at < ids.len; at += GX_ULID_LENGTH) {
        if (!gx_ulid_valid((gx_span){ids.ptr + at, GX_ULID_LENGTH}))
            return gx_database_fail(row->database, GX_FAULT_OTHER, "a trimmed event's id that is none");
        gx_log_position event = position_of(ids.ptr + at);
        keep_later(&into->last, &event);
        into->held.of[type]++;
        if (search != NULL && search->before(search, &event)) {
            keep_later(&into->last_before, &event);
            into->before.of[type]++;
        }
    }
    return true;
}

/* Block 0, which is before the first, is empty. */
static bool read_block(gx_database *database, const char *developer_id, int64_t number, const gx_log_search *search,
                       block *out)
{
    *out = (block){0};
    gx_statement *statement =
        gx_query(database, "SELECT type, ids, total FROM trimmed_events WHERE developer_id = $1 AND block = $2");
    gx_bind_text(statement, 1, developer_id);
    gx_bind_int(statement, 2, number);
    gx_step step;
    while ((step = gx_statement_step(statement)) == GX_STEP_ROW) {
        gx_event_type type = GX_EVENT_OTHER;
        gx_event_type_find(gx_column_span(statement, 0), &type);
        out->totals.of[type] += gx_column_int(statement, 2);
        if (!add_ids(out, search, type, statement)) {
            gx_statement_reset(statement);
            return false;
        }
    }
    out->last.seq = count_all(&out->totals);
    out->last_before.seq = out->last.seq - count_all(&out->held) + count_all(&out->before);
    return step == GX_STEP_DONE;
}

static bool newest_block(gx_database *database, const char *developer_id, int64_t *number)
{
    gx_statement *statement =
        gx_query(database, "SELECT block FROM trimmed_events WHERE developer_id = $1 ORDER BY block DESC LIMIT 1");
    gx_bind_text(statement, 1, developer_id);
    gx_step step = gx_statement_step(statement);
    *number = step == GX_STEP_ROW ? gx_column_int(statement, 0) : 0;
    gx_statement_reset(statement);
    return step != GX_STEP_ERROR;
}

bool gx_log_trimmed_newest(gx_database *database, const char *developer_id, int64_t *number, int64_t *held)
{
    block newest;
    if (!newest_block(database, developer_id, number) || !read_block(database, developer_id, *number, NULL, &newest))
        return false;
    *held = count_all(&newest.held);
    return true;
}

bool gx_log_trimmed_all(gx_database *database, const char *developer_id, gx_log_trimmed *out)
{
    int64_t number;
    block newest;
    if (!newest_block(database, developer_id, &number) || !read_block(database, developer_id, number, NULL, &newest))
        return false;
    *out = (gx_log_trimmed){.counts = newest.totals, .last = newest.last};
    return true;
}

/* --- up to a place --- */

static bool comes_before_whole(const gx_log_search *search, const block *whole)
{
    return search->before(search, &whole->last);
}

/* The first block that does not come before the place as a whole: `newest` when all but perhaps that one do. */
static bool find_block(const gx_log_search *search, int64_t newest, int64_t *number)
{
    int64_t low = 1, high = newest;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        block found;
        if (!read_block(search->database, search->developer_id, middle, NULL, &found))
            return false;
        if (comes_before_whole(search, &found))
            low = middle + 1;
        else
            high = middle;
    }
    *number = low;
    return true;
}

bool gx_log_trimmed_before(const gx_log_search *search, gx_log_trimmed *out)
{
    int64_t newest, number;
    block found, previous;
    if (!newest_block(search->database, search->developer_id, &newest) || !find_block(search, newest, &number) ||
        !read_block(search->database, search->developer_id, number, search, &found))
        return false;
    *out = (gx_log_trimmed){.counts = found.totals, .last = found.last_before};
    for (int type = 0; type <= GX_EVENT_TYPE_COUNT; type++)
        out->counts.of[type] += found.before.of[type] - found.held.of[type];
    if (count_all(&found.before) > 0 || number <= 1)
        return true;
    if (!read_block(search->database, search->developer_id, number - 1, NULL, &previous))
        return false;
    out->last = previous.last;
    return true;
}

/* --- the gap behind a position --- */

static void keep_larger(gx_log_counts *counts, const gx_log_counts *other)
{
    for (int type = 0; type <= GX_EVENT_TYPE_COUNT; type++)
        counts->of[type] = counts->of[type] > other->of[type] ? counts->of[type] : other->of[type];
}

/* The trimmed events that are no loss: seen already, or older than what is wanted. */
static bool count_unmissed(gx_database *database, const char *developer_id, const gx_log_position *after,
                           int64_t not_before_ms, gx_log_counts *out)
{
    const gx_log_search seen = {
        .database = database, .developer_id = developer_id, .before = gx_log_has_id_up_to, .id = gx_span_of(after->id)};
    const gx_log_search early = {
        .database = database, .developer_id = developer_id, .before = gx_log_is_earlier, .since_ms = not_before_ms};
    gx_log_trimmed up_to_seen, unwanted;
    if (!gx_log_trimmed_before(&seen, &up_to_seen) || !gx_log_trimmed_before(&early, &unwanted))
        return false;
    *out = up_to_seen.counts;
    keep_larger(out, &unwanted.counts);
    return true;
}

gx_log_lookup gx_log_oldest(gx_database *database, const char *developer_id, gx_log_position *out)
{
    gx_statement *statement =
        gx_query(database, "SELECT seq, id, timestamp FROM events WHERE developer_id = $1 ORDER BY seq LIMIT 1");
    gx_bind_text(statement, 1, developer_id);
    return gx_log_position_of_statement(statement, out);
}

gx_log_lookup gx_log_gap_after(gx_database *database, const char *developer_id, const gx_log_position *after,
                               int64_t not_before_ms, gx_log_gap *out)
{
    gx_log_trimmed all;
    gx_log_counts unmissed;
    if (!gx_log_trimmed_all(database, developer_id, &all))
        return GX_LOG_ERROR;
    if (all.last.seq <= after->seq)
        return GX_LOG_NOT_FOUND;
    gx_log_gap gap = {.from = after->seq + 1, .to = all.last, .missed = all.counts};
    if (!count_unmissed(database, developer_id, after, not_before_ms, &unmissed) ||
        gx_log_oldest(database, developer_id, &gap.oldest) == GX_LOG_ERROR)
        return GX_LOG_ERROR;
    for (int type = 0; type <= GX_EVENT_TYPE_COUNT; type++)
        gap.missed.of[type] -= unmissed.of[type];
    *out = gap;
    return GX_LOG_FOUND;
}
