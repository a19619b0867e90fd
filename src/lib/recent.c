#include "lib/recent.h"

#include <string.h>

#define SLOTS (2u * GX_RECENT_IDS)

static uint32_t home_of(gx_span id) /* ids of a server that we chose to trust need no keyed hash */
{
    return gx_span_hash(id) % SLOTS;
}

static gx_span id_at(const gx_recent *recent, uint32_t index)
{
    return (gx_span){recent->ids[index].text, recent->ids[index].length};
}

/* The slot of the id, or the free one where it would go: half of the slots are always free, so the walk ends. */
static uint32_t find_slot(const gx_recent *recent, gx_span id)
{
    uint32_t slot = home_of(id);
    while (recent->slots[slot] && !gx_span_equal(id_at(recent, recent->slots[slot] - 1u), id))
        slot = (slot + 1) % SLOTS;
    return slot;
}

/* Takes an entry out by moving back those behind it that would no longer be found (no tombstones). */
static void free_slot(gx_recent *recent, uint32_t hole)
{
    uint32_t slot = hole;
    recent->slots[hole] = 0;
    while (recent->slots[slot = (slot + 1) % SLOTS]) {
        uint32_t home = home_of(id_at(recent, recent->slots[slot] - 1u));
        if ((slot - home) % SLOTS >= (slot - hole) % SLOTS) {
            recent->slots[hole] = recent->slots[slot];
            recent->slots[slot] = 0;
            hole = slot;
        }
    }
}

bool gx_recent_has(const gx_recent *recent, gx_span id)
{
    return id.len <= GX_RECENT_WIDTH && recent->slots[find_slot(recent, id)] != 0;
}

void gx_recent_add(gx_recent *recent, gx_span id)
{
    if (id.len == 0 || id.len > GX_RECENT_WIDTH)
        return;
    uint32_t index = recent->next;
    recent->next = (index + 1) % GX_RECENT_IDS;
    if (recent->count == GX_RECENT_IDS)
        free_slot(recent, find_slot(recent, id_at(recent, index)));
    else
        recent->count++;
    recent->ids[index].length = (uint8_t)id.len;
    memcpy(recent->ids[index].text, id.ptr, id.len);
    recent->slots[find_slot(recent, id)] = (uint16_t)(index + 1);
}
