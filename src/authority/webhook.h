/* Webhooks: where a developer's events are posted to. What is delivered, and when, is the sender's affair; here is who
 * may ask for what. */
#ifndef GX_AUTHORITY_WEBHOOK_H
#define GX_AUTHORITY_WEBHOOK_H

#include "authority/act.h"
#include "store/webhook_deliveries.h"
#include "store/webhooks.h"

/* More than that is a program in a loop: 402 PLAN_LIMIT_EXCEEDED. */
#define GX_WEBHOOKS_MOST 200

typedef struct gx_webhook_request {
    const char *url;    /* absolute, see base/http_url.h */
    const char *events; /* JSON array of known type names and prefixes */
} gx_webhook_request;

/* From the next event on. 400 unless the url is https and leads to the public, as far as it can be seen without asking
 * anybody (gx_authority.private_webhooks lifts that); a name is judged when it is connected to. The row's secret is
 * to be shown once. */
bool gx_webhook_create(gx_act *act, const gx_webhook_request *in, gx_webhook_row *out);

/* 404 when the developer has no such webhook. */
bool gx_webhook_get(gx_act *act, const char *webhook_id, gx_webhook_row *out);

/* All of them, newest first. */
bool gx_webhook_list(gx_act *act, const gx_webhook_row **first);

/* Its deliveries go with it. */
bool gx_webhook_delete(gx_act *act, const char *webhook_id);

/* A page of them; the webhook tells where they go. */
typedef struct gx_webhook_delivery_list {
    gx_webhook_row webhook;
    const gx_webhook_delivery_row *first; /* newest first */
    int64_t total;                        /* of all pages */
} gx_webhook_delivery_list;

/* `status` NULL is any. */
bool gx_webhook_list_deliveries(gx_act *act, const char *webhook_id, const char *status, gx_paging paging,
                                gx_webhook_delivery_list *out);

typedef struct gx_webhook_delivery {
    gx_webhook_row webhook;
    gx_webhook_delivery_row row;
} gx_webhook_delivery;

/* Sends an event that was given up once more, beside the webhook's own order: *out is pending. 404 when the developer
 * has no such delivery, 409 unless it was given up. */
bool gx_webhook_redeliver(gx_act *act, const char *delivery_id, gx_webhook_delivery *out);

#endif
