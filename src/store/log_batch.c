#include "store/log_batch.h"

#include <stdlib.h>
#include <string.h>

gx_log_batch *gx_log_batch_new(void)
{
    gx_log_batch *batch = calloc(1, sizeof *batch);
    if (batch != NULL)
        batch->text = GX_ARENA_INIT(GX_LOG_BATCH_MOST_BYTES);
    return batch;
}

void gx_log_batch_free(gx_log_batch *batch)
{
    if (batch == NULL)
        return;
    gx_arena_free(&batch->text);
    free(batch->events);
    free(batch->undos);
    free(batch->heads);
    free(batch);
}

void gx_log_batch_clear(gx_log_batch *batch)
{
    gx_arena_free(&batch->text);
    batch->count = 0;
    batch->head_count = 0;
}

gx_log_mark gx_log_batch_mark(const gx_log_batch *batch)
{
    return (gx_log_mark){.count = batch->count, .head_count = batch->head_count};
}

void gx_log_batch_undo(gx_log_batch *batch, gx_log_mark mark)
{
    while (batch->count > mark.count) {
        const gx_log_undo *undo = &batch->undos[--batch->count];
        batch->heads[undo->head].at = undo->before;
        batch->heads[undo->head].more_bytes -= gx_log_bytes_of(batch->events[batch->count].data);
    }
    batch->head_count = mark.head_count;
}

/* From the newest: a job's events follow each other. */
gx_log_head_cache *gx_log_batch_head(gx_log_batch *batch, const char *developer_id)
{
    for (size_t i = batch->head_count; i > 0; i--) {
        if (strcmp(batch->heads[i - 1].developer_id, developer_id) == 0)
            return &batch->heads[i - 1];
    }
    return NULL;
}

static size_t more(size_t capacity)
{
    return capacity == 0 ? 64 : capacity * 2;
}

gx_log_head_cache *gx_log_batch_add_head(gx_log_batch *batch, const char *developer_id, const gx_log_position *at)
{
    if (batch->head_count == batch->head_capacity) {
        gx_log_head_cache *heads = realloc(batch->heads, more(batch->head_capacity) * sizeof *heads);
        if (heads == NULL)
            return NULL;
        batch->heads = heads;
        batch->head_capacity = more(batch->head_capacity);
    }
    const char *id = gx_arena_text(&batch->text, developer_id);
    if (id == NULL)
        return NULL;
    gx_log_head_cache *head = &batch->heads[batch->head_count++];
    *head = (gx_log_head_cache){.developer_id = id, .at = *at};
    return head;
}

static bool make_room(gx_log_batch *batch)
{
    if (batch->count < batch->capacity)
        return true;
    size_t capacity = more(batch->capacity);
    gx_logged_event *events = realloc(batch->events, capacity * sizeof *events);
    if (events == NULL)
        return false;
    batch->events = events;
    gx_log_undo *undos = realloc(batch->undos, capacity * sizeof *undos);
    if (undos == NULL)
        return false;
    batch->undos = undos;
    batch->capacity = capacity;
    return true;
}

bool gx_log_batch_add(gx_log_batch *batch, gx_log_head_cache *head, const gx_log_position *at, gx_event_type type,
                      gx_span data)
{
    const char *id = gx_arena_text(&batch->text, at->id);
    const char *payload = gx_arena_copy(&batch->text, data);
    if (id == NULL || payload == NULL || !make_room(batch))
        return false;
    batch->undos[batch->count] = (gx_log_undo){.head = (size_t)(head - batch->heads), .before = head->at};
    batch->events[batch->count] = (gx_logged_event){
        .developer_id = head->developer_id,
        .seq = at->seq,
        .id = gx_span_of(id),
        .type = type,
        .type_name = gx_span_of(gx_event_type_name(type)),
        .timestamp_ms = at->timestamp_ms,
        .data = {payload, data.len},
    };
    batch->count++;
    head->at = *at;
    head->more_bytes += gx_log_bytes_of(data);
    return true;
}
