/* POST, GET /v1/webhooks; GET, DELETE /v1/webhooks/:id; GET /v1/webhooks/:id/deliveries;
 * POST /v1/webhooks/deliveries/:id/redeliver, where the delivery's id alone says which webhook it belongs to. */
#include "authority/webhook.h"

#include <string.h>

#include "api/api.h"
#include "api/input.h"
#include "api/input_fault.h"
#include "api/nouns.h"
#include "api/page.h"
#include "api/unknown_type.h"

static const char *const STATUSES[] = {"pending", "delivered", "failed"};

enum { MOST_URL_LENGTH = 2048, USUAL_DELIVERIES = 20, MOST_DELIVERIES = 100 };

typedef struct create_args {
    gx_webhook_request in;
    gx_webhook_row webhook;
} create_args;

typedef struct webhook_args {
    const char *id;
    gx_webhook_row webhook;
} webhook_args;

typedef struct list_args {
    const gx_webhook_row *first;
} list_args;

typedef struct deliveries_args {
    const char *id;
    const char *status; /* NULL: any */
    gx_paging paging;
    gx_webhook_delivery_list out;
} deliveries_args;

typedef struct redeliver_args {
    const char *id;
    gx_webhook_delivery delivery;
} redeliver_args;

/* --- creating --- */

/* One name or prefix and nothing else: what reads filters takes a list with blanks too. */
static bool is_one_known_type(gx_span name)
{
    gx_event_filter filter = 0;
    gx_span unknown;
    return memchr(name.ptr, ',', name.len) == NULL && gx_span_trim(name).len == name.len &&
           gx_event_filter_add(&filter, name, &unknown) && filter != 0;
}

static bool stands_before(const json_t *events, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (json_equal(json_array_get(events, i), json_array_get(events, index)))
            return true;
    return false;
}

static bool parse_events(gx_call *call, const char **out)
{
    if (!gx_input_scopes(call, "events", GX_REQUIRED, 1, out))
        return false;
    const json_t *events = json_object_get(call->body, "events");
    for (size_t i = 0; i < json_array_size(events); i++) {
        const json_t *event = json_array_get(events, i);
        gx_span name = {json_string_value(event), json_string_length(event)};
        if (!is_one_known_type(name))
            return gx_refuse_unknown_type(call, "events", name);
        if (stands_before(events, i))
            return gx_input_refuse(call, "events", "element %zu stands there twice", i + 1);
    }
    return true;
}

static bool parse_create(gx_call *call)
{
    gx_webhook_request *in = &((create_args *)call->args)->in;
    return gx_input_text(call, "url", GX_REQUIRED, 1, MOST_URL_LENGTH, &in->url) &&
           gx_input_url(call, "url", &in->url) && parse_events(call, &in->events);
}

static bool run_create(gx_call *call, gx_act *act)
{
    create_args *args = call->args;
    return gx_webhook_create(act, &args->in, &args->webhook);
}

static void write_webhook(gx_json *json, const gx_webhook_row *webhook)
{
    gx_json_text(json, "id", webhook->id);
    gx_json_text(json, "url", webhook->url);
    gx_json_raw(json, "events", gx_span_of(webhook->events));
    gx_json_time(json, "createdAt", webhook->created_at);
}

static void render_created(const gx_call *call, gx_answer *answer)
{
    const create_args *args = call->args;
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    write_webhook(&json, &args->webhook);
    gx_json_text(&json, "secret", args->webhook.secret);
    gx_json_close_object(&json);
}

/* --- looking and deleting --- */

static bool run_get(gx_call *call, gx_act *act)
{
    webhook_args *args = call->args;
    return gx_webhook_get(act, args->id, &args->webhook);
}

/* `lag` is how many events lie before it that are not settled; it may not have asked for all of them. */
static void write_standing(gx_json *json, const gx_webhook_row *webhook)
{
    gx_json_open_object(json, NULL);
    write_webhook(json, webhook);
    gx_json_int(json, "lag", webhook->head_seq - webhook->cursor_seq);
    gx_json_close_object(json);
}

static void render_webhook(const gx_call *call, gx_answer *answer)
{
    gx_json json = gx_json_on(&answer->body);
    write_standing(&json, &((const webhook_args *)call->args)->webhook);
}

static bool run_list(gx_call *call, gx_act *act)
{
    list_args *args = call->args;
    return gx_webhook_list(act, &args->first);
}

static void render_list(const gx_call *call, gx_answer *answer)
{
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    gx_json_open_array(&json, "webhooks");
    for (const gx_webhook_row *row = ((const list_args *)call->args)->first; row != NULL; row = row->next)
        write_standing(&json, row);
    gx_json_close_array(&json);
    gx_json_close_object(&json);
}

static bool run_delete(gx_call *call, gx_act *act)
{
    const webhook_args *args = call->args;
    return gx_webhook_delete(act, args->id);
}

