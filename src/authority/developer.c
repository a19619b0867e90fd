#include "authority/developer.h"

#include <string.h>

#include "authority/api_key.h"
#include "authority/id.h"
#include "authority/key_scope.h"
#include "authority/secret.h"

enum { MOST_EMAIL_LENGTH = 254 };

/* Nobody can sign up with it: it has no dot behind the '@'. */
#define DEV_EMAIL    "dev@localhost"
#define DEV_KEY_NAME "grantexd dev"

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

static bool make_row(gx_act *act, gx_developer_row *row)
{
    row->id = gx_id_for(act, "dev_");
    row->created_at = act->txn->now_ms;
    return row->id != NULL;
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

bool gx_developer_add(gx_act *act, const gx_sign_up_request *in, gx_signed_up *out)
{
    const gx_api_key_request first = {.name = "first key", .scopes = GX_SCOPE_ADMIN};
    gx_developer_row row = {.name = in->name, .mode = in->mode == NULL ? "live" : in->mode};
    gx_new_api_key key;
    if (!read_email(act, in->email, &row.email) || !make_row(act, &row) || !insert(act, &row) ||
        !gx_api_key_add(act, row.id, strcmp(row.mode, "sandbox") == 0, &first, &key))
        return false;
    *out = (gx_signed_up){.developer = row, .api_key = key.text};
    return true;
}

bool gx_developer_sign_up(gx_act *act, const gx_sign_up_request *in, gx_signed_up *out)
{
    if (!act->authority->open_signup)
        return gx_refuse(act->problem, 403, "FORBIDDEN",
                         "Sign-up is closed on this server: whoever runs it lets developers in");
    return gx_developer_add(act, in, out);
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

bool gx_developer_delete(gx_act *act, const char *confirmed_id)
{
    if (strcmp(confirmed_id, act->developer_id) != 0)
        return gx_refuse(act->problem, 400, "BAD_REQUEST",
                         "confirm: must be your own developerId, as GET /v1/me tells it");
    return gx_developers_delete(act->txn->database, act->developer_id, act->txn->now_ms) || gx_act_store_failed(act);
}

/* Two developers with one key would be one: the key may be free or the developer's own. */
static bool find_key(gx_act *act, const char *hash, const char *developer_id, gx_api_key_row *out, bool *there)
{
    gx_step found = gx_api_keys_find_by_hash(act->txn->database, act->arena, hash, out);
    if (found == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    *there = found == GX_STEP_ROW;
    return !*there || strcmp(out->developer_id, developer_id) == 0 ||
           gx_refuse(act->problem, 409, "CONFLICT", "This API key belongs to another developer");
}

/* Whoever starts `grantexd dev` with another key has rotated it. */
static bool end_other_dev_keys(gx_act *act, const char *developer_id, const char *hash)
{
    gx_api_key_row *row;
    gx_database *database = act->txn->database;
    if (!gx_api_keys_list(database, act->arena, developer_id, act->txn->now_ms, &row))
        return gx_act_store_failed(act);
    for (; row != NULL; row = row->next)
        if (strcmp(row->name, DEV_KEY_NAME) == 0 && strcmp(row->hash, hash) != 0 &&
            !gx_api_keys_end(database, row->id, act->txn->now_ms, "rotated"))
            return gx_act_store_failed(act);
    return true;
}

static bool keep_key(gx_act *act, const char *hash, const char *developer_id)
{
    gx_api_key_row key;
    bool there = false;
    if (!find_key(act, hash, developer_id, &key, &there) || !end_other_dev_keys(act, developer_id, hash))
        return false;
    if (there)
        return gx_api_keys_revive(act->txn->database, key.id) || gx_act_store_failed(act);
    key = (gx_api_key_row){
        .id = gx_id_for(act, "key_"),
        .developer_id = developer_id,
        .hash = hash,
        .name = DEV_KEY_NAME,
        .scopes = GX_KEY_SCOPE_NAMES[GX_SCOPE_COUNT - 1],
        .created_at = act->txn->now_ms,
        .expires_at = GX_KEY_NEVER,
    };
    return key.id != NULL && (gx_api_keys_insert(act->txn->database, &key) == GX_STEP_ROW || gx_act_store_failed(act));
}

bool gx_developer_ensure(gx_act *act, gx_span key, gx_developer_row *out)
{
    char hash[GX_SECRET_HASH_SIZE];
    if (!gx_api_key_well_formed(key))
        return gx_act_bad_request(act, "An API key has 16 to 512 characters and no blanks");
    if (!gx_secret_hash(hash, key))
        return gx_act_no_memory(act);
    gx_developer_row row = {.name = "Developer", .email = DEV_EMAIL, .mode = "sandbox"};
    gx_step found = gx_developers_find_by_email(act->txn->database, act->arena, DEV_EMAIL, &row);
    if (found == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    if (found == GX_STEP_DONE && (!make_row(act, &row) || !insert(act, &row)))
        return false;
    if (!keep_key(act, hash, row.id))
        return false;
    *out = row;
    return true;
}
