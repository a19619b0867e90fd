/* The table stream_tickets: what opens one stream, once. */
#ifndef GX_STORE_STREAM_TICKETS_H
#define GX_STORE_STREAM_TICKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/database.h"

typedef struct gx_stream_ticket_row {
    const char *hash;
    const char *developer_id;
    const char *key_hash; /* of the API key that asked for it */
    int64_t expires_at;
} gx_stream_ticket_row;

/* Clears a few that nobody used, too. */
bool gx_stream_tickets_insert(gx_database *database, const gx_stream_ticket_row *ticket, int64_t now_ms);

/* Takes it out: ROW and *out for one of those who ask at the same time, DONE for all others and where there is none. It
 * may have expired. */
gx_step gx_stream_tickets_take(gx_database *database, gx_arena *arena, const char *hash, gx_stream_ticket_row *out);

#endif