/* --- deliveries --- */

static bool parse_deliveries(gx_call *call)
{
    deliveries_args *args = call->args;
    return gx_input_param(call, &args->id) &&
           gx_input_query_word(call, "status", STATUSES, sizeof STATUSES / sizeof *STATUSES, &args->status) &&
           gx_page_parse_capped(call, USUAL_DELIVERIES, MOST_DELIVERIES, &args->paging);
}

static bool run_deliveries(gx_call *call, gx_act *act)
{
    deliveries_args *args = call->args;
    return gx_webhook_list_deliveries(act, args->id, args->status, args->paging, &args->out);
}

static void write_delivery(gx_json *json, const gx_call *call, const gx_webhook_row *webhook,
                           const gx_webhook_delivery_row *delivery)
{
    gx_json_open_object(json, NULL);
    gx_json_text(json, "id", delivery->id);
    gx_json_text(json, "webhookId", delivery->webhook_id);
    gx_json_text(json, "eventId", delivery->event_id);
    gx_json_text(json, "eventType", delivery->event_type);
    gx_json_text(json, "status", delivery->status);
    gx_json_int(json, "attempts", delivery->attempts);
    gx_json_int(json, "maxAttempts", gx_api_authority(call->api)->webhook_attempts);
    gx_json_text(json, "url", webhook->url);
    gx_json_text(json, "lastError", delivery->last_error);
    gx_json_time(json, "createdAt", delivery->created_at);
    if (delivery->delivered_at != 0)
        gx_json_time(json, "deliveredAt", delivery->delivered_at);
    else
        gx_json_text(json, "deliveredAt", NULL);
    gx_json_close_object(json);
}

static void render_deliveries(const gx_call *call, gx_answer *answer)
{
    const deliveries_args *args = call->args;
    gx_json json = gx_page_open(answer, "deliveries");
    for (const gx_webhook_delivery_row *row = args->out.first; row != NULL; row = row->next)
        write_delivery(&json, call, &args->out.webhook, row);
    gx_page_close(&json, args->paging, args->out.total);
}

static bool run_redeliver(gx_call *call, gx_act *act)
{
    redeliver_args *args = call->args;
    return gx_webhook_redeliver(act, args->id, &args->delivery);
}

static void render_redelivered(const gx_call *call, gx_answer *answer)
{
    const redeliver_args *args = call->args;
    gx_json json = gx_json_on(&answer->body);
    write_delivery(&json, call, &args->delivery.webhook, &args->delivery.row);
}

static void tell_who_delivers(gx_call *call)
{
    gx_api_webhooks_changed(call->api, gx_call_developer(call));
}

static const gx_endpoint ROWS[] = {
    {
        .method = "POST",
        .path = "/v1/webhooks",
        .access = GX_KEY_ADMIN,
        .work = GX_WORK_WRITE,
        .body = GX_BODY_JSON_OBJECT,
        .args_size = sizeof(create_args),
        .rate = GX_RATE_WEBHOOK,
        .success = 201,
        .parse = parse_create,
        .run = run_create,
        .render = render_created,
        .kept = tell_who_delivers,
    },
    {
        .method = "GET",
        .path = "/v1/webhooks",
        .access = GX_KEY_EVENTS_READ,
        .work = GX_WORK_READ,
        .args_size = sizeof(list_args),
        .success = 200,
        .run = run_list,
        .render = render_list,
    },
    {
        .method = "GET",
        .path = "/v1/webhooks/:id",
        .access = GX_KEY_EVENTS_READ,
        .work = GX_WORK_READ,
        .args_size = sizeof(webhook_args),
        .success = 200,
        .parse = gx_parse_param,
        .run = run_get,
        .render = render_webhook,
    },
    {
        .method = "DELETE",
        .path = "/v1/webhooks/:id",
        .access = GX_KEY_ADMIN,
        .work = GX_WORK_WRITE,
        .args_size = sizeof(webhook_args),
        .rate = GX_RATE_REVOKES,
        .success = 204,
        .parse = gx_parse_param,
        .run = run_delete,
        .kept = tell_who_delivers,
    },
    {
        .method = "GET",
        .path = "/v1/webhooks/:id/deliveries",
        .access = GX_KEY_EVENTS_READ,
        .work = GX_WORK_READ,
        .args_size = sizeof(deliveries_args),
        .success = 200,
        .parse = parse_deliveries,
        .run = run_deliveries,
        .render = render_deliveries,
    },
    {
        .method = "POST",
        .path = "/v1/webhooks/deliveries/:id/redeliver",
        .access = GX_KEY_ADMIN,
        .work = GX_WORK_WRITE,
        .args_size = sizeof(redeliver_args),
        .success = 202,
        .parse = gx_parse_param,
        .run = run_redeliver,
        .render = render_redelivered,
        .kept = tell_who_delivers,
    },
};

const gx_endpoints gx_webhook_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
