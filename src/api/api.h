/* The REST API and the streams of one network thread: what its endpoints share. Everything here but the ledger belongs
 * to that thread. */
#ifndef GX_API_API_H
#define GX_API_API_H

#include <stdbool.h>
#include <stddef.h>

#include "api/call.h"
#include "api/cors.h"
#include "api/metrics.h"
#include "api/rate_limiter.h"
#include "api/stream_ledger.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "feed/feed.h"
#include "store/lane.h"

typedef struct gx_api_options {
    gx_lanes *lanes;
    gx_mailbox *mailbox; /* of this thread */
    gx_feed *feed;       /* of this thread */
    const gx_authority *authority;
    gx_stream_ledger *streams; /* shared by all threads */
    gx_rate_limiter *limiter;  /* the same */
    const gx_metrics *metrics; /* the same */
    gx_cors cors;
    const char *hsts;  /* Strict-Transport-Security; NULL: none, as RFC 6797 section 7.2 wants it on plain HTTP */
    bool behind_proxy; /* whose X-Forwarded-For tells the client's address */
    const gx_logger *logger;
    /* Whoever delivers wants to know of a webhook that came or went, and of a delivery that is wanted again. */
    void (*webhooks_changed)(void *webhooks, const char *developer_id);
    void *webhooks;
} gx_api_options;

/* NULL when out of memory. What the options point at must outlive it. */
gx_api *gx_api_new(const gx_api_options *options);

/* No call may be open (gx_api_open_calls). */
void gx_api_free(gx_api *api);

/* For gx_http_options: every request of this thread comes in here. */
void gx_api_handle(void *api, gx_http_exchange *exchange);
void gx_api_reject(void *api, gx_http_exchange *exchange, int status, const char *reason);

/* Every now and then, on the loop's thread: answers who asks how the server is, where the store keeps silent. */
void gx_api_tick(gx_api *api, int64_t monotonic_ms);

/* Requests that are not answered yet. */
size_t gx_api_open_calls(const gx_api *api);

/* --- for endpoints --- */

const gx_authority *gx_api_authority(const gx_api *api);
gx_feed *gx_api_feed(gx_api *api);
gx_lanes *gx_api_lanes(const gx_api *api);
const gx_metrics *gx_api_metrics(const gx_api *api);
const gx_cors *gx_api_cors(const gx_api *api);
const char *gx_api_hsts(const gx_api *api); /* gx_api_options.hsts */

/* The key of "Authorization: Bearer <key>"; 401 otherwise. Loop thread. */
bool gx_call_bearer(gx_call *call, gx_span *key);

/* The live streams of all threads. */
gx_stream_ledger *gx_api_streams(const gx_api *api);

/* gx_api_options.behind_proxy, and the mailbox of this thread. */
bool gx_api_behind_proxy(const gx_api *api);
gx_mailbox *gx_api_mailbox(const gx_api *api);

/* Tells gx_api_options.webhooks. */
void gx_api_webhooks_changed(gx_api *api, const char *developer_id);

/* The authenticated developer, from prepare on; NULL on public endpoints. */
const char *gx_call_developer(const gx_call *call);

/* The hash of the API key that asks, or of the one behind the ticket; NULL where there is none. */
const char *gx_call_key_hash(const gx_call *call);

/* When that key opens nothing any more; INT64_MAX: it does not expire. */
int64_t gx_call_key_expires_at(const gx_call *call);

/* When the browser's session that asks is over; INT64_MAX when none does. */
int64_t gx_call_session_ends_at(const gx_call *call);

/* The browser's session that asks; empty when it is an API key. */
gx_span gx_call_browser_session(const gx_call *call);

/* The UUID of this request, as x-request-id and requestId carry it. */
const char *gx_api_request_id(const gx_call *call);

/* Renders and sends the answer, and frees the call. For a `complete` that answers later. */
void gx_call_answer(gx_call *call);

/* Answers call->problem and frees the call. For `complete`. */
void gx_call_answer_problem(gx_call *call);

/* Frees a call whose exchange was taken over. For `complete`. */
void gx_call_free(gx_call *call);

#endif
