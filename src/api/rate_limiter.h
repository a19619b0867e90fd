/* The limits of this server and the counts of its callers, for all network threads. */
#ifndef GX_API_RATE_LIMITER_H
#define GX_API_RATE_LIMITER_H

#include "api/client_address.h"
#include "api/rate_limits.h"
#include "api/rate_table.h"

typedef struct gx_rate_limiter gx_rate_limiter;

gx_rate_limiter *gx_rate_limiter_new(const gx_rate_limits *limits); /* NULL: no memory, or no randomness for the hash */
void gx_rate_limiter_free(gx_rate_limiter *limiter);

/* Each counts one call; any thread. The verdict's limit is 0 where there is none.
 *
 * An API key is counted as it was sent, before anybody looks whose it is: that needs no store, and a wrong key fills
 * nobody's measure but its own. */
gx_rate_verdict gx_rate_count_client(gx_rate_limiter *limiter, gx_rate rate, const gx_client_address *client,
                                     int64_t now_ms);
gx_rate_verdict gx_rate_count_key(gx_rate_limiter *limiter, gx_span key, int64_t now_ms); /* all kinds */
gx_rate_verdict gx_rate_count_key_for(gx_rate_limiter *limiter, gx_rate rate, gx_span key, int64_t now_ms); /* one */

#endif
