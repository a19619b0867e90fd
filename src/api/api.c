/* The api of one network thread, and what a call shows of itself to its endpoint. */
#include "api/api.h"

#include <stdlib.h>

#include "api/live_call.h"

gx_api *gx_api_new(const gx_api_options *options)
{
    gx_api *api = calloc(1, sizeof *api);
    if (api == NULL)
        return NULL;
    api->options = *options;
    gx_list_init(&api->probes);
    return api;
}

void gx_api_free(gx_api *api)
{
    free(api);
}

size_t gx_api_open_calls(const gx_api *api)
{
    return api->open_calls;
}

const gx_authority *gx_api_authority(const gx_api *api)
{
    return api->options.authority;
}

gx_feed *gx_api_feed(gx_api *api)
{
    return api->options.feed;
}

gx_lanes *gx_api_lanes(const gx_api *api)
{
    return api->options.lanes;
}

const gx_metrics *gx_api_metrics(const gx_api *api)
{
    return api->options.metrics;
}

const gx_cors *gx_api_cors(const gx_api *api)
{
    return &api->options.cors;
}

gx_stream_ledger *gx_api_streams(const gx_api *api)
{
    return api->options.streams;
}

const char *gx_api_hsts(const gx_api *api)
{
    return api->options.hsts;
}

bool gx_api_behind_proxy(const gx_api *api)
{
    return api->options.behind_proxy;
}

gx_mailbox *gx_api_mailbox(const gx_api *api)
{
    return api->options.mailbox;
}

void gx_api_webhooks_changed(gx_api *api, const char *developer_id)
{
    api->options.webhooks_changed(api->options.webhooks, developer_id);
}

/* --- of a call --- */

const char *gx_call_developer(const gx_call *call)
{
    const gx_live_call *live = (const gx_live_call *)call;
    return live->developer_id[0] != '\0' ? live->developer_id : NULL;
}

const char *gx_call_key_hash(const gx_call *call)
{
    return ((const gx_live_call *)call)->key_hash;
}

int64_t gx_call_key_expires_at(const gx_call *call)
{
    return ((const gx_live_call *)call)->key_expires_at;
}

int64_t gx_call_session_ends_at(const gx_call *call)
{
    return ((const gx_live_call *)call)->session_ends_at;
}

gx_span gx_call_browser_session(const gx_call *call)
{
    const gx_live_call *live = (const gx_live_call *)call;
    return live->by_cookie ? live->bearer : (gx_span){0};
}

const char *gx_api_request_id(const gx_call *call)
{
    return ((const gx_live_call *)call)->request_id;
}
