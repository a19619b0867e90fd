#include "api/unknown_type.h"

#include "wire/event_type.h"

bool gx_refuse_unknown_type(gx_call *call, const char *field, gx_span unknown)
{
    gx_buffer known = GX_BUFFER_INIT(0);
    gx_event_type_list(&known);
    const char *list = gx_buffer_text(&known);
    /* The stranger comes last: it may be long, and the message is cut at its end. */
    gx_refuse(&call->problem, 400, "INVALID_EVENT_TYPE",
              "%s: the event types are %s, and prefixes such as grant.*; not %.*s", field,
              list ? list : "in the documentation", (int)unknown.len, unknown.ptr);
    gx_buffer_free(&known);
    return false;
}
