/* What /metrics needs of the node. */
#ifndef GX_API_METRICS_H
#define GX_API_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "api/call_times.h"
#include "feed/feed.h"
#include "feed/relay.h"

/* What became of webhooks' deliveries since the start. */
typedef struct gx_webhook_counts {
    uint64_t delivered, failed, retried;
    uint64_t skipped; /* events that retention took away before their webhook had come to them */
    uint64_t lag;     /* events that are committed and not settled yet, over all webhooks */
} gx_webhook_counts;

typedef struct gx_metrics {
    gx_call_times *times;
    gx_bus *bus;
    const gx_relay *relay; /* NULL: this server tells no others */
    const char *version;
    void (*count_webhooks)(const void *webhooks, gx_webhook_counts *out);
    const void *webhooks;
    int64_t started_ms;
    const char *key; /* who scrapes must show it; NULL: there is none */
    bool open;       /* without a key: whether everybody may look */
} gx_metrics;

#endif
