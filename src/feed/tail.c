#include "feed/tail.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 16

gx_tail *gx_tail_new(const char *developer_id, size_t most_frames, size_t most_bytes)
{
    size_t id_size = strlen(developer_id) + 1;
    gx_tail *tail = calloc(1, sizeof *tail + id_size);
    if (!tail)
        return NULL;
    gx_list_init(&tail->subscribers);
    gx_list_init(&tail->due);
    tail->most_frames = most_frames;
    tail->most_bytes = most_bytes;
    memcpy(tail->developer_id, developer_id, id_size);
    return tail;
}

static gx_frame **slot(const gx_tail *tail, int64_t seq)
{
    return &tail->ring[(size_t)seq & (tail->capacity - 1)];
}

static int64_t oldest(const gx_tail *tail)
{
    return tail->newest - (int64_t)tail->count + 1;
}

static void drop_oldest(gx_tail *tail)
{
    gx_frame *frame = *slot(tail, oldest(tail));
    tail->count--;
    tail->bytes -= gx_frame_size(frame);
    gx_frame_drop(frame);
}

static void drop_all(gx_tail *tail)
{
    while (tail->count > 0)
        drop_oldest(tail);
}

void gx_tail_free(gx_tail *tail)
{
    drop_all(tail);
    free(tail->ring);
    free(tail);
}

static void grow(gx_tail *tail)
{
    size_t capacity = tail->capacity ? tail->capacity * 2 : FIRST_CAPACITY;
    gx_frame **ring = calloc(capacity, sizeof(gx_frame *));
    if (!ring)
        return;
    for (int64_t seq = oldest(tail); seq <= tail->newest && tail->count > 0; seq++)
        ring[(size_t)seq & (capacity - 1)] = *slot(tail, seq);
    free(tail->ring);
    tail->ring = ring;
    tail->capacity = capacity;
}

static void make_room(gx_tail *tail)
{
    if (tail->count == tail->capacity && tail->count < tail->most_frames)
        grow(tail);
    if (tail->count > 0 && (tail->count == tail->most_frames || tail->count == tail->capacity))
        drop_oldest(tail);
}

void gx_tail_push(gx_tail *tail, gx_frame *frame)
{
    int64_t seq = gx_frame_position(frame)->seq;
    if (seq <= tail->newest)
        return;
    if (seq != tail->newest + 1)
        drop_all(tail);
    make_room(tail);
    tail->newest = seq; /* also when it cannot be kept: followers then see that they are behind */
    if (tail->capacity == 0)
        return;
    *slot(tail, seq) = gx_frame_hold(frame);
    tail->count++;
    tail->bytes += gx_frame_size(frame);
    while (tail->bytes > tail->most_bytes && tail->count > 1)
        drop_oldest(tail);
}

void gx_tail_reset(gx_tail *tail)
{
    drop_all(tail);
    tail->newest = 0;
}

gx_frame *gx_tail_find(const gx_tail *tail, int64_t seq)
{
    return seq >= oldest(tail) && seq <= tail->newest ? *slot(tail, seq) : NULL;
}
