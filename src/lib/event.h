/* An event with the memory that its texts stand in. Every grantex_event of the library is the first member of one. */
#ifndef GX_LIB_EVENT_H
#define GX_LIB_EVENT_H

#include <stdbool.h>

#include "base/buffer.h"
#include "grantex/events.h"
#include "wire/event.h"

typedef struct gx_event_record {
    grantex_event event;
    gx_buffer texts;   /* id, type, timestamp and data, each with a NUL (a copy has `json` there as well) */
    gx_buffer scratch; /* what the payload readers hand out */
} gx_event_record;

/* Fills the record from an event that was scanned in `json`, which must stay as long as the record is in use. Grows the
 * buffers only when this event is larger than any before. False when out of memory; the record is then empty. */
bool gx_event_record_set(gx_event_record *record, const gx_event *scanned, grantex_text json);

void gx_event_record_free(gx_event_record *record);

#endif
