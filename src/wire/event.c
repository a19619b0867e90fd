#include "wire/event.h"

#include <string.h>

#include "base/timestamp.h"
#include "base/ulid.h"
#include "wire/json_scan.h"

/* What an envelope has beside id, type and data: its keys and punctuation, two timestamps, a number. */
#define MOST_AROUND 192

enum { ID, TYPE, TIMESTAMP, CREATED_AT, SEQ, DATA, KEY_COUNT };

/* In the order in which we write them. */
static const gx_span keys[KEY_COUNT] = {
    [ID] = {"id", 2},   [TYPE] = {"type", 4}, [TIMESTAMP] = {"timestamp", 9}, [CREATED_AT] = {"createdAt", 9},
    [SEQ] = {"seq", 3}, [DATA] = {"data", 4},
};

static char *put(char *at, gx_span text)
{
    if (text.len > 0)
        memcpy(at, text.ptr, text.len);
    return at + text.len;
}

/* Room is made once, for all of it: a replay does this a million times. */
void gx_event_write(gx_buffer *out, gx_span id, gx_span type, int64_t timestamp_ms, int64_t seq, gx_span data)
{
    char time[GX_TIMESTAMP_SIZE];
    gx_timestamp_write(time, timestamp_ms);
    const gx_span moment = {time, sizeof time - 1};
    if (!gx_buffer_reserve(out, MOST_AROUND + id.len + type.len + data.len))
        return;
    char *at = out->data + out->length;
    at = put(at, GX_SPAN("{\"id\":\""));
    at = put(at, id);
    at = put(at, GX_SPAN("\",\"type\":\""));
    at = put(at, type);
    at = put(at, GX_SPAN("\",\"timestamp\":\""));
    at = put(at, moment);
    at = put(at, GX_SPAN("\",\"createdAt\":\""));
    at = put(at, moment);
    at = put(at, GX_SPAN("\",\"seq\":"));
    out->length = (size_t)(at - out->data);
    gx_buffer_append_int(out, seq);
    at = put(out->data + out->length, GX_SPAN(",\"data\":"));
    at = put(at, data);
    *at++ = '}';
    out->length = (size_t)(at - out->data);
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

/* --- the short way --- */

/* An event of our own server has its keys in one order and no blanks between, so there is nothing to search for. */
#define SKIP(at, end, text)                                                                                            \
    ((at) && (size_t)((end) - (at)) >= sizeof(text) - 1 && memcmp(at, text, sizeof(text) - 1) == 0                     \
         ? (at) + sizeof(text) - 1                                                                                     \
         : NULL)

/* From the opening quote. */
static const char *take_string(const char *at, const char *end, gx_span *content)
{
    const char *behind = at ? gx_json_skip_string(at, end) : NULL;
    if (behind)
        *content = (gx_span){at + 1, (size_t)(behind - at) - 2};
    return behind;
}

static const char *take_seq(const char *at, const char *end, int64_t *seq)
{
    int64_t number = 0;
    const char *first = at;
    while (at && at < end && at - first < 18 && *at >= '0' && *at <= '9')
        number = number * 10 + (*at++ - '0');
    *seq = number;
    return at > first && (*first != '0' || at - first == 1) ? at : NULL;
}

static const char *take_value(const char *at, const char *end, gx_span *value)
{
    const char *behind = at ? gx_json_skip_value(at, end) : NULL;
    if (behind)
        *value = (gx_span){at, (size_t)(behind - at)};
    return behind;
}

/* False: it is not one of those, or not whole. */
static bool scan_own(gx_span json, gx_event *event)
{
    const char *at = json.ptr, *end = json.ptr + json.len;
    gx_span created_at;
    at = take_string(SKIP(at, end, "{\"id\":"), end, &event->id);
    at = take_string(SKIP(at, end, ",\"type\":"), end, &event->type);
    at = take_string(SKIP(at, end, ",\"timestamp\":"), end, &event->timestamp);
    at = take_string(SKIP(at, end, ",\"createdAt\":"), end, &created_at);
    at = take_seq(SKIP(at, end, ",\"seq\":"), end, &event->seq);
    at = take_value(SKIP(at, end, ",\"data\":"), end, &event->data);
    return at && end - at == 1 && *at == '}';
}

/* --- the long way --- */

static bool scan_any(gx_span json, gx_event *event)
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

bool gx_event_scan(gx_span json, gx_event *event)
{
    gx_event own;
    if (json.len == 0 || !scan_own(json, &own))
        return scan_any(json, event);
    *event = own;
    return true;
}

bool gx_event_id_valid(gx_span text)
{
    gx_span prefix = GX_SPAN(GX_EVENT_ID_PREFIX);
    return gx_span_starts_with(text, prefix) && gx_ulid_valid((gx_span){text.ptr + prefix.len, text.len - prefix.len});
}
