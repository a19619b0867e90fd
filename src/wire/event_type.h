/* The event types: which there are, and a filter over them. The one table of names. */
#ifndef GX_WIRE_EVENT_TYPE_H
#define GX_WIRE_EVENT_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"

typedef enum gx_event_type {
    GX_EVENT_GRANT_CREATED,
    GX_EVENT_GRANT_REVOKED,
    GX_EVENT_TOKEN_ISSUED,
    GX_EVENT_BUDGET_THRESHOLD,
    GX_EVENT_BUDGET_EXHAUSTED,
    GX_EVENT_TYPE_COUNT,
    GX_EVENT_OTHER =
        GX_EVENT_TYPE_COUNT /* of a newer program than this one: shown to who wants all, never in the way */
} gx_event_type;

/* "grant.created" …; not for GX_EVENT_OTHER. */
const char *gx_event_type_name(gx_event_type type);

bool gx_event_type_find(gx_span name, gx_event_type *type);

/* Which types a reader wants: bit n is type n, the last one GX_EVENT_OTHER. */
typedef uint32_t gx_event_filter;
#define GX_EVENT_FILTER_ALL ((gx_event_filter)((1u << (GX_EVENT_TYPE_COUNT + 1)) - 1))

static inline bool gx_event_filter_has(gx_event_filter filter, gx_event_type type)
{
    return (filter >> type) & 1u;
}

/* Adds the names of a comma-separated list to *filter: exact names, and prefixes as "grant.*" ("*" is all). Blanks
 * around a name are trimmed, empty names skipped. False at the first unknown name, which is then *unknown (a span into
 * `list`). */
bool gx_event_filter_add(gx_event_filter *filter, gx_span list, gx_span *unknown);

/* "grant.created, grant.revoked, …": for the message of a 400. */
void gx_event_type_list(gx_buffer *out);

#endif
