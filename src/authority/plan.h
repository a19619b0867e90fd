/* Plans: how much one developer may have. Whoever runs a server of his own has no plan, which is "enterprise". */
#ifndef GX_AUTHORITY_PLAN_H
#define GX_AUTHORITY_PLAN_H

#include <stdint.h>

#include "authority/act.h"

typedef enum gx_plan_kind {
    GX_PLAN_AGENTS,
    GX_PLAN_ACTIVE_GRANTS,
    GX_PLAN_WEBHOOKS,
    GX_PLAN_AUDIT_ENTRIES,
    GX_PLAN_KINDS,
} gx_plan_kind;

/* "free", "pro", "enterprise". */
const char *gx_plan_name(gx_plan plan);
bool gx_plan_find(const char *name, gx_plan *plan);

/* How many of a kind the developer who asks has. False on a store fault. */
typedef bool gx_plan_count(gx_act *act, int64_t *count);

/* Whether one more fits: 402 PLAN_LIMIT_EXCEEDED otherwise. Counts only where the plan has a limit. */
bool gx_plan_check(gx_act *act, gx_plan_kind kind, gx_plan_count *count);

#endif
