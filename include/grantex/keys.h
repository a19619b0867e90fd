/* grantex/keys.h - the API keys of a developer: several, each with its scopes and perhaps an end. What all calls have
 * in common stands in grantex/agents.h. Creating, listing and revoking take a key with the scope "admin". */
#ifndef GRANTEX_KEYS_H
#define GRANTEX_KEYS_H

#include <stdint.h>

#include "grantex/client.h"
#include "grantex/sse.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct grantex_key {
    grantex_text id; /* "key_…" */
    grantex_text name;
    grantex_text api_key;    /* the key itself; "" but in the answer of create: keep it then */
    grantex_text masked_key; /* "gx_live_…7Qd2"; "" for a key from before they were kept */
    grantex_text created_at;
    grantex_text expires_at;    /* "": never */
    grantex_text last_used_at;  /* to the hour; "": never yet */
    const grantex_text *scopes; /* "events:read", "grants:write", "admin" */
    size_t scope_count;
    grantex_text json; /* the whole answer of the server, with the key where `api_key` has it */
} grantex_key;

typedef struct grantex_key_list {
    const grantex_key *items; /* those that are not over */
    size_t count;
    grantex_text json;
    uint64_t total; /* how many there are */
} grantex_key_list;

/* What a key is to be. */
typedef struct grantex_key_request {
    const char *name;          /* required */
    const char *const *scopes; /* required; ends with NULL: "events:read", "grants:write", "admin" */
    const char *expires_in;    /* "90d", "12h"; NULL: it does not expire */
    const void *reserved[4];   /* must be zero */
} grantex_key_request;

/* Makes a further key. The server keeps its hash only: nobody can show it again. *key is given to the caller:
 * grantex_key_free. */
GRANTEX_API grantex_status grantex_keys_create(grantex_client *client, const grantex_key_request *request,
                                               grantex_key **key, grantex_error *error);

/* Frees what was given; NULL is allowed. */
GRANTEX_API void grantex_key_free(grantex_key *key);

/* The keys of the developer. *list is given to the caller: grantex_key_list_free. */
GRANTEX_API grantex_status grantex_keys_list(grantex_client *client, grantex_key_list **list, grantex_error *error);

/* Frees what was given; NULL is allowed. */
GRANTEX_API void grantex_key_list_free(grantex_key_list *list);

/* Ends a key at once, and its streams within a second. The last one with "admin" that does not expire is refused:
 * GRANTEX_E_API, LAST_ADMIN_KEY. */
GRANTEX_API grantex_status grantex_keys_revoke(grantex_client *client, const char *key_id, grantex_error *error);

/* The key of the client has a successor. */
typedef struct grantex_key_rotation {
    grantex_text api_key; /* the new key itself, this once */
    grantex_text rotated_at;
    grantex_text previous_ends_at; /* until then the key of the client is good */
    grantex_key key;               /* the new one: same name, scopes and end; its `api_key` is "" */
    grantex_text json;
} grantex_key_rotation;

/* Puts another key in place of the one that the client has. The old one is good for `overlap` ("1h", "7d" at most);
 * NULL: it is over at once. Then an answer that gets lost takes the new key with it: what is repeated by the library is
 * GRANTEX_E_AUTH. With an overlap it is answered with the same key. The client goes on with the key that it has.
 * *rotation is given to the caller: grantex_key_rotation_free. */
GRANTEX_API grantex_status grantex_keys_rotate(grantex_client *client, const char *overlap,
                                               grantex_key_rotation **rotation, grantex_error *error);

/* Frees what was given; NULL is allowed. */
GRANTEX_API void grantex_key_rotation_free(grantex_key_rotation *rotation);

#ifdef __cplusplus
}
#endif
#endif
