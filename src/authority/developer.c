#include "authority/developer.h"

#include <string.h>

#include "authority/id.h"
#include "authority/secret.h"

enum { LEAST_KEY_LENGTH = 16, MOST_KEY_LENGTH = 512, MOST_EMAIL_LENGTH = 254 };

/* Nobody can sign up with it: it has no dot behind the '@'. */
#define DEV_EMAIL "dev@localhost"

/* x@y.z, no more: only a letter that arrives proves an address. */
static bool email_is_plausible(gx_span email)
{
    if (email.len == 0 || email.len > MOST_EMAIL_LENGTH)
        return false;
    for (size_t i = 0; i < email.len; i++)
        if ((unsigned char)email.ptr[i] <= ' ' || email.ptr[i] == 0x7f)
            return false;
    const char *at = memchr(email.ptr, '@', email.len);
    if (at == NULL || at == email.ptr)
        return false;
    gx_span domain = {at + 1, (size_t)(email.ptr + email.len - at - 1)};
    const char *dot = memchr(domain.ptr, '.', domain.len);
    return memchr(domain.ptr, '@', domain.len) == NULL && dot != NULL && dot > domain.ptr &&
           domain.ptr[domain.len - 1] != '.';
}

/* Lower case, without blanks around it; NULL stays NULL. */
static bool read_email(gx_act *act, const char *given, const char **out)
{
    if (given == NULL) {
        *out = NULL;
        return true;
    }
    gx_span trimmed = gx_span_trim(gx_span_of(given));
    if (!email_is_plausible(trimmed))
        return gx_refuse(act->problem, 400, "BAD_REQUEST", "email: must look like name@example.com, at most %d bytes",
                         MOST_EMAIL_LENGTH);
    char *email = gx_arena_copy(act->arena, trimmed);
    if (email == NULL)
        return gx_act_no_memory(act);
    for (char *c = email; *c != '\0'; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    *out = email;
    return true;
}

static bool make_row(gx_act *act, gx_span key, gx_developer_row *row)
{
    char hash[GX_SECRET_HASH_SIZE];
    if (!gx_secret_hash(hash, key))
        return gx_act_no_memory(act);
    row->id = gx_id_for(act, "dev_");
    if (row->id == NULL)
        return false;
    row->key_hash = gx_arena_text(act->arena, hash);
    row->created_at = act->txn->now_ms;
    return row->key_hash != NULL || gx_act_no_memory(act);
}

static bool insert(gx_act *act, const gx_developer_row *row)
{
    switch (gx_developers_insert(act->txn->database, row)) {
    case GX_STEP_ROW:
        return true;
    case GX_STEP_DONE:
        return gx_refuse(act->problem, 409, "CONFLICT", "email: a developer with this address exists already");
    default:
        return gx_act_store_failed(act);
    }
}

/* A new key in the act's arena; NULL after refusing. */
static const char *draw_key(gx_act *act, bool sandbox)
{
    char key[GX_API_KEY_SIZE];
    const char *kept = gx_api_key_new(key, sandbox) ? gx_arena_text(act->arena, key) : NULL;
    if (kept == NULL)
        gx_act_no_memory(act);
    return kept;
}

bool gx_developer_add(gx_act *act, const gx_sign_up_request *in, gx_signed_up *out)
{
    gx_developer_row row = {.name = in->name, .mode = in->mode == NULL ? "live" : in->mode};
    const char *api_key = draw_key(act, strcmp(row.mode, "sandbox") == 0);
    if (api_key == NULL)
        return false;
    if (!read_email(act, in->email, &row.email) || !make_row(act, gx_span_of(api_key), &row) || !insert(act, &row))
        return false;
    *out = (gx_signed_up){.developer = row, .api_key = api_key};
    return true;
}

bool gx_developer_sign_up(gx_act *act, const gx_sign_up_request *in, gx_signed_up *out)
{
    if (!act->authority->open_signup)
        return gx_refuse(act->problem, 403, "FORBIDDEN",
                         "Sign-up is closed on this server: whoever runs it lets developers in");
    return gx_developer_add(act, in, out);
}

static bool key_is_well_formed(gx_span key)
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

bool gx_developer_authenticate(gx_act *act, gx_span bearer_key)
{
    char hash[GX_SECRET_HASH_SIZE];
    if (!key_is_well_formed(bearer_key))
        return refuse_key(act);
    return gx_secret_hash(hash, bearer_key) ? gx_developer_authenticate_hash(act, hash) : gx_act_no_memory(act);
}

bool gx_developer_authenticate_hash(gx_act *act, const char *key_hash)
{
    gx_developer_row row;
    bool writes = act->txn->log != NULL;
    gx_step found = writes ? gx_developers_take_by_key(act->txn->database, act->arena, key_hash, &row)
                           : gx_developers_find_by_key(act->txn->database, act->arena, key_hash, &row);
    if (found == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    if (found == GX_STEP_DONE)
        return refuse_key(act);
    act->developer_id = row.id;
    act->key_hash = row.key_hash;
    act->sandbox = strcmp(row.mode, "sandbox") == 0;
    return true;
}

bool gx_developer_get(gx_act *act, gx_developer_row *out)
{
    return gx_developers_find(act->txn->database, act->arena, act->developer_id, out) == GX_STEP_ROW ||
           gx_act_store_failed(act);
}

bool gx_developer_name_fido_rp(gx_act *act, const char *fido_rp_name)
{
    return gx_developers_set_fido_rp_name(act->txn->database, act->developer_id, fido_rp_name) ||
           gx_act_store_failed(act);
}

bool gx_developer_rotate_key(gx_act *act, const char **api_key)
{
    char hash[GX_SECRET_HASH_SIZE];
    const char *key = draw_key(act, act->sandbox);
    if (key == NULL)
        return false;
    if (!gx_secret_hash(hash, gx_span_of(key)))
        return gx_act_no_memory(act);
    if (!gx_developers_set_key(act->txn->database, act->developer_id, hash))
        return gx_act_store_failed(act);
    *api_key = key;
    return true;
}

bool gx_developer_delete(gx_act *act, const char *confirmed_id)
{
    if (strcmp(confirmed_id, act->developer_id) != 0)
        return gx_refuse(act->problem, 400, "BAD_REQUEST",
                         "confirm: must be your own developerId, as GET /v1/me tells it");
    return gx_developers_delete(act->txn->database, act->developer_id, act->txn->now_ms) || gx_act_store_failed(act);
}

/* Two developers with one key would be one: the key may be free or the developer's own. */
static bool key_is_free(gx_act *act, const gx_developer_row *developer)
{
    gx_developer_row holder;
    switch (gx_developers_find_by_key(act->txn->database, act->arena, developer->key_hash, &holder)) {
    case GX_STEP_DONE:
        return true;
    case GX_STEP_ROW:
        return strcmp(holder.id, developer->id) == 0 ||
               gx_refuse(act->problem, 409, "CONFLICT", "This API key belongs to another developer");
    default:
        return gx_act_store_failed(act);
    }
}

static bool set_key(gx_act *act, const gx_developer_row *row)
{
    return gx_developers_set_key(act->txn->database, row->id, row->key_hash) || gx_act_store_failed(act);
}

bool gx_developer_ensure(gx_act *act, gx_span key, gx_developer_row *out)
{
    if (!key_is_well_formed(key))
        return gx_refuse(act->problem, 400, "BAD_REQUEST", "An API key has %d to %d characters and no blanks",
                         LEAST_KEY_LENGTH, MOST_KEY_LENGTH);
    gx_developer_row row = {.name = "Developer", .email = DEV_EMAIL, .mode = "sandbox"}, present;
    if (!make_row(act, key, &row))
        return false;
    gx_step found = gx_developers_find_by_email(act->txn->database, act->arena, DEV_EMAIL, &present);
    if (found == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    if (found == GX_STEP_ROW) {
        present.key_hash = row.key_hash;
        row = present;
    }
    if (!key_is_free(act, &row))
        return false;
    if (!(found == GX_STEP_ROW ? set_key(act, &row) : insert(act, &row)))
        return false;
    *out = row;
    return true;
}
