#include "wire/event.h"

#include "base/timestamp.h"
#include "base/ulid.h"
#include "wire/json_scan.h"

enum { ID, TYPE, TIMESTAMP, CREATED_AT, SEQ, DATA, KEY_COUNT };

/* In the order in which we write them. */
static const gx_span keys[KEY_COUNT] = {
    [ID] = {"id", 2},   [TYPE] = {"type", 4}, [TIMESTAMP] = {"timestamp", 9}, [CREATED_AT] = {"createdAt", 9},
    [SEQ] = {"seq", 3}, [DATA] = {"data", 4},
};

void gx_event_write(gx_buffer *out, gx_span id, gx_span type, int64_t timestamp_ms, int64_t seq, gx_span data)
{
    char time[GX_TIMESTAMP_SIZE];
    gx_timestamp_write(time, timestamp_ms);
    gx_buffer_append_span(out, GX_SPAN("{\"id\":\""));
    gx_buffer_append_span(out, id);
    gx_buffer_append_span(out, GX_SPAN("\",\"type\":\""));
    gx_buffer_append_span(out, type);
    gx_buffer_append_span(out, GX_SPAN("\",\"timestamp\":\""));
    gx_buffer_append(out, time, sizeof time - 1);
    gx_buffer_append_span(out, GX_SPAN("\",\"createdAt\":\""));
    gx_buffer_append(out, time, sizeof time - 1);
    gx_buffer_append_span(out, GX_SPAN("\",\"seq\":"));
    gx_buffer_append_int(out, seq);
    gx_buffer_append_span(out, GX_SPAN(",\"data\":"));
    gx_buffer_append_span(out, data);
    gx_buffer_append_char(out, '}');
}

/* Which of our keys it is, or KEY_COUNT. `guess` is looked at first: it is right for every event of our own. */
static int find_key(gx_span name, int guess)
{
    if (guess < KEY_COUNT && gx_span_equal(name, keys[guess]))
        return guess;
    int i = 0;
    while (i < KEY_COUNT && !gx_span_equal(name, keys[i]))
        i++;
    return i;
}

static bool collect(gx_span json, gx_span values[static KEY_COUNT])
{
    gx_json_scan scan = gx_json_scan_object(json);
    gx_span name, value;
    for (int expected = 0; gx_json_scan_next(&scan, &name, &value);) {
        int found = find_key(name, expected);
        if (found == KEY_COUNT)
            continue;
        values[found] = value;
        expected = found + 1;
    }
    return !scan.failed;
}

/* What stands between the quotes; false when the value is not a string. */
static bool string_content(gx_span value, gx_span *content)
{
    if (value.len == 0 || value.ptr[0] != '"')
        return false;
    *content = (gx_span){value.ptr + 1, value.len - 2};
    return true;
}

bool gx_event_scan(gx_span json, gx_event *event)
{
    gx_span values[KEY_COUNT] = {0};
    gx_event result = {.data = GX_SPAN("{}")};
    if (!collect(json, values) || !string_content(values[ID], &result.id) ||
        !string_content(values[TYPE], &result.type))
        return false;

    if (!string_content(values[TIMESTAMP], &result.timestamp))
        string_content(values[CREATED_AT], &result.timestamp);
    unsigned long long seq;
    if (gx_span_to_uint(values[SEQ], &seq) && seq <= INT64_MAX)
        result.seq = (int64_t)seq;
    if (values[DATA].len > 0)
        result.data = values[DATA];
    *event = result;
    return true;
}

bool gx_event_id_valid(gx_span text)
{
    gx_span prefix = GX_SPAN(GX_EVENT_ID_PREFIX);
    return gx_span_starts_with(text, prefix) && gx_ulid_valid((gx_span){text.ptr + prefix.len, text.len - prefix.len});
}
