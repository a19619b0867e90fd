/* How many events of each type came in each minute. */
#ifndef GX_STORE_LOG_RATES_H
#define GX_STORE_LOG_RATES_H

#include "store/log.h"

#define GX_LOG_MINUTE_MS 60000

/* Up to so many events a minute are counted one by one, of more a sample of so many is. */
#define GX_LOG_MINUTE_COUNTED 1000

typedef struct gx_log_minute {
    int64_t start_ms;
    int64_t total; /* exact: seq has no holes */
    gx_log_counts counts;
    bool estimated; /* the counts: they are a sample's, scaled to the total */
} gx_log_minute;

/* Fills in `count` minutes from `from_ms` on, oldest first. Bounded work, however large the log is: two bisections and
 * GX_LOG_MINUTE_COUNTED rows a minute. False on a fault, also when there is no such developer. In a transaction, as
 * the lookups of log.h. */
bool gx_log_rates(gx_database *database, const char *developer_id, int64_t from_ms, size_t count, gx_log_minute *out);

#endif
