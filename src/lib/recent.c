#include "lib/recent.h"

#include <string.h>

#include "base/memory.h"

typedef struct entry {
    uint32_t hash; /* once it is in the table */
    uint8_t length;
    char text[GX_RECENT_WIDTH];
} entry;

/* A ring of entries, and a table over it that is never more than half full. The table is made when it is needed: on a
 * stream whose events are counted that is after a reconnect only. */
struct gx_recent {
    uint32_t most, count;
    uint32_t next;   /* where the next id goes; the oldest one when all are in use */
    uint32_t mask;   /* of the table: its size is a power of two */
    bool indexed;    /* the table tells of every entry */
    uint32_t *slots; /* open addressing by hash: index + 1 of an entry, 0 free */
    entry entries[];
};

gx_recent *gx_recent_new(uint32_t ids)
{
    uint32_t slots = 2;
    while (slots < 2 * ids)
        slots *= 2;
    size_t entries = sizeof(gx_recent) + ids * sizeof(entry);
    gx_recent *recent = gx_calloc(1, entries + slots * sizeof *recent->slots);
    if (!recent)
        return NULL;
    recent->most = ids;
    recent->mask = slots - 1;
    recent->indexed = true;
    recent->slots = (uint32_t *)(void *)((char *)recent + entries);
    return recent;
}

static const entry *entry_at(const gx_recent *recent, uint32_t slot)
{
    return &recent->entries[recent->slots[slot] - 1];
}

/* The slot of the id, or the free one where it would go. */
static uint32_t find_slot(const gx_recent *recent, gx_span id, uint32_t hash)
{
    uint32_t slot = hash & recent->mask;
    for (; recent->slots[slot]; slot = (slot + 1) & recent->mask) {
        const entry *there = entry_at(recent, slot);
        if (there->hash == hash && gx_span_equal((gx_span){there->text, there->length}, id))
            break;
    }
    return slot;
}

/* Takes an entry out by moving back those behind it that would no longer be found (no tombstones). */
static void free_slot(gx_recent *recent, uint32_t hole)
{
    uint32_t slot = hole;
    recent->slots[hole] = 0;
    while (recent->slots[slot = (slot + 1) & recent->mask]) {
        uint32_t home = entry_at(recent, slot)->hash;
        if (((slot - home) & recent->mask) >= ((slot - hole) & recent->mask)) {
            recent->slots[hole] = recent->slots[slot];
            recent->slots[slot] = 0;
            hole = slot;
        }
    }
}

/* The slot of an entry that is there: found by where it stands, not by what it says. */
static uint32_t slot_of(const gx_recent *recent, uint32_t index)
{
    uint32_t slot = recent->entries[index].hash & recent->mask;
    while (recent->slots[slot] != index + 1)
        slot = (slot + 1) & recent->mask;
    return slot;
}

static gx_span text_of(const entry *one)
{
    return (gx_span){one->text, one->length};
}

static void index_all(gx_recent *recent)
{
    memset(recent->slots, 0, (recent->mask + 1) * sizeof *recent->slots);
    for (uint32_t i = 0; i < recent->count; i++) {
        entry *one = &recent->entries[i];
        one->hash = gx_span_hash(text_of(one));
        recent->slots[find_slot(recent, text_of(one), one->hash)] = i + 1;
    }
    recent->indexed = true;
}

/* The oldest entry, or a new one, with this text. */
static entry *put(gx_recent *recent, gx_span id)
{
    entry *new = &recent->entries[recent->next];
    recent->count += recent->count < recent->most;
    recent->next = recent->next + 1 == recent->most ? 0 : recent->next + 1;
    new->length = (uint8_t)id.len;
    memcpy(new->text, id.ptr, id.len);
    return new;
}

static bool is_kept(gx_span id)
{
    return id.len > 0 && id.len <= GX_RECENT_WIDTH;
}

bool gx_recent_add(gx_recent *recent, gx_span id)
{
    if (!is_kept(id))
        return true;
    if (!recent->indexed)
        index_all(recent);
    uint32_t hash = gx_span_hash(id), index = recent->next;
    if (recent->slots[find_slot(recent, id, hash)])
        return false;
    if (recent->count == recent->most)
        free_slot(recent, slot_of(recent, index));
    recent->slots[find_slot(recent, id, hash)] = index + 1; /* the free one may be nearer now */
    put(recent, id)->hash = hash;
    return true;
}

void gx_recent_append(gx_recent *recent, gx_span id)
{
    if (!is_kept(id))
        return;
    recent->indexed = false;
    put(recent, id);
}
