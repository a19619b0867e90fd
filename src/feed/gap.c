#include "feed/gap.h"

static void write_missed(gx_json *json, const gx_log_counts *missed, gx_event_filter filter)
{
    gx_json_open_object(json, "missed");
    gx_json_int(json, "total", gx_log_counts_sum(missed, filter));
    for (unsigned i = 0; i <= GX_EVENT_TYPE_COUNT; i++) {
        gx_event_type type = (gx_event_type)i;
        if (missed->of[i] > 0 && gx_event_filter_has(filter, type))
            gx_json_int(json, type == GX_EVENT_OTHER ? "other" : gx_event_type_name(type), missed->of[i]);
    }
    gx_json_close_object(json);
}

static void write_oldest(gx_json *json, const gx_log_position *oldest)
{
    if (oldest->seq == 0) {
        gx_json_text(json, "oldest", NULL);
        return;
    }
    gx_json_open_object(json, "oldest");
    gx_json_text(json, "id", oldest->id);
    gx_json_int(json, "seq", oldest->seq);
    gx_json_time(json, "timestamp", oldest->timestamp_ms);
    gx_json_close_object(json);
}

void gx_gap_write(gx_json *json, const char *key, const gx_log_gap *gap, gx_event_filter filter)
{
    gx_json_open_object(json, key);
    gx_json_int(json, "from", gap->from);
    gx_json_int(json, "to", gap->to.seq);
    write_missed(json, &gap->missed, filter);
    gx_json_text(json, "reason", "trimmed");
    write_oldest(json, &gap->oldest);
    gx_json_close_object(json);
}
