/* The table webhooks: where a developer's events are posted to, and how far each has come. */
#ifndef GX_STORE_WEBHOOKS_H
#define GX_STORE_WEBHOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/rows.h"
#include "wire/event_type.h"

typedef struct gx_webhook_row gx_webhook_row;
struct gx_webhook_row {
    const char *id;
    const char *developer_id;
    const char *url;
    const char *events;     /* JSON array, as it was asked for */
    gx_event_filter filter; /* the same; read only */
    const char *secret;     /* its bytes are the key of the HMAC */
    int64_t cursor_seq;     /* everything up to it is settled: delivered, given up, or not asked for */
    int64_t head_seq;       /* the newest event of the developer; read only */
    int64_t created_at;
    const char *leased_by; /* NULL when it never was */
    int64_t leased_until;
    gx_webhook_row *next; /* in a list */
};

/* Without a lease. */
bool gx_webhooks_insert(gx_database *database, const gx_webhook_row *webhook);

/* Finds the developer's webhook: ROW and *out, DONE when there is none, ERROR on a fault or when memory ran out. */
gx_step gx_webhooks_find(gx_database *database, gx_arena *arena, const char *developer_id, const char *webhook_id,
                         gx_webhook_row *out);

/* The developer's webhooks, newest first. */
bool gx_webhooks_list(gx_database *database, gx_arena *arena, const char *developer_id, const gx_webhook_row **first);

bool gx_webhooks_count(gx_database *database, const char *developer_id, int64_t *count);

/* Takes its deliveries with it: ROW when it was there, DONE when it was not. */
gx_step gx_webhooks_delete(gx_database *database, const char *developer_id, const char *webhook_id);

/* --- for the one that delivers --- */

/* Webhooks of all developers in the order of their ids, at most `most`, after `after_id` ("" is the beginning). */
bool gx_webhooks_list_all(gx_database *database, gx_arena *arena, const char *after_id, int64_t most,
                          const gx_webhook_row **first);

/* Makes `owner` the one that delivers, until `until_ms`, or renews that: ROW and the webhook as it is now, DONE when
 * it is gone or another's lease still runs. */
gx_step gx_webhooks_lease(gx_database *database, gx_arena *arena, const char *webhook_id, const char *owner,
                          int64_t now_ms, int64_t until_ms, gx_webhook_row *out);

/* Ends all leases of `owner` at once. */
bool gx_webhooks_release(gx_database *database, const char *owner);

/* Moves the cursor to `seq`, never back: ROW, DONE when the webhook is gone or leased by another by now. */
gx_step gx_webhooks_move(gx_database *database, const char *webhook_id, const char *owner, int64_t seq);

#endif
