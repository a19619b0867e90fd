#include "lib/event.h"

#include <string.h>

#include "base/memory.h"

/* The buffer has room already: reserving it first keeps the texts that were handed out before in their place. */
static grantex_text put(gx_buffer *texts, gx_span text)
{
    char *start = texts->data + texts->length;
    if (text.len > 0)
        memcpy(start, text.ptr, text.len);
    start[text.len] = '\0';
    texts->length += text.len + 1;
    return (grantex_text){start, text.len};
}

static gx_span span_of(grantex_text text)
{
    return (gx_span){text.text, text.length};
}

bool gx_event_record_set(gx_event_record *record, const gx_event *scanned, grantex_text json)
{
    gx_buffer *texts = &record->texts;
    gx_buffer_clear(texts);
    if (!gx_buffer_reserve(texts, scanned->id.len + scanned->type.len + scanned->timestamp.len + scanned->data.len + 4))
        return false;
    record->event = (grantex_event){
        .id = put(texts, scanned->id),
        .type = put(texts, scanned->type),
        .timestamp = put(texts, scanned->timestamp),
        .data = put(texts, scanned->data),
        .json = json,
        .seq = scanned->seq,
    };
    return true;
}

void gx_event_record_free(gx_event_record *record)
{
    gx_buffer_free(&record->texts);
    gx_buffer_free(&record->scratch);
}

grantex_event *grantex_event_dup(const grantex_event *event)
{
    gx_event_record *copy = event ? gx_calloc(1, sizeof *copy) : NULL;
    if (!copy)
        return NULL;
    gx_buffer *texts = &copy->texts;
    size_t size = event->id.length + event->type.length + event->timestamp.length + event->data.length;
    if (!gx_buffer_reserve(texts, size + event->json.length + 5)) {
        gx_free(copy);
        return NULL;
    }
    copy->event = (grantex_event){
        .id = put(texts, span_of(event->id)),
        .type = put(texts, span_of(event->type)),
        .timestamp = put(texts, span_of(event->timestamp)),
        .data = put(texts, span_of(event->data)),
        .json = put(texts, span_of(event->json)),
        .seq = event->seq,
    };
    return &copy->event;
}

void grantex_event_free(grantex_event *event)
{
    if (!event)
        return;
    gx_event_record *record = (gx_event_record *)(void *)event;
    gx_event_record_free(record);
    gx_free(record);
}
