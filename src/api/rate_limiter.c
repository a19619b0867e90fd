#include "api/rate_limiter.h"

#include <stdlib.h>

#include "base/random.h"
#include "base/siphash.h"

struct gx_rate_limiter {
    gx_rate_limits limits;
    gx_siphash_key seed;
    gx_rate_table *table;
};

/* What is counted; with the kind of endpoint it tells the measures of one caller apart. */
typedef enum measure { OF_CLIENT, OF_KEY, OF_KEY_FOR } measure;

gx_rate_limiter *gx_rate_limiter_new(const gx_rate_limits *limits)
{
    gx_rate_limiter *limiter = calloc(1, sizeof *limiter);
    if (limiter == NULL)
        return NULL;
    limiter->limits = *limits;
    limiter->table = gx_rate_table_new();
    if (limiter->table != NULL && gx_random_bytes(&limiter->seed, sizeof limiter->seed))
        return limiter;
    gx_rate_limiter_free(limiter);
    return NULL;
}

void gx_rate_limiter_free(gx_rate_limiter *limiter)
{
    if (limiter == NULL)
        return;
    gx_rate_table_free(limiter->table);
    free(limiter);
}

static gx_rate_verdict count(gx_rate_limiter *limiter, uint32_t limit, measure of, gx_rate rate, gx_span who,
                             int64_t now_ms)
{
    if (limit == 0)
        return (gx_rate_verdict){0};
    gx_siphash_key seed = {limiter->seed.k0 ^ (uint64_t)of, limiter->seed.k1 ^ (uint64_t)rate};
    return gx_rate_table_count(limiter->table, gx_siphash(&seed, who), limit, now_ms);
}

gx_rate_verdict gx_rate_count_client(gx_rate_limiter *limiter, gx_rate rate, const gx_client_address *client,
                                     int64_t now_ms)
{
    if (gx_rate_is_shared(&limiter->limits, rate))
        rate = GX_RATE_ORDINARY;
    gx_span who = {(const char *)client->bytes, sizeof client->bytes};
    return count(limiter, limiter->limits.client[rate], OF_CLIENT, rate, who, now_ms);
}

gx_rate_verdict gx_rate_count_key(gx_rate_limiter *limiter, gx_span key, int64_t now_ms)
{
    return count(limiter, limiter->limits.any_key, OF_KEY, GX_RATE_ORDINARY, key, now_ms);
}

gx_rate_verdict gx_rate_count_key_for(gx_rate_limiter *limiter, gx_rate rate, gx_span key, int64_t now_ms)
{
    return count(limiter, limiter->limits.key[rate], OF_KEY_FOR, rate, key, now_ms);
}
