/* Browser sessions: whoever pastes an API key into the monitor once gets a session for it, which the browser keeps in a
 * cookie that no script can read. It may do what its key may do, for half a day at most, and ends before with the key
 * (rotated, or its developer deleted) or when its owner signs out. */
#ifndef GX_AUTHORITY_BROWSER_SESSION_H
#define GX_AUTHORITY_BROWSER_SESSION_H

#include "authority/act.h"
#include "authority/secret.h"

#define GX_BROWSER_SESSION_LIFE_MS ((int64_t)12 * 60 * 60 * 1000)

typedef struct gx_browser_session {
    const char *text; /* goes into the cookie; kept only as a hash */
    int64_t expires_at;
} gx_browser_session;

/* For who asks, by the API key that he asks with. */
bool gx_browser_session_begin(gx_act *act, gx_browser_session *out);

/* Whose session this is: sets what gx_api_key_authenticate sets by its key. 401 when there is none such, it has
 * expired, or its key opens nothing any more. */
bool gx_browser_session_authenticate(gx_act *act, gx_span session);

/* When it ends. The session is one that has authenticated this act. */
bool gx_browser_session_expiry(gx_act *act, gx_span session, int64_t *expires_at);

/* Ends it. */
bool gx_browser_session_end(gx_act *act, gx_span session);

/* What a page of ours sends along with each action, to show that it is one: it follows from the session, which pages of
 * others can make the browser send but not read. False only when OpenSSL is out of memory. */
bool gx_browser_session_csrf_token(char out[static GX_SECRET_HASH_SIZE], gx_span session);

#endif
