/* By what a request asks: an API key or a token in its head, a ticket in its URL, a browser's session in a cookie. */
#include <string.h>

#include "api/api.h"
#include "api/input.h"
#include "api/input_fault.h"
#include "api/live_call.h"
#include "api/session_cookie.h"

/* The key of "Bearer <key>" (RFC 6750 section 2.1): scheme in any case, blanks between, nothing behind. Empty when it
 * is anything else. */
static gx_span bearer_in(gx_span value)
{
    if (value.len == 0) /* and no pointer */
        return value;
    size_t scheme = 0;
    while (scheme < value.len && value.ptr[scheme] != ' ' && value.ptr[scheme] != '\t')
        scheme++;
    gx_span key = gx_span_trim((gx_span){value.ptr + scheme, value.len - scheme});
    bool one_word = key.len > 0 && memchr(key.ptr, ' ', key.len) == NULL && memchr(key.ptr, '\t', key.len) == NULL;
    bool is_bearer = one_word && gx_span_equal_nocase((gx_span){value.ptr, scheme}, GX_SPAN("Bearer"));
    return is_bearer ? key : (gx_span){0};
}

/* Of two Authorization headers a proxy in front may have believed the other one, so neither counts. */
bool gx_call_bearer(gx_call *call, gx_span *out)
{
    gx_span key = {0};
    if (!gx_http_header_repeated(call->request, "Authorization"))
        key = bearer_in(gx_span_trim(gx_http_header_find(call->request, "authorization")));
    if (key.len == 0)
        return gx_refuse(&call->problem, 401, "UNAUTHORIZED", "Missing or invalid Authorization header");
    *out = key;
    return true;
}

/* Of two that ask in different names it could not be told who is meant. */
static bool read_ticket(gx_live_call *live)
{
    const char *ticket;
    if (!gx_input_query(&live->call, "ticket", &ticket))
        return false;
    live->by_ticket = ticket != NULL;
    live->bearer = gx_span_of(ticket);
    return !live->by_ticket || gx_http_header_find(live->call.request, "Authorization").ptr == NULL ||
           gx_input_refuse(&live->call, "ticket", "must not come together with an Authorization header");
}

/* A key in the header counts alone. What changes something takes a cookie only where its row says so: a browser's
 * session rotates no key and deletes no developer. */
static bool read_cookie(gx_live_call *live)
{
    const gx_endpoint *endpoint = live->call.endpoint;
    bool takes = gx_access_by_key(endpoint->access) && (endpoint->work == GX_WORK_READ || endpoint->takes_cookie);
    if (takes && gx_http_header_find(live->call.request, "Authorization").ptr == NULL)
        live->bearer = gx_session_cookie_find(&live->call);
    live->by_cookie = live->bearer.len > 0;
    return !live->by_cookie || gx_session_cookie_check(&live->call, live->bearer);
}

bool gx_call_bearer_find(gx_live_call *live)
{
    gx_call *call = &live->call;
    if (call->endpoint->takes_ticket && !read_ticket(live))
        return false;
    if (!live->by_ticket && !read_cookie(live))
        return false;
    return live->by_ticket || live->by_cookie || gx_call_bearer(call, &live->bearer);
}
