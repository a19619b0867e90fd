#include "authority/api_key.h"

#include <stdio.h>
#include <string.h>

#include "authority/id.h"
#include "authority/key_scope.h"
#include "authority/secret.h"
#include "store/developers.h"

enum { LEAST_KEY_LENGTH = 16, MOST_KEY_LENGTH = 512, PREFIX = 8, LAST = 4 };

#define KEEP_ENDED_MS ((int64_t)60 * 60 * 1000) /* longer than any server takes to end the streams */
#define USED_STEP_MS  ((int64_t)60 * 60 * 1000)

/* --- who asks --- */

bool gx_api_key_well_formed(gx_span key)
{
    if (key.len < LEAST_KEY_LENGTH || key.len > MOST_KEY_LENGTH)
        return false;
    for (size_t i = 0; i < key.len; i++)
        if ((unsigned char)key.ptr[i] <= ' ' || key.ptr[i] == 0x7f)
            return false;
    return true;
}

static bool refuse_key(gx_act *act)
{
    return gx_refuse(act->problem, 401, "UNAUTHORIZED", "Invalid API key");
}

/* Who writes has taken the developer's row before the key is read: a key that ended meanwhile is seen to be over. */
static bool authenticate(gx_act *act, const char *hash, bool take)
{
    gx_developer_row developer;
    gx_api_key_row key;
    gx_database *database = act->txn->database;
    gx_step found = take ? gx_developers_take_by_key(database, act->arena, hash, &developer)
                         : gx_developers_find_by_key(database, act->arena, hash, &developer);
    if (found == GX_STEP_ROW)
        found = gx_api_keys_find_by_hash(database, act->arena, hash, &key);
    if (found == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    if (found == GX_STEP_DONE || key.expires_at <= act->txn->now_ms)
        return refuse_key(act);
    act->developer_id = developer.id;
    act->sandbox = strcmp(developer.mode, "sandbox") == 0;
    act->key_id = key.id;
    act->key_hash = key.hash;
    act->key_scopes = gx_key_scopes_read(key.scopes);
    act->key_expires_at = key.expires_at;
    act->session_ends_at = INT64_MAX;
    act->key_use_unknown = key.last_used_at + USED_STEP_MS <= act->txn->now_ms;
    return true;
}

bool gx_api_key_authenticate_hash(gx_act *act, const char *hash)
{
    return authenticate(act, hash, act->txn->log != NULL);
}

bool gx_api_key_authenticate_freely(gx_act *act, const char *hash)
{
    return authenticate(act, hash, false);
}

bool gx_api_key_authenticate(gx_act *act, gx_span bearer_key)
{
    char hash[GX_SECRET_HASH_SIZE];
    if (!gx_api_key_well_formed(bearer_key))
        return refuse_key(act);
    return gx_secret_hash(hash, bearer_key) ? gx_api_key_authenticate_hash(act, hash) : gx_act_no_memory(act);
}

/* --- a new one --- */

static const char *shown(gx_act *act, const char *key)
{
    char text[PREFIX + sizeof "…" + LAST];
    snprintf(text, sizeof text, "%.*s…%s", PREFIX, key, key + strlen(key) - LAST);
    return gx_arena_text(act->arena, text);
}

static const char *scopes_text(gx_act *act, unsigned scopes)
{
    gx_buffer words = GX_BUFFER_INIT(0);
    gx_key_scopes_write(scopes, &words);
    const char *text = words.failed ? NULL : gx_arena_text(act->arena, gx_buffer_text(&words));
    gx_buffer_free(&words);
    return text;
}

static bool insert(gx_act *act, const gx_api_key_row *row)
{
    if (row->name == NULL || row->scopes == NULL || row->shown == NULL)
        return gx_act_no_memory(act);
    return gx_api_keys_insert(act->txn->database, row) == GX_STEP_ROW || gx_act_store_failed(act);
}

static bool draw(gx_act *act, bool sandbox, gx_api_key_row *row, gx_new_api_key *out)
{
    char key[GX_API_KEY_SIZE], hash[GX_SECRET_HASH_SIZE];
    if (!gx_api_key_new(key, sandbox))
        return gx_refuse(act->problem, 503, "SERVICE_UNAVAILABLE", "The system gives no randomness; try again");
    const char *text = gx_arena_text(act->arena, key);
    if (text == NULL || !gx_secret_hash(hash, gx_span_of(text)))
        return gx_act_no_memory(act);
    row->id = gx_id_for(act, "key_");
    if (row->id == NULL)
        return false;
    row->hash = gx_arena_text(act->arena, hash);
    row->shown = shown(act, text);
    row->created_at = act->txn->now_ms;
    row->ended_by = NULL;
    row->last_used_at = 0;
    row->next = NULL;
    if (row->hash == NULL)
        return gx_act_no_memory(act);
    if (!insert(act, row))
        return false;
    *out = (gx_new_api_key){.row = *row, .text = text};
    return true;
}

bool gx_api_key_add(gx_act *act, const char *developer_id, bool sandbox, const gx_api_key_request *in,
                    gx_new_api_key *out)
{
    gx_api_key_row row = {
        .developer_id = developer_id,
        .name = in->name,
        .scopes = scopes_text(act, in->scopes),
        .expires_at = in->life_ms > 0 ? act->txn->now_ms + in->life_ms : GX_KEY_NEVER,
    };
    return draw(act, sandbox, &row, out);
}

/* What has been over for long is known to everybody. */
static bool clear_ended(gx_act *act)
{
    return gx_api_keys_clear(act->txn->database, act->developer_id, act->txn->now_ms - KEEP_ENDED_MS) ||
           gx_act_store_failed(act);
}

static bool has_room(gx_act *act)
{
    gx_api_key_row *row;
    size_t count = 0;
    if (!clear_ended(act) || !gx_api_key_list(act, &row))
        return false;
    for (; row != NULL; row = row->next)
        count++;
    return count < GX_MOST_API_KEYS ||
           gx_refuse(act->problem, 409, "CONFLICT",
                     "There are %d API keys already, the most that one developer may have", GX_MOST_API_KEYS);
}

bool gx_api_key_create(gx_act *act, const gx_api_key_request *in, gx_new_api_key *out)
{
    for (unsigned bit = 1; bit < 1u << GX_SCOPE_COUNT; bit <<= 1)
        if ((in->scopes & bit) != 0 && !gx_key_must(act, bit))
            return false;
    return has_room(act) && gx_api_key_add(act, act->developer_id, act->sandbox, in, out);
}

/* --- those that are there --- */

bool gx_api_key_list(gx_act *act, gx_api_key_row **first)
{
    return gx_api_keys_list(act->txn->database, act->arena, act->developer_id, act->txn->now_ms, first) ||
           gx_act_store_failed(act);
}

bool gx_api_key_own(gx_act *act, gx_api_key_row *out)
{
    return gx_api_keys_find_by_hash(act->txn->database, act->arena, act->key_hash, out) == GX_STEP_ROW ||
           gx_act_store_failed(act);
}

static bool is_lasting_admin(const gx_api_key_row *row)
{
    return row->expires_at == GX_KEY_NEVER && (gx_key_scopes_read(row->scopes) & GX_SCOPE_ADMIN) != 0;
}

/* One that was rotated and is about to end leaves its successor; it may go at once. */
static bool leaves_an_admin(gx_act *act, const gx_api_key_row *leaving)
{
    gx_api_key_row *row;
    if (!is_lasting_admin(leaving))
        return true;
    if (!gx_api_key_list(act, &row))
        return false;
    for (; row != NULL; row = row->next)
        if (strcmp(row->id, leaving->id) != 0 && is_lasting_admin(row))
            return true;
    return gx_refuse(
        act->problem, 409, "LAST_ADMIN_KEY",
        "This is the last API key with admin that does not expire: rotate it, or create another one first");
}

bool gx_api_key_revoke(gx_act *act, const char *id)
{
    gx_api_key_row row;
    gx_database *database = act->txn->database;
    switch (gx_api_keys_find(database, act->arena, act->developer_id, id, act->txn->now_ms, &row)) {
    case GX_STEP_ROW:
        break;
    case GX_STEP_DONE:
        return gx_refuse(act->problem, 404, "NOT_FOUND", "API key not found");
    default:
        return gx_act_store_failed(act);
    }
    if (!leaves_an_admin(act, &row))
        return false;
    return gx_api_keys_end(database, row.id, act->txn->now_ms, "revoked") || gx_act_store_failed(act);
}

bool gx_api_key_rotate(gx_act *act, int64_t overlap_ms, gx_new_api_key *out)
{
    gx_api_key_row row;
    if (!gx_api_key_own(act, &row))
        return false;
    if (row.ended_by != NULL)
        return gx_refuse(act->problem, 409, "CONFLICT", "This API key was rotated already; use its successor");
    int64_t end = act->txn->now_ms + overlap_ms;
    if (end > row.expires_at)
        end = row.expires_at;
    if (!(overlap_ms > 0 ? has_room(act) : clear_ended(act))) /* what goes at once makes room for its successor */
        return false;
    return (gx_api_keys_end(act->txn->database, row.id, end, "rotated") || gx_act_store_failed(act)) &&
           draw(act, act->sandbox, &row, out);
}
