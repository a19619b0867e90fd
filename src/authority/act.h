/* An act: one use of authority, by somebody, inside one store transaction. Every rule takes one. */
#ifndef GX_AUTHORITY_ACT_H
#define GX_AUTHORITY_ACT_H

#include <stdbool.h>

#include "authority/problem.h"
#include "base/arena.h"
#include "store/txn.h"

typedef struct gx_signing_key gx_signing_key; /* authority/signing_key.h */

typedef enum gx_plan { GX_PLAN_ENTERPRISE, GX_PLAN_FREE, GX_PLAN_PRO } gx_plan; /* authority/plan.h */

/* What is the same for every act of this server. */
typedef struct gx_authority {
    const char *public_url; /* "http://127.0.0.1:8480", no slash at the end: `iss` of tokens, base of consentUrl */
    const gx_signing_key *signing_key; /* immutable, shared by all threads */
    bool open_signup;                  /* whether POST /v1/signup lets strangers in */
    bool private_webhooks;             /* whether webhooks may be http, and lead to this machine or its neighbours */
    int webhook_attempts;              /* after so many an event is given up */
    int most_delegation_depth;         /* so many grants may hang below each other under one of a principal's */
    gx_plan plan;                      /* of every developer */
} gx_authority;

typedef struct gx_act {
    gx_txn *txn;
    gx_arena *arena;     /* results live here, strings NUL-terminated */
    gx_problem *problem; /* filled when a rule returns false */
    const gx_authority *authority;
    /* Who asks, by API key or session; NULL for public endpoints. In an act that writes, the developer's row is taken
     * with it, before anything else and until the transaction ends: all that changes what a developer has happens one
     * after the other, whatever lane or node it comes through. */
    const char *developer_id;
    /* The API key that asks, also through a ticket or a browser's session; NULL and 0 otherwise. */
    const char *key_id;       /* key_… */
    const char *key_hash;     /* SHA-256, as the store has it */
    unsigned key_scopes;      /* what it may do: authority/key_scope.h */
    int64_t key_expires_at;   /* INT64_MAX: never */
    bool key_use_unknown;     /* when it was last used is not written down to the hour */
    bool sandbox;             /* that developer's mode */
    int64_t session_ends_at;  /* of the browser's session that asks by that key; INT64_MAX: there is none */
    const char *principal_id; /* the developer's user who asks, by session; NULL otherwise */
} gx_act;

/* The store failed in the middle: 503 SERVICE_UNAVAILABLE, 507 when it is full, 500 when the defect is ours. Returns
 * false. */
bool gx_act_store_failed(gx_act *act);

/* Out of memory in the arena: 503. Returns false. */
bool gx_act_no_memory(gx_act *act);

/* What was asked for cannot be had in this way: 400 BAD_REQUEST. Returns false. */
bool gx_act_bad_request(gx_act *act, const char *message);

#endif
