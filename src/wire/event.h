/* The event envelope on the wire: one line of compact JSON with its keys in this order
 *   {"id":"evt_…","type":"…","timestamp":"…Z","createdAt":"…Z","seq":N,"data":{…}}
 * written by the server, scanned (without a DOM) by the client. */
#ifndef GX_WIRE_EVENT_H
#define GX_WIRE_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"

#define GX_EVENT_ID_PREFIX "evt_"
#define GX_EVENT_ID_SIZE   31 /* "evt_", 26 characters, NUL */

typedef struct gx_event {
    gx_span id; /* JSON escapes are left as they came (ids and types have none) */
    gx_span type;
    gx_span timestamp; /* "timestamp", or "createdAt" where a server sends only that */
    int64_t seq;       /* 0 when absent (the hosted service sends none) */
    gx_span data;      /* the raw JSON value of "data"; "{}" when absent */
} gx_event;

/* Appends the envelope. `data` must be valid JSON already; everything is copied as it is. */
void gx_event_write(gx_buffer *out, gx_span id, gx_span type, int64_t timestamp_ms, int64_t seq, gx_span data);

/* Reads an envelope whose keys may come in any order, with white space and unknown keys between. Spans point into
 * `json`. False unless it is one JSON object, structurally whole, with a string id and type. On a repeated key the last
 * one counts. Nesting deeper than 64 is refused. *event is written only on success. */
bool gx_event_scan(gx_span json, gx_event *event);

/* Whether it has the form of our ids: "evt_" and a ULID. */
bool gx_event_id_valid(gx_span text);

#endif
