#include "lib/call.h"

#include <errno.h>
#include <time.h>

#include "base/encoding.h"
#include "base/random.h"
#include "lib/backoff.h"
#include "lib/client.h"
#include "lib/fail.h"
#include "lib/transport.h"
#include "lib/url.h"

#define BACKOFF_BASE_MS    500
#define BACKOFF_MOST_MS    10000
#define RETRY_AFTER_MOST   60000
#define IDEMPOTENCY_PREFIX "Idempotency-Key: "

enum { AUTHORIZATION };

typedef struct call_state {
    gx_buffer url, idempotency, authorization;
    gx_buffer body;
    bool too_large; /* the body passed its limit */
    int http_status;
    const char *bearer;
    const char *headers[8];
} call_state;

/* --- the request -------------------------------------------------------------------------------------------------- */

static bool write_idempotency_key(gx_buffer *line, const char *given)
{
    uint8_t bytes[16];
    char hex[2 * sizeof bytes + 1];
    gx_buffer_append_text(line, IDEMPOTENCY_PREFIX);
    if (given) {
        gx_buffer_append_text(line, given);
        return true;
    }
    if (!gx_random_bytes(bytes, sizeof bytes))
        return false;
    gx_hex_write(hex, bytes, sizeof bytes);
    gx_buffer_append_text(line, hex);
    return true;
}

static grantex_status write_request(call_state *state, const grantex_client *client, const gx_call *call,
                                    grantex_error *error)
{
    size_t n = AUTHORIZATION + 1; /* that one is written before each attempt: it may change */
    gx_buffer_append_text(&state->url, client->base_url);
    gx_buffer_append_text(&state->url, call->path);
    state->headers[n++] = "Accept: application/json";
    state->headers[n++] = GX_USER_AGENT;
    if (call->body.len > 0) {
        if (!write_idempotency_key(&state->idempotency, call->idempotency_key))
            return gx_fail(error, GRANTEX_E_SYSTEM, "The system gives no random bytes");
        state->headers[n++] = "Content-Type: application/json";
        state->headers[n++] = gx_buffer_text(&state->idempotency);
    }
    if (!gx_buffer_text(&state->url) || state->idempotency.failed)
        return gx_fail_memory(error);
    return GRANTEX_OK;
}

/* --- the answer --------------------------------------------------------------------------------------------------- */

static gx_sunk take_body(void *context, const char *bytes, size_t length)
{
    call_state *state = context;
    state->too_large = length > state->body.limit - state->body.length;
    gx_buffer_append(&state->body, bytes, length);
    return state->body.failed ? GX_SUNK_FAILED : GX_SUNK;
}

static grantex_status judge_fault(const gx_response *response, const call_state *state, grantex_error *error)
{
    if (response->fault == GX_TRANSPORT_FAULT_SINK && state->too_large)
        return gx_fail(error, GRANTEX_E_TOO_LARGE, "The answer is longer than %zu bytes", state->body.limit);
    if (response->fault == GX_TRANSPORT_FAULT_SINK || response->fault == GX_TRANSPORT_FAULT_MEMORY)
        return gx_fail_memory(error);
    bool head = response->fault == GX_TRANSPORT_FAULT_HEAD;
    return gx_fail(error, head ? GRANTEX_E_TOO_LARGE : GRANTEX_E_NETWORK, "%s", response->message);
}

static grantex_status judge(const gx_response *response, const call_state *state, grantex_error *error)
{
    if (response->fault != GX_TRANSPORT_FAULT_NONE)
        return judge_fault(response, state, error);
    if (response->status >= 200 && response->status < 300)
        return GRANTEX_OK;
    return gx_fail_answer(error, response->status, gx_buffer_span(&state->body), response->request_id);
}

static bool may_repeat(const gx_response *response)
{
    if (response->fault != GX_TRANSPORT_FAULT_NONE)
        return response->fault == GX_TRANSPORT_FAULT_NETWORK;
    return response->status == 429 || (response->status >= 502 && response->status <= 504);
}

