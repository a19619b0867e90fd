#include "api/rate_check.h"

#include "base/clock.h"

/* The headers tell of the measure that is nearest to its end. */
static bool is_tighter(const gx_rate_verdict *a, const gx_rate_verdict *b)
{
    return b->limit == 0 || a->refused || a->remaining < b->remaining;
}

static bool take(gx_live_call *live, gx_rate_verdict verdict, const char *code, const char *who)
{
    if (verdict.limit == 0)
        return true;
    if (is_tighter(&verdict, &live->rate))
        live->rate = verdict;
    if (!verdict.refused)
        return true;
    gx_refuse(&live->call.problem, 429, code, "Too many requests %s: at most %u a minute; retry in %u seconds", who,
              (unsigned)verdict.limit, (unsigned)verdict.reset_s);
    live->call.problem.retry_after_s = (int)verdict.reset_s;
    return false;
}

static bool check_client(gx_live_call *live, gx_rate rate)
{
    const gx_api_options *options = &live->call.api->options;
    gx_client_address client = gx_client_address_of(live->call.request, options->behind_proxy);
    return take(live, gx_rate_count_client(options->limiter, rate, &client, gx_clock_wall_ms()), "RATE_LIMIT_EXCEEDED",
                "from this address");
}

static bool is_counted(const gx_live_call *live)
{
    gx_rate rate = live->call.endpoint->rate;
    return rate != GX_RATE_FREE && rate != GX_RATE_REVOKES;
}

bool gx_rate_check_client(gx_live_call *live)
{
    return !is_counted(live) || check_client(live, live->call.endpoint->rate);
}

bool gx_rate_check_key(gx_live_call *live)
{
    gx_rate_limiter *limiter = live->call.api->options.limiter;
    gx_rate rate = live->call.endpoint->rate;
    int64_t now_ms = gx_clock_wall_ms();
    return !is_counted(live) ||
           (take(live, gx_rate_count_key(limiter, live->bearer, now_ms), "RATE_LIMIT_EXCEEDED", "with this API key") &&
            take(live, gx_rate_count_key_for(limiter, rate, live->bearer, now_ms), "RATE_LIMITED",
                 "of this kind with this API key"));
}

void gx_rate_check_failure(gx_live_call *live)
{
    if (live->call.problem.status == 401 && live->call.endpoint->rate == GX_RATE_REVOKES)
        check_client(live, GX_RATE_ORDINARY);
}
