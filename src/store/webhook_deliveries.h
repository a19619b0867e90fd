/* The table webhook_deliveries: what came of the events that a webhook asked for, from the first attempt on. An event
 * that was given up ("failed") stays here and can be sent again on request. */
#ifndef GX_STORE_WEBHOOK_DELIVERIES_H
#define GX_STORE_WEBHOOK_DELIVERIES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/rows.h"

/* Of the settled ones (delivered, failed) a webhook keeps the newest. */
#define GX_WEBHOOK_DELIVERIES_KEPT 1000

typedef struct gx_webhook_delivery_row gx_webhook_delivery_row;
struct gx_webhook_delivery_row {
    const char *webhook_id;
    int64_t seq; /* of the event, in the developer's log */
    const char *id;
    const char *event_id;
    const char *event_type;
    const char *status;      /* "pending", "delivered", "failed" */
    int64_t attempts;        /* counted anew when it is sent again on request */
    int64_t next_attempt_at; /* of a pending one */
    const char *last_error;  /* NULL when there was none */
    int64_t created_at;
    int64_t delivered_at;          /* 0 while it is not */
    gx_webhook_delivery_row *next; /* in a list */
};

/* The webhook's deliveries with that status ("" is any), newest first. Whose webhook it is the caller has checked. */
bool gx_webhook_deliveries_list(gx_database *database, gx_arena *arena, const char *webhook_id, const char *status,
                                gx_paging paging, const gx_webhook_delivery_row **first);

bool gx_webhook_deliveries_count(gx_database *database, const char *webhook_id, const char *status, int64_t *count);

/* A delivery of one of the developer's webhooks: ROW and *out, DONE when there is none, ERROR on a fault or when memory
 * ran out. */
gx_step gx_webhook_deliveries_find(gx_database *database, gx_arena *arena, const char *developer_id,
                                   const char *delivery_id, gx_webhook_delivery_row *out);

/* Makes a failed one pending from `now_ms` on, without attempts: ROW, DONE when it is not failed. */
gx_step gx_webhook_deliveries_again(gx_database *database, const char *delivery_id, int64_t now_ms);

/* --- for the one that delivers --- */

/* The delivery of the event `seq` to the webhook: ROW and *out, DONE before its first attempt. */
gx_step gx_webhook_deliveries_at(gx_database *database, gx_arena *arena, const char *webhook_id, int64_t seq,
                                 gx_webhook_delivery_row *out);

/* Writes down an attempt of `owner`: the whole row, though id, event and created_at are the first attempt's. One that
 * is settled moves the webhook's cursor to its seq, never back. DONE, and nothing written, when the webhook is gone or
 * leased by another by now. Both or neither: within a transaction. */
gx_step gx_webhook_deliveries_record(gx_database *database, const char *owner, const gx_webhook_delivery_row *attempt);

/* What was asked for again and is due: pending, at or before its webhook's cursor, of webhooks that `owner` has leased
 * or may lease. At most `most`, the longest due first. */
bool gx_webhook_deliveries_due(gx_database *database, gx_arena *arena, const char *owner, int64_t now_ms, int64_t most,
                               const gx_webhook_delivery_row **first);

/* Forgets settled deliveries beyond GX_WEBHOOK_DELIVERIES_KEPT. It looks at all that are kept: not after each one. */
bool gx_webhook_deliveries_trim(gx_database *database, const char *webhook_id);

#endif
