#include "webhook/head.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "webhook/signature.h"

static bool sign(gx_webhook_head *head, const gx_webhook_sent *sent)
{
    char date[24], plain[GX_SIGNATURE_SIZE], dated[GX_SIGNATURE_SIZE];
    gx_span secret = gx_span_of(sent->secret), body = {sent->body, sent->length};
    snprintf(date, sizeof date, "%" PRId64, sent->now_s);
    if (!gx_signature_write(plain, secret, body) || !gx_signature_write_dated(dated, secret, gx_span_of(date), body))
        return false;
    snprintf(head->timestamp, sizeof head->timestamp, "X-Grantex-Timestamp: %s", date);
    snprintf(head->signature, sizeof head->signature, "X-Grantex-Signature: %s", plain);
    snprintf(head->dated, sizeof head->dated, "X-Grantex-Signature-V2: %s", dated);
    return true;
}

bool gx_webhook_head_write(gx_webhook_head *head, const gx_webhook_sent *sent)
{
    if (!sign(head, sent))
        return false;
    snprintf(head->event, sizeof head->event, "X-Grantex-Event-Id: %.128s", sent->event_id);
    snprintf(head->delivery, sizeof head->delivery, "X-Grantex-Delivery-Id: %.128s", sent->delivery_id);
    const char *const lines[GX_WEBHOOK_HEAD_LINES] = {"Content-Type: application/json",
                                                      "User-Agent: Grantex-Webhooks/0.1",
                                                      head->timestamp,
                                                      head->signature,
                                                      head->dated,
                                                      head->event,
                                                      head->delivery,
                                                      "Expect:", /* a receiver need not know 100 Continue */
                                                      NULL};
    memcpy(head->lines, lines, sizeof lines);
    return true;
}
