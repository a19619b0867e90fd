/* API keys: a developer has several, each shown once and kept as a hash, each with what it may do and until when. */
#ifndef GX_AUTHORITY_API_KEY_H
#define GX_AUTHORITY_API_KEY_H

#include "authority/act.h"
#include "store/api_keys.h"

enum { GX_MOST_API_KEYS = 100 }; /* of one developer that are not over */

typedef struct gx_api_key_request {
    const char *name;
    unsigned scopes; /* authority/key_scope.h */
    int64_t life_ms; /* 0: it does not expire */
} gx_api_key_request;

typedef struct gx_new_api_key {
    gx_api_key_row row;
    const char *text; /* the only time that anybody sees it */
} gx_new_api_key;

/* Whose key this is: sets the act's developer_id, sandbox and key. 401 when it is nobody's, or is over. */
bool gx_api_key_authenticate(gx_act *act, gx_span bearer_key);

/* The same by the hash of a key, as the store has it. */
bool gx_api_key_authenticate_hash(gx_act *act, const char *hash);

/* The same for what already holds something of its own in the store and must not wait for the developer's row. */
bool gx_api_key_authenticate_freely(gx_act *act, const char *hash);

/* 16 to 512 characters, no blanks. */
bool gx_api_key_well_formed(gx_span key);

/* Draws a key of that mode for a developer who is in the store, or soon will be. */
bool gx_api_key_add(gx_act *act, const char *developer_id, bool sandbox, const gx_api_key_request *in,
                    gx_new_api_key *out);

/* A further one for the developer who asks. 403 for scopes that the key which asks has not, 409 beyond
 * GX_MOST_API_KEYS. */
bool gx_api_key_create(gx_act *act, const gx_api_key_request *in, gx_new_api_key *out);

/* Those of the developer who asks that are not over, oldest first. */
bool gx_api_key_list(gx_act *act, gx_api_key_row **first);

/* The key that asks. */
bool gx_api_key_own(gx_act *act, gx_api_key_row *out);

/* Ends one of them from the commit on. 404 when there is none such; 409 LAST_ADMIN_KEY for one with admin unless
 * another with admin that does not expire remains: nobody could let anybody in any more. */
bool gx_api_key_revoke(gx_act *act, const char *id);

/* Draws another key for the one that asks: same name, scopes and expiry. The old one is over `overlap_ms` from now, 0
 * for at once. 409 when it was rotated already. */
bool gx_api_key_rotate(gx_act *act, int64_t overlap_ms, gx_new_api_key *out);

#endif
