#include "feed/relay_message.h"

#include <stdio.h>
#include <string.h>

#include "base/timestamp.h"
#include "base/ulid.h"

void gx_relay_message_add(gx_buffer *out, const gx_logged_event *event)
{
    gx_event_write(out, event->id, event->type_name, event->timestamp_ms, event->seq, event->data);
    gx_buffer_append_char(out, '\n');
}

static bool is_developer(gx_span id)
{
    gx_span prefix = GX_SPAN("dev_");
    return gx_span_starts_with(id, prefix) && gx_ulid_valid((gx_span){id.ptr + prefix.len, id.len - prefix.len});
}

bool gx_relay_subject_of(char out[static GX_RELAY_SUBJECT_SIZE], const char *developer_id)
{
    return is_developer(gx_span_of(developer_id)) &&
           snprintf(out, GX_RELAY_SUBJECT_SIZE, GX_RELAY_SUBJECT "%s", developer_id) < GX_RELAY_SUBJECT_SIZE;
}

bool gx_relay_subject_read(char developer_id[static GX_RELAY_DEVELOPER_SIZE], const char *subject)
{
    gx_span text = gx_span_of(subject), prefix = GX_SPAN(GX_RELAY_SUBJECT);
    if (!gx_span_starts_with(text, prefix) || !is_developer((gx_span){text.ptr + prefix.len, text.len - prefix.len}))
        return false;
    memcpy(developer_id, text.ptr + prefix.len, text.len - prefix.len + 1);
    return true;
}

bool gx_relay_message_next(gx_span *rest, const char *developer_id, gx_logged_event *event, bool *bad)
{
    gx_span line;
    gx_event read;
    int64_t timestamp_ms;
    *bad = false;
    if (!gx_span_split(rest, '\n', &line))
        return false;
    *bad = !gx_event_scan(line, &read) || read.seq < 1 || !gx_event_id_valid(read.id) || read.data.ptr[0] != '{' ||
           gx_timestamp_read(read.timestamp, &timestamp_ms) != GX_TIMESTAMP_OK;
    if (*bad)
        return false;
    *event = (gx_logged_event){.developer_id = developer_id,
                               .seq = read.seq,
                               .id = read.id,
                               .type = GX_EVENT_OTHER,
                               .type_name = read.type,
                               .timestamp_ms = timestamp_ms,
                               .data = read.data};
    gx_event_type_find(read.type, &event->type);
    return true;
}
