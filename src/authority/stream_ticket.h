/* Tickets: a browser cannot send its key along with an EventSource or a WebSocket, and a key does not belong in a URL.
 * So whoever has the key asks for a ticket, which opens one stream of that developer, once and soon. */
#ifndef GX_AUTHORITY_STREAM_TICKET_H
#define GX_AUTHORITY_STREAM_TICKET_H

#include "authority/act.h"

#define GX_STREAM_TICKET_LIFE_MS 30000

typedef struct gx_stream_ticket {
    const char *text; /* shown once, kept only as a hash */
    int64_t expires_at;
} gx_stream_ticket;

/* For the developer who asks, by the key that he has now. */
bool gx_stream_ticket_issue(gx_act *act, gx_stream_ticket *out);

/* Takes the ticket: act->developer_id is whose it was. Refused (401) when there is none such, it is too old, or the key
 * that it came from opens nothing any more. An act that is refused afterwards leaves the ticket as it was. Takes no
 * developer's row: what it opens only reads. */
bool gx_stream_ticket_authenticate(gx_act *act, gx_span ticket);

#endif