static void wait_before(int attempt, const gx_response *response)
{
    int64_t asked = response->retry_after_ms > 0 ? response->retry_after_ms : 0;
    asked = asked < RETRY_AFTER_MOST ? asked : RETRY_AFTER_MOST;
    int64_t ms = gx_backoff_ms(attempt - 1, asked, BACKOFF_BASE_MS, BACKOFF_MOST_MS);
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
        continue;
}

/* --- attempts ----------------------------------------------------------------------------------------------------- */

static gx_request request_of(call_state *state, const grantex_client *client, const gx_call *call)
{
    return (gx_request){
        .method = call->method,
        .url = gx_buffer_text(&state->url),
        .headers = state->headers,
        .body = call->body,
        .ca_file = client->ca_file,
        .connect_timeout_ms = client->connect_timeout_ms,
        .total_timeout_ms = client->request_timeout_ms,
        .limits = client->limits,
        .log = client->on_log,
        .log_user = client->log_user,
        .sink = take_body,
        .context = state,
    };
}

static bool write_authorization(call_state *state, grantex_client *client)
{
    if (!state->bearer)
        return gx_credentials_line(&client->credentials, &state->authorization);
    gx_buffer_clear(&state->authorization);
    gx_buffer_append_text(&state->authorization, "Authorization: Bearer ");
    gx_buffer_append_text(&state->authorization, state->bearer);
    return gx_buffer_text(&state->authorization) != NULL;
}

static grantex_status attempt(call_state *state, grantex_client *client, gx_transport *transport,
                              const gx_request *request, grantex_error *error)
{
    if (!write_authorization(state, client))
        return gx_fail_memory(error);
    state->headers[AUTHORIZATION] = state->authorization.data;
    gx_buffer_clear(&state->body);
    const gx_response *response = gx_transport_perform(transport, request);
    state->http_status = response->status;
    return judge(response, state, error);
}

/* A key that was refused is asked for anew once; that is no further attempt at the same. */
static grantex_status attempt_with_key(call_state *state, grantex_client *client, gx_transport *transport,
                                       const gx_request *request, grantex_error *error)
{
    grantex_status status = attempt(state, client, transport, request, error);
    if (status == GRANTEX_E_AUTH && !state->bearer &&
        gx_credentials_renew(&client->credentials, state->authorization.data))
        status = attempt(state, client, transport, request, error);
    return status;
}

static grantex_status repeat(call_state *state, grantex_client *client, const gx_call *call, gx_transport *transport,
                             int *attempts, grantex_error *error)
{
    gx_request request = request_of(state, client, call);
    for (*attempts = 1;; ++*attempts) {
        grantex_status status = attempt_with_key(state, client, transport, &request, error);
        const gx_response *response = gx_transport_response(transport);
        if (status == GRANTEX_OK || !may_repeat(response) || *attempts > client->max_retries)
            return status;
        wait_before(*attempts, response);
    }
}

static grantex_status run(call_state *state, grantex_client *client, const gx_call *call, int *attempts,
                          grantex_error *error)
{
    grantex_status status = write_request(state, client, call, error);
    if (status != GRANTEX_OK)
        return status;
    gx_transport *transport = gx_client_take_transport(client);
    if (!transport)
        return gx_fail_memory(error);
    status = repeat(state, client, call, transport, attempts, error);
    gx_client_return_transport(client, transport);
    return status;
}

grantex_status gx_call_perform(grantex_client *client, const gx_call *call, gx_reply *reply, grantex_error *error)
{
    call_state state = {.body = GX_BUFFER_INIT(client->max_response_bytes), .bearer = call->bearer};
    int attempts = 0;
    grantex_status status = run(&state, client, call, &attempts, error);
    if (status != GRANTEX_OK)
        gx_buffer_free(&state.body);
    *reply = (gx_reply){state.body, state.http_status, attempts};
    gx_buffer_free(&state.url);
    gx_buffer_free(&state.idempotency);
    gx_credentials_forget(&state.authorization);
    return status;
}
