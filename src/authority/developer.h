/* Developers: the tenants. Their API keys: api_key.h. */
#ifndef GX_AUTHORITY_DEVELOPER_H
#define GX_AUTHORITY_DEVELOPER_H

#include "authority/act.h"
#include "store/developers.h"

typedef struct gx_sign_up_request {
    const char *name;
    const char *email; /* as it was typed, or NULL */
    const char *mode;  /* "live", "sandbox"; NULL means live */
} gx_sign_up_request;

typedef struct gx_signed_up {
    gx_developer_row developer;
    const char *api_key; /* the first, with admin; the only time that anybody sees it */
} gx_signed_up;

/* Lets a stranger in, where this server does so at all (403 otherwise). 400 for an odd email, 409 for one already used.
 */
bool gx_developer_sign_up(gx_act *act, const gx_sign_up_request *in, gx_signed_up *out);

/* The same, by whoever runs the server. */
bool gx_developer_add(gx_act *act, const gx_sign_up_request *in, gx_signed_up *out);

/* The developer who asks. */
bool gx_developer_get(gx_act *act, gx_developer_row *out);

/* What the developer is called where a passkey is asked for: kept and shown, this server asks for none. */
bool gx_developer_name_fido_rp(gx_act *act, const char *fido_rp_name);

/* Deletes the developer who asks, who must name himself: from the commit on the key opens nothing, the sessions of his
 * principals end, the email is free. What the store has of him is erased later, a little at a time. */
bool gx_developer_delete(gx_act *act, const char *confirmed_id);

/* The sandbox developer of `grantexd dev`, made when it is not there yet, with this key from now on. */
bool gx_developer_ensure(gx_act *act, gx_span key, gx_developer_row *out);

#endif
