#include "grantex/webhooks.h"

#include <stdio.h>

#include "base/memory.h"
#include "lib/client.h"
#include "lib/fail.h"
#include "lib/request.h"
#include "lib/url.h"

static const gx_field fields[] = {
    GX_REQUIRED_TEXT(grantex_webhook, id, "id"),
    GX_TEXT(grantex_webhook, url, "url"),
    GX_TEXT(grantex_webhook, created_at, "createdAt"),
    GX_TEXT(grantex_webhook, secret, "secret"),
    GX_TEXTS(grantex_webhook, events, event_count, "events"),
    GX_INT(grantex_webhook, lag, "lag"),
};

static const gx_shape shape = GX_SHAPE_WITH_JSON(grantex_webhook, fields);

/* --- webhooks ----------------------------------------------------------------------------------------------------- */

typedef struct webhook_request {
    const char *url;
    const char *const *event_types;
} webhook_request;

static void write_webhook(gx_json *json, const void *context)
{
    const webhook_request *request = context;
    gx_json_text(json, "url", request->url);
    gx_request_texts(json, "events", request->event_types);
}

grantex_status grantex_webhooks_create(grantex_client *client, const char *url, const char *const *event_types,
                                       grantex_webhook **webhook, grantex_error *error)
{
    if (!url || !event_types || !webhook)
        return gx_fail(error, GRANTEX_E_INVALID, "url, event_types and webhook must not be NULL");
    webhook_request request = {url, event_types};
    gx_ask ask = {.method = "POST", .path = "/v1/webhooks", .write = write_webhook, .context = &request};
    GX_GIVE(webhook, gx_ask_object(client, &ask, &shape, &result, error));
}

grantex_status grantex_webhooks_get(grantex_client *client, const char *webhook_id, grantex_webhook **webhook,
                                    grantex_error *error)
{
    if (!webhook)
        return gx_fail(error, GRANTEX_E_INVALID, "webhook must not be NULL");
    gx_ask ask = {.method = "GET", .path = "/v1/webhooks/", .id = webhook_id, .id_name = "webhook_id"};
    GX_GIVE(webhook, gx_ask_object(client, &ask, &shape, &result, error));
}

void grantex_webhook_free(grantex_webhook *webhook)
{
    gx_free(webhook);
}

grantex_status grantex_webhooks_list(grantex_client *client, grantex_webhook_list **list, grantex_error *error)
{
    if (!list)
        return gx_fail(error, GRANTEX_E_INVALID, "list must not be NULL");
    gx_ask ask = {.method = "GET", .path = "/v1/webhooks"};
    GX_GIVE_LIST(list, grantex_webhook_list,
                 gx_ask_list(client, &ask, "webhooks", &shape, sizeof **list, &result, error));
}

void grantex_webhook_list_free(grantex_webhook_list *list)
{
    gx_free(list);
}

grantex_status grantex_webhooks_delete(grantex_client *client, const char *webhook_id, grantex_error *error)
{
    gx_ask ask = {.method = "DELETE", .path = "/v1/webhooks/", .id = webhook_id, .id_name = "webhook_id"};
    return gx_ask_delete(client, &ask, error);
}

/* --- deliveries --------------------------------------------------------------------------------------------------- */

static const gx_field delivery_fields[] = {
    GX_REQUIRED_TEXT(grantex_delivery, id, "id"),
    GX_TEXT(grantex_delivery, webhook_id, "webhookId"),
    GX_TEXT(grantex_delivery, event_id, "eventId"),
    GX_TEXT(grantex_delivery, event_type, "eventType"),
    GX_TEXT(grantex_delivery, url, "url"),
    GX_TEXT(grantex_delivery, status, "status"),
    GX_TEXT(grantex_delivery, last_error, "lastError"),
    GX_TEXT(grantex_delivery, created_at, "createdAt"),
    GX_TEXT(grantex_delivery, delivered_at, "deliveredAt"),
    GX_INT(grantex_delivery, attempts, "attempts"),
    GX_INT(grantex_delivery, max_attempts, "maxAttempts"),
};

static const gx_shape delivery_shape = GX_SHAPE_WITH_JSON(grantex_delivery, delivery_fields);

static void write_number(gx_buffer *query, const char *name, int number)
{
    char text[16];
    if (number == 0)
        return;
    snprintf(text, sizeof text, "%d", number);
    gx_url_query(query, name, text);
}

static grantex_status list_deliveries(grantex_client *client, const char *webhook_id, const char *behind,
                                      grantex_delivery_list **list, grantex_error *error)
{
    gx_ask ask = {
        .method = "GET", .path = "/v1/webhooks/", .id = webhook_id, .id_name = "webhook_id", .behind = behind};
    GX_GIVE_LIST(list, grantex_delivery_list,
                 gx_ask_list(client, &ask, "deliveries", &delivery_shape, sizeof **list, &result, error));
}

grantex_status grantex_webhooks_deliveries(grantex_client *client, const char *webhook_id,
                                           const grantex_delivery_filter *filter, grantex_delivery_list **list,
                                           grantex_error *error)
{
    static const grantex_delivery_filter any = {0};
    filter = filter ? filter : &any;
    if (!list || !gx_reserved_unused(filter->reserved, 4))
        return gx_fail(error, GRANTEX_E_INVALID, "list must not be NULL, reserved must be zero");
    gx_buffer behind = {0};
    gx_buffer_append_text(&behind, "/deliveries");
    gx_url_query(&behind, "status", filter->status);
    write_number(&behind, "page", filter->page);
    write_number(&behind, "pageSize", filter->page_size);
    const char *text = gx_buffer_text(&behind);
    grantex_status status = text ? list_deliveries(client, webhook_id, text, list, error) : gx_fail_memory(error);
    gx_buffer_free(&behind);
    return status;
}

void grantex_delivery_list_free(grantex_delivery_list *list)
{
    gx_free(list);
}

grantex_status grantex_webhooks_redeliver(grantex_client *client, const char *delivery_id, grantex_error *error)
{
    gx_ask ask = {.method = "POST",
                  .path = "/v1/webhooks/deliveries/",
                  .id = delivery_id,
                  .id_name = "delivery_id",
                  .behind = "/redeliver"};
    return gx_ask_nothing(client, &ask, NULL, error);
}
