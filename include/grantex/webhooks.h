/* grantex/webhooks.h - webhooks: events that are posted to a URL. What all calls have in common stands in
 * grantex/agents.h. */
#ifndef GRANTEX_WEBHOOKS_H
#define GRANTEX_WEBHOOKS_H

#include <stdint.h>

#include "grantex/client.h"
#include "grantex/sse.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct grantex_webhook {
    grantex_text id; /* "wh_…" */
    grantex_text url, created_at;
    grantex_text secret; /* of the signatures; "" but in the answer that made it: keep it then */
    const grantex_text *events;
    size_t event_count;
    int64_t lag;       /* events of the log that it has not got yet; 0 in a list */
    grantex_text json; /* the whole answer of the server */
} grantex_webhook;

typedef struct grantex_webhook_list {
    const grantex_webhook *items;
    size_t count;
    grantex_text json;
    uint64_t total; /* how many there are */
} grantex_webhook_list;

/* Makes a webhook for the events that `event_types` names (ends with NULL; names, or prefixes as "grant.*"). *webhook
 * is given to the caller: grantex_webhook_free. */
GRANTEX_API grantex_status grantex_webhooks_create(grantex_client *client, const char *url,
                                                   const char *const *event_types, grantex_webhook **webhook,
                                                   grantex_error *error);

/* One webhook. *webhook is given to the caller: grantex_webhook_free. */
GRANTEX_API grantex_status grantex_webhooks_get(grantex_client *client, const char *webhook_id,
                                                grantex_webhook **webhook, grantex_error *error);

/* Frees what was given; NULL is allowed. */
GRANTEX_API void grantex_webhook_free(grantex_webhook *webhook);

/* The webhooks of the developer. *list is given to the caller: grantex_webhook_list_free. */
GRANTEX_API grantex_status grantex_webhooks_list(grantex_client *client, grantex_webhook_list **list,
                                                 grantex_error *error);

/* Frees what was given; NULL is allowed. */
GRANTEX_API void grantex_webhook_list_free(grantex_webhook_list *list);

/* Deletes a webhook, and what is known of its deliveries. */
GRANTEX_API grantex_status grantex_webhooks_delete(grantex_client *client, const char *webhook_id,
                                                   grantex_error *error);

/* One event on its way to one webhook. */
typedef struct grantex_delivery {
    grantex_text id;
    grantex_text webhook_id, event_id, event_type, url;
    grantex_text status;     /* "pending", "delivered", "failed" */
    grantex_text last_error; /* "" when there was none */
    grantex_text created_at;
    grantex_text delivered_at; /* "" while it is not */
    int64_t attempts, max_attempts;
    grantex_text json;
} grantex_delivery;

typedef struct grantex_delivery_list {
    const grantex_delivery *items; /* newest first */
    size_t count;
    grantex_text json;
    uint64_t total; /* how many there are; more than `count` when they do not fit into one page */
} grantex_delivery_list;

typedef struct grantex_delivery_filter {
    const char *status;      /* NULL: any */
    int page;                /* from 1; 0: 1 */
    int page_size;           /* at most 100; 0: 20 */
    const void *reserved[4]; /* must be zero */
} grantex_delivery_filter;

/* What was and is delivered to a webhook; `filter` may be NULL. *list is given to the caller:
 * grantex_delivery_list_free. */
GRANTEX_API grantex_status grantex_webhooks_deliveries(grantex_client *client, const char *webhook_id,
                                                       const grantex_delivery_filter *filter,
                                                       grantex_delivery_list **list, grantex_error *error);

/* Frees what was given; NULL is allowed. */
GRANTEX_API void grantex_delivery_list_free(grantex_delivery_list *list);

/* Sends what has failed once more. */
GRANTEX_API grantex_status grantex_webhooks_redeliver(grantex_client *client, const char *delivery_id,
                                                      grantex_error *error);

#ifdef __cplusplus
}
#endif
#endif
