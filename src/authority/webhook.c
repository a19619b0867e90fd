#include "authority/webhook.h"

#include <string.h>

#include "authority/id.h"
#include "authority/plan.h"
#include "authority/secret.h"
#include "base/address.h"
#include "base/http_url.h"
#include "store/log.h"

static bool refuse_unknown(gx_act *act)
{
    return gx_refuse(act->problem, 404, "NOT_FOUND", "Webhook not found");
}

/* --- creating --- */

static bool count_webhooks(gx_act *act, int64_t *count)
{
    return gx_webhooks_count(act->txn->database, act->developer_id, count);
}

static bool has_room(gx_act *act)
{
    int64_t count;
    if (!gx_plan_check(act, GX_PLAN_WEBHOOKS, count_webhooks))
        return false;
    if (!count_webhooks(act, &count))
        return gx_act_store_failed(act);
    return count < GX_WEBHOOKS_MOST ||
           gx_refuse(act->problem, 402, "PLAN_LIMIT_EXCEEDED", "A developer may have %d webhooks", GX_WEBHOOKS_MOST);
}

/* "localhost." is localhost, and 127.0.0.1. is an address to some. */
static gx_span without_last_dot(gx_span host)
{
    return host.len > 0 && host.ptr[host.len - 1] == '.' ? (gx_span){host.ptr, host.len - 1} : host;
}

/* What kind of place inside somebody's house a host is; NULL when nothing speaks against it. */
static const char *reserved_kind(gx_span host)
{
    struct sockaddr_storage address;
    host = without_last_dot(host);
    if (gx_address_read(host, &address))
        return gx_address_reserved((const struct sockaddr *)&address);
    static const gx_span LOCALHOST = GX_SPAN("localhost"), BELOW = GX_SPAN(".localhost"); /* RFC 6761 section 6.3 */
    if (host.len >= BELOW.len && gx_span_equal_nocase((gx_span){host.ptr + host.len - BELOW.len, BELOW.len}, BELOW))
        return "loopback";
    return gx_span_equal_nocase(host, LOCALHOST) ? "loopback" : NULL;
}

static bool may_go_to(gx_act *act, const char *text)
{
    gx_http_url url;
    if (!gx_http_url_read(gx_span_of(text), &url))
        return gx_act_bad_request(act, "url: must be an absolute https URL");
    if (url.has_fragment)
        return gx_act_bad_request(act, "url: must not have a fragment");
    if (act->authority->private_webhooks)
        return true;
    if (!url.secure)
        return gx_act_bad_request(act, "url: must be https");
    const char *kind = reserved_kind(url.host);
    return kind == NULL ||
           gx_refuse(act->problem, 400, "BAD_REQUEST", "url: must lead to a public address, not to a %s one", kind);
}

/* The newest event: what comes after it is the webhook's. */
static bool read_head(gx_act *act, int64_t *seq)
{
    gx_log_position head;
    if (gx_log_head(act->txn->database, act->developer_id, &head) != GX_LOG_FOUND)
        return gx_act_store_failed(act);
    *seq = head.seq;
    return true;
}

/* A new secret in the act's arena; NULL after refusing. */
static const char *draw_secret(gx_act *act)
{
    char secret[GX_WEBHOOK_SECRET_SIZE];
    const char *kept = gx_webhook_secret_new(secret) ? gx_arena_text(act->arena, secret) : NULL;
    if (kept == NULL)
        gx_act_no_memory(act);
    return kept;
}

bool gx_webhook_create(gx_act *act, const gx_webhook_request *in, gx_webhook_row *out)
{
    gx_webhook_row row = {
        .developer_id = act->developer_id, .url = in->url, .events = in->events, .created_at = act->txn->now_ms};
    if (!may_go_to(act, in->url) || !has_room(act) || !read_head(act, &row.cursor_seq))
        return false;
    row.head_seq = row.cursor_seq;
    row.id = gx_id_for(act, "wh_");
    row.secret = row.id == NULL ? NULL : draw_secret(act);
    if (row.secret == NULL)
        return false;
    if (!gx_webhooks_insert(act->txn->database, &row))
        return gx_act_store_failed(act);
    *out = row;
    return true;
}

/* --- looking and deleting --- */

static bool found(gx_act *act, gx_step step)
{
    if (step == GX_STEP_DONE)
        return refuse_unknown(act);
    return step == GX_STEP_ROW || gx_act_store_failed(act);
}

bool gx_webhook_get(gx_act *act, const char *webhook_id, gx_webhook_row *out)
{
    return found(act, gx_webhooks_find(act->txn->database, act->arena, act->developer_id, webhook_id, out));
}

bool gx_webhook_list(gx_act *act, const gx_webhook_row **first)
{
    return gx_webhooks_list(act->txn->database, act->arena, act->developer_id, first) || gx_act_store_failed(act);
}

bool gx_webhook_delete(gx_act *act, const char *webhook_id)
{
    return found(act, gx_webhooks_delete(act->txn->database, act->developer_id, webhook_id));
}

/* --- deliveries --- */

bool gx_webhook_list_deliveries(gx_act *act, const char *webhook_id, const char *status, gx_paging paging,
                                gx_webhook_delivery_list *out)
{
    gx_database *database = act->txn->database;
    gx_webhook_delivery_list list;
    if (status == NULL)
        status = "";
    if (!gx_webhook_get(act, webhook_id, &list.webhook))
        return false;
    if (!gx_webhook_deliveries_count(database, webhook_id, status, &list.total) ||
        !gx_webhook_deliveries_list(database, act->arena, webhook_id, status, paging, &list.first))
        return gx_act_store_failed(act);
    *out = list;
    return true;
}

static bool find_delivery(gx_act *act, const char *delivery_id, gx_webhook_delivery *out)
{
    switch (gx_webhook_deliveries_find(act->txn->database, act->arena, act->developer_id, delivery_id, &out->row)) {
    case GX_STEP_ROW:
        return gx_webhook_get(act, out->row.webhook_id, &out->webhook);
    case GX_STEP_DONE:
        return gx_refuse(act->problem, 404, "NOT_FOUND", "Delivery not found");
    default:
        return gx_act_store_failed(act);
    }
}

bool gx_webhook_redeliver(gx_act *act, const char *delivery_id, gx_webhook_delivery *out)
{
    gx_webhook_delivery before, after;
    if (!find_delivery(act, delivery_id, &before))
        return false;
    switch (gx_webhook_deliveries_again(act->txn->database, delivery_id, act->txn->now_ms)) {
    case GX_STEP_ROW:
        break;
    case GX_STEP_DONE:
        return gx_refuse(act->problem, 409, "CONFLICT", "Only a failed delivery can be sent again, this one is %s",
                         before.row.status);
    default:
        return gx_act_store_failed(act);
    }
    if (!find_delivery(act, delivery_id, &after))
        return false;
    *out = after;
    return true;
}
