/* The monitor's cookie: how it is written, and when what a browser sends along with it counts.
 *
 * A browser sends a cookie whoever's page makes it ask. So it counts only for what says that a page of this server
 * asks: by Sec-Fetch-Site or Origin, which no page can forge, and for whatever changes something by a token besides
 * that only a page of this server can have read. SameSite=Strict stands in front of both. An API key in the header
 * Authorization needs none of this: no browser sends one by itself. */
#ifndef GX_API_SESSION_COOKIE_H
#define GX_API_SESSION_COOKIE_H

#include "api/call.h"

#define GX_CSRF_HEADER "X-CSRF-Token"

/* The session in the request's cookie; empty when there is none. */
gx_span gx_session_cookie_find(const gx_call *call);

/* Whether the request may use it; 403 CSRF_REFUSED otherwise. Loop thread. */
bool gx_session_cookie_check(gx_call *call, gx_span session);

/* The value of Set-Cookie, in the arena; NULL when out of memory. It is for the API alone ("/v1"), under the path of
 * the public URL, and Secure where that is https. Without a session it takes the cookie away. */
const char *gx_session_cookie_write(const gx_call *call, gx_arena *arena, const char *session, int64_t life_s);

#endif
