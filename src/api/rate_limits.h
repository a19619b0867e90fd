/* How often an endpoint may be called: which kinds of endpoints there are (each row in a noun's file names its own),
 * and the presets of numbers. */
#ifndef GX_API_RATE_LIMITS_H
#define GX_API_RATE_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "authority/act.h"

typedef enum gx_rate {
    GX_RATE_ORDINARY, /* what has no number of its own */
    GX_RATE_FREE,     /* never counted: what verifiers and supervisors ask for by themselves */
    GX_RATE_REVOKES,  /* takes authority back: never refused to who has the key (see rate_check.h) */
    GX_RATE_SIGN_UP,
    GX_RATE_SIGN_IN,   /* at the monitor */
    GX_RATE_AUTHORIZE, /* its number is per key, besides the general ones */
    GX_RATE_TOKEN,
    GX_RATE_TOKEN_REFRESH,
    GX_RATE_BUDGET_ALLOCATE,
    GX_RATE_BUDGET_DEBIT,
    GX_RATE_PRINCIPAL_SESSION,
    GX_RATE_WEBHOOK,
    GX_RATE_AUDIT_LOG,
    GX_RATE_METRICS,
    GX_RATE_KINDS,
} gx_rate;

typedef enum gx_rate_preset {
    GX_RATES_OFF,
    GX_RATES_DEFAULT,   /* stops a client that has run away, not one that is busy */
    GX_RATES_REFERENCE, /* the numbers of the hosted service */
} gx_rate_preset;

/* Calls per minute; 0: no limit. */
typedef struct gx_rate_limits {
    uint32_t client[GX_RATE_KINDS]; /* per client address */
    uint32_t key[GX_RATE_KINDS];    /* per API key, for this kind alone */
    uint32_t any_key;               /* per API key, for all kinds together */
} gx_rate_limits;

/* "off", "default", "reference". */
bool gx_rate_preset_find(const char *name, gx_rate_preset *preset);

/* Kinds without a number of their own share one per client. */
gx_rate_limits gx_rate_limits_of(gx_rate_preset preset, gx_plan plan);

/* Other general numbers: per client for the kinds without one of their own, per key for all. */
void gx_rate_limits_set_client(gx_rate_limits *limits, uint32_t per_minute);
void gx_rate_limits_set_key(gx_rate_limits *limits, uint32_t per_minute);

/* Whether the kind is counted together with all others that have no number of their own. */
bool gx_rate_is_shared(const gx_rate_limits *limits, gx_rate rate);

#endif
