/* What an API key may do. A key has one scope or several; admin is all of them. What a call needs is a set too: any of
 * it will do. */
#ifndef GX_AUTHORITY_KEY_SCOPE_H
#define GX_AUTHORITY_KEY_SCOPE_H

#include <stdbool.h>

#include "authority/act.h"
#include "base/buffer.h"

enum {
    GX_SCOPE_EVENTS_READ = 1,  /* "events:read": the log and its streams, and looking at all that it tells of */
    GX_SCOPE_GRANTS_WRITE = 2, /* "grants:write": agents, consent, grants, tokens, budgets, and looking at them */
    GX_SCOPE_ADMIN = 4,        /* "admin": everything, also keys, webhooks and the developer */
    GX_SCOPE_COUNT = 3,
    GX_SCOPE_ANY = (1 << GX_SCOPE_COUNT) - 1,
};

/* "events:read", "grants:write", "admin": that of bit 1 << i stands at i. */
extern const char *const GX_KEY_SCOPE_NAMES[GX_SCOPE_COUNT];

/* The scopes of "events:read grants:write", as the store has them; unknown words (of a newer server) count nothing. */
unsigned gx_key_scopes_read(const char *words);

/* The words, with a blank between. */
void gx_key_scopes_write(unsigned scopes, gx_buffer *out);

/* Whether who asks may do what needs one of these: `gx_key_may(act, GX_SCOPE_GRANTS_WRITE)`. Also by a ticket or a
 * browser's session: they may what their key may. False for who asks by no key. */
bool gx_key_may(const gx_act *act, unsigned any_of);

/* The same, refusing (403 FORBIDDEN, naming the scope) who may not. */
bool gx_key_must(gx_act *act, unsigned any_of);

#endif
