#include "lib/event.h"

#include <stdint.h>
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

/* Where a part of `json` is in its copy, with a NUL behind it: there stands a quote, a comma or a brace, which is part
 * of none. What is not from there is a constant. */
static grantex_text cut(char *copy, grantex_text json, gx_span part)
{
    uintptr_t at = (uintptr_t)part.ptr - (uintptr_t)json.text;
    if (at >= json.length)
        return (grantex_text){part.len > 0 ? part.ptr : "", part.len};
    copy[at + part.len] = '\0';
    return (grantex_text){copy + at, part.len};
}

bool gx_event_record_set(gx_event_record *record, const gx_event *scanned, grantex_text json)
{
    gx_buffer *texts = &record->texts;
    gx_buffer_clear(texts);
    if (!gx_buffer_reserve(texts, json.length))
        return false;
    char *copy = texts->data;
    memcpy(copy, json.text, json.length);
    record->event = (grantex_event){
        .id = cut(copy, json, scanned->id),
        .type = cut(copy, json, scanned->type),
        .timestamp = cut(copy, json, scanned->timestamp),
        .data = cut(copy, json, scanned->data),
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
