/* Who asks how the server is hears it in time, whatever has become of the store: without the store's word, where that
 * does not come. */
#include "api/live_call.h"

enum { PATIENCE_MS = 2000, MOST_BYTES = 1024 * 1024 };

void gx_probe_begin(gx_live_call *live)
{
    if (live->call.endpoint->without_store != NULL)
        gx_list_push_back(&live->call.api->probes, &live->in_probes);
}

/* The lane may still write into everything of the call that is the lane's: args, problem, answer. */
static void answer_without_store(gx_live_call *live)
{
    const gx_endpoint *endpoint = live->call.endpoint;
    gx_answer answer = {
        .status = endpoint->success, .content_type = "application/json", .body = GX_BUFFER_INIT(MOST_BYTES)};
    endpoint->without_store(&live->call, &answer);
    const gx_answer_context context = gx_call_context(live);
    live->told_status = answer.status;
    gx_answer_send(live->call.exchange, &context, &answer);
    gx_buffer_free(&answer.body);
}

void gx_probe_end(gx_live_call *live)
{
    gx_list_remove(&live->in_probes);
    if (live->told_status == 0 && live->end != GX_JOB_KEPT && live->call.endpoint->without_store != NULL)
        answer_without_store(live);
}

void gx_api_tick(gx_api *api, int64_t monotonic_ms)
{
    while (!gx_list_empty(&api->probes)) {
        gx_live_call *oldest = GX_LIST_ENTRY(api->probes.next, gx_live_call, in_probes);
        if (monotonic_ms < oldest->began_us / 1000 + PATIENCE_MS)
            return;
        gx_list_remove(&oldest->in_probes);
        answer_without_store(oldest);
    }
}
