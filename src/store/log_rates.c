#include "store/log_rates.h"

#include "store/driver.h"
#include "store/log_search.h"

enum { SLICES = 10, SLICE_ROWS = GX_LOG_MINUTE_COUNTED / SLICES };

typedef struct span_of_log {
    gx_database *database;
    const char *developer_id;
    int64_t after, up_to; /* seq */
} span_of_log;

static int64_t sum(const gx_log_counts *counts)
{
    return gx_log_counts_sum(counts, GX_EVENT_FILTER_ALL);
}

/* Adds what is kept of it. */
static bool count_kept(const span_of_log *in, gx_log_counts *counts)
{
    gx_statement *statement =
        gx_query(in->database, "SELECT type, COUNT(*) FROM events WHERE developer_id = $1 AND seq > $2 AND seq <= $3"
                               " GROUP BY type");
    gx_bind_text(statement, 1, in->developer_id);
    gx_bind_int(statement, 2, in->after);
    gx_bind_int(statement, 3, in->up_to);
    gx_step step;
    while ((step = gx_statement_step(statement)) == GX_STEP_ROW) {
        gx_event_type type = GX_EVENT_OTHER;
        gx_event_type_find(gx_column_span(statement, 0), &type);
        counts->of[type] += gx_column_int(statement, 1);
    }
    gx_statement_reset(statement);
    return step == GX_STEP_DONE;
}

/* Slices that lie evenly in it: what comes in bursts is met by some of them. */
static bool count_sample(const span_of_log *whole, gx_log_counts *counts)
{
    int64_t total = whole->up_to - whole->after;
    for (int64_t slice = 0; slice < SLICES; slice++) {
        span_of_log part = *whole;
        part.after += total * slice / SLICES;
        part.up_to = part.after + SLICE_ROWS;
        if (!count_kept(&part, counts))
            return false;
    }
    return true;
}

/* Of what was trimmed the log still knows the types. */
static bool count_trimmed(const span_of_log *in, const gx_log_minute *minute, gx_log_counts *counts)
{
    gx_log_search search = {.database = in->database,
                            .developer_id = in->developer_id,
                            .before = gx_log_is_earlier,
                            .since_ms = minute->start_ms};
    gx_log_trimmed until_start, until_end;
    if (!gx_log_trimmed_before(&search, &until_start))
        return false;
    search.since_ms += GX_LOG_MINUTE_MS;
    if (!gx_log_trimmed_before(&search, &until_end))
        return false;
    for (int type = 0; type <= GX_EVENT_TYPE_COUNT; type++)
        counts->of[type] += until_end.counts.of[type] - until_start.counts.of[type];
    return true;
}

/* The largest takes what rounding leaves, so that they add up. */
static void scale(gx_log_counts *counts, int64_t total)
{
    int largest = 0;
    int64_t counted = sum(counts), left = total;
    for (int type = 0; counted > 0 && type <= GX_EVENT_TYPE_COUNT; type++) {
        counts->of[type] = counts->of[type] * total / counted;
        left -= counts->of[type];
        if (counts->of[type] > counts->of[largest])
            largest = type;
    }
    counts->of[largest] += counted > 0 ? left : 0;
}

static bool count_types(const span_of_log *in, gx_log_minute *minute)
{
    minute->estimated = minute->total > GX_LOG_MINUTE_COUNTED;
    if (!(minute->estimated ? count_sample : count_kept)(in, &minute->counts))
        return false;
    if (minute->estimated && sum(&minute->counts) > 0)
        scale(&minute->counts, minute->total);
    else if (sum(&minute->counts) < minute->total && !count_trimmed(in, minute, &minute->counts))
        return false;
    minute->estimated = minute->estimated && sum(&minute->counts) > 0;
    return true;
}

bool gx_log_rates(gx_database *database, const char *developer_id, int64_t from_ms, size_t count, gx_log_minute *out)
{
    gx_log_position head, start, end;
    if (gx_log_head(database, developer_id, &head) != GX_LOG_FOUND ||
        gx_log_find_since(database, developer_id, from_ms, &start) != GX_LOG_FOUND)
        return false;
    for (size_t i = 0; i < count; i++, start = end) {
        out[i] = (gx_log_minute){.start_ms = from_ms + (int64_t)i * GX_LOG_MINUTE_MS};
        end = head;
        if (start.seq < head.seq &&
            gx_log_find_since(database, developer_id, out[i].start_ms + GX_LOG_MINUTE_MS, &end) != GX_LOG_FOUND)
            return false;
        out[i].total = end.seq - start.seq;
        const span_of_log in = {database, developer_id, start.seq, end.seq};
        if (out[i].total > 0 && !count_types(&in, &out[i]))
            return false;
    }
    return true;
}
