/* The head of a post to a webhook's receiver, signed: the server's webhooks and `grantex events stream --forward-to`
 * send the same one. */
#ifndef GX_WEBHOOK_HEAD_H
#define GX_WEBHOOK_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GX_WEBHOOK_HEAD_LINES 9

typedef struct gx_webhook_head {
    char timestamp[64], signature[128], dated[128], event[160], delivery[160];
    const char *lines[GX_WEBHOOK_HEAD_LINES]; /* "Name: value", then NULL; they point into here, which stays in place */
} gx_webhook_head;

typedef struct gx_webhook_sent {
    const char *secret;      /* its characters are the key */
    int64_t now_s;           /* since 1970 */
    const char *event_id;    /* of more than 128 characters the first */
    const char *delivery_id; /* the same however often it is repeated; of more than 128 characters the first */
    const char *body;
    size_t length;
} gx_webhook_sent;

/* False, and nothing to be sent, when it cannot be signed: out of memory. Any thread. */
bool gx_webhook_head_write(gx_webhook_head *head, const gx_webhook_sent *sent);

#endif
