#include "api/session_cookie.h"

#include <string.h>

#include "api/api.h"
#include "authority/browser_session.h"

/* RFC 6265bis section 4.1.3.1: with the prefix a page of plain HTTP cannot put one of its own in the way. */
#define PLAIN_NAME  "grantex_session"
#define SECURE_NAME "__Secure-grantex_session"

static gx_span public_url(const gx_call *call)
{
    return gx_span_of(gx_api_authority(call->api)->public_url);
}

static bool is_secure(const gx_call *call)
{
    return strncmp(public_url(call).ptr, "https://", strlen("https://")) == 0;
}

static const char *name_of(const gx_call *call)
{
    return is_secure(call) ? SECURE_NAME : PLAIN_NAME;
}

/* "https://host:8443/base": where "/base" begins, or the end. */
static const char *path_of(const gx_call *call)
{
    const char *host = strstr(public_url(call).ptr, "://") + 3;
    const char *slash = strchr(host, '/');
    return slash != NULL ? slash : host + strlen(host);
}

gx_span gx_session_cookie_find(const gx_call *call)
{
    gx_span rest = gx_http_header_find(call->request, "Cookie"), pair, name;
    while (gx_span_split(&rest, ';', &pair)) {
        if (gx_span_split(&pair, '=', &name) && gx_span_equal(gx_span_trim(name), gx_span_of(name_of(call))))
            return gx_span_trim(pair);
    }
    return (gx_span){0};
}

/* --- who asks --- */

static bool is_safe(const gx_call *call)
{
    return strcmp(call->endpoint->method, "GET") == 0;
}

/* A browser that knows Sec-Fetch-Site says so itself (it does where it was reached by https, or is on this machine);
 * any other names the origin with whatever is no plain GET. Behind a proxy that is the public URL's, if not the Host's.
 */
static bool is_of_own_page(const gx_call *call)
{
    gx_span site = gx_span_trim(gx_http_header_find(call->request, "Sec-Fetch-Site"));
    if (site.len > 0)
        return gx_span_equal(site, GX_SPAN("same-origin")) || (is_safe(call) && gx_span_equal(site, GX_SPAN("none")));
    char own[256];
    gx_span url = public_url(call);
    snprintf(own, sizeof own, "%.*s", (int)(path_of(call) - url.ptr), url.ptr);
    const char *const origins[] = {own};
    return gx_cors_admits(&(gx_cors){.origins = origins, .count = 1}, call->request);
}

static bool has_token(gx_call *call, gx_span session)
{
    char token[GX_SECRET_HASH_SIZE];
    if (!gx_browser_session_csrf_token(token, session))
        return false;
    gx_span sent = gx_span_trim(gx_http_header_find(call->request, GX_CSRF_HEADER));
    return sent.len > 0 && gx_secret_equal(sent, gx_span_of(token));
}

bool gx_session_cookie_check(gx_call *call, gx_span session)
{
    if (!is_of_own_page(call))
        return gx_refuse(&call->problem, 403, "CSRF_REFUSED", "A page of another origin cannot use this session");
    return is_safe(call) || has_token(call, session) ||
           gx_refuse(&call->problem, 403, "CSRF_REFUSED",
                     GX_CSRF_HEADER ": must be the csrfToken that GET /v1/session tells for this session");
}

/* --- the cookie --- */

const char *gx_session_cookie_write(const gx_call *call, gx_arena *arena, const char *session, int64_t life_s)
{
    return gx_arena_printf(arena, "%s=%s; Path=%s/v1; Max-Age=%lld; HttpOnly; SameSite=Strict%s", name_of(call),
                           session != NULL ? session : "", path_of(call), (long long)(session != NULL ? life_s : 0),
                           is_secure(call) ? "; Secure" : "");
}
