#include "authority/browser_session.h"

#include "authority/api_key.h"
#include "base/buffer.h"
#include "store/browser_sessions.h"

bool gx_browser_session_begin(gx_act *act, gx_browser_session *out)
{
    char session[GX_BROWSER_SESSION_SIZE], hash[GX_SECRET_HASH_SIZE];
    if (!gx_browser_session_new(session))
        return gx_refuse(act->problem, 503, "SERVICE_UNAVAILABLE", "The system gives no randomness; try again");
    if (!gx_secret_hash(hash, gx_span_of(session)))
        return gx_act_no_memory(act);
    const gx_browser_session_row row = {
        .hash = hash,
        .developer_id = act->developer_id,
        .key_hash = act->key_hash,
        .created_at = act->txn->now_ms,
        .expires_at = act->txn->now_ms + GX_BROWSER_SESSION_LIFE_MS,
    };
    if (!gx_browser_sessions_insert(act->txn->database, &row))
        return gx_act_store_failed(act);
    *out = (gx_browser_session){.text = gx_arena_text(act->arena, session), .expires_at = row.expires_at};
    return out->text != NULL || gx_act_no_memory(act);
}

/* Why is nobody's business: who guesses learns nothing. */
static bool refuse(gx_act *act)
{
    return gx_refuse(act->problem, 401, "UNAUTHORIZED", "This session is over; sign in again");
}

static bool find(gx_act *act, gx_span session, gx_browser_session_row *out)
{
    char hash[GX_SECRET_HASH_SIZE];
    if (!gx_secret_hash(hash, session))
        return gx_act_no_memory(act);
    gx_step found = gx_browser_sessions_find(act->txn->database, act->arena, hash, out);
    if (found == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    return (found == GX_STEP_ROW && out->expires_at > act->txn->now_ms) || refuse(act);
}

bool gx_browser_session_authenticate(gx_act *act, gx_span session)
{
    gx_browser_session_row row = {0};
    if (!find(act, session, &row))
        return false;
    if (!gx_api_key_authenticate_hash(act, row.key_hash))
        return act->problem->status == 401 ? refuse(act) : false;
    act->session_ends_at = row.expires_at;
    return true;
}

bool gx_browser_session_expiry(gx_act *act, gx_span session, int64_t *expires_at)
{
    gx_browser_session_row row = {0};
    if (!find(act, session, &row))
        return false;
    *expires_at = row.expires_at;
    return true;
}

bool gx_browser_session_end(gx_act *act, gx_span session)
{
    char hash[GX_SECRET_HASH_SIZE];
    if (!gx_secret_hash(hash, session))
        return gx_act_no_memory(act);
    return gx_browser_sessions_delete(act->txn->database, hash) || gx_act_store_failed(act);
}

bool gx_browser_session_csrf_token(char out[static GX_SECRET_HASH_SIZE], gx_span session)
{
    gx_buffer text = GX_BUFFER_INIT(0);
    gx_buffer_append_text(&text, "grantex csrf ");
    gx_buffer_append_span(&text, session);
    bool hashed = !text.failed && gx_secret_hash(out, gx_buffer_span(&text));
    gx_buffer_free(&text);
    return hashed;
}
