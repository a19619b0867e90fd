#include "authority/plan.h"

#include <string.h>

typedef struct plan_row {
    const char *name;
    int64_t most[GX_PLAN_KINDS]; /* 0: no limit */
} plan_row;

static const plan_row PLANS[] = {
    [GX_PLAN_ENTERPRISE] = {"enterprise", {0}},
    [GX_PLAN_FREE] = {"free",
                      {
                          [GX_PLAN_AGENTS] = 500,
                          [GX_PLAN_ACTIVE_GRANTS] = 1000,
                          [GX_PLAN_WEBHOOKS] = 30,
                          [GX_PLAN_AUDIT_ENTRIES] = 20000,
                      }},
    [GX_PLAN_PRO] = {"pro",
                     {
                         [GX_PLAN_AGENTS] = 5000,
                         [GX_PLAN_ACTIVE_GRANTS] = 50000,
                         [GX_PLAN_WEBHOOKS] = 200,
                         [GX_PLAN_AUDIT_ENTRIES] = 1000000,
                     }},
};

static const char *const KINDS[GX_PLAN_KINDS] = {
    [GX_PLAN_AGENTS] = "agents",
    [GX_PLAN_ACTIVE_GRANTS] = "active grants",
    [GX_PLAN_WEBHOOKS] = "webhooks",
    [GX_PLAN_AUDIT_ENTRIES] = "audit entries",
};

const char *gx_plan_name(gx_plan plan)
{
    return PLANS[plan].name;
}

bool gx_plan_find(const char *name, gx_plan *plan)
{
    for (size_t i = 0; i < sizeof PLANS / sizeof *PLANS; i++) {
        if (strcmp(PLANS[i].name, name) == 0) {
            *plan = (gx_plan)i;
            return true;
        }
    }
    return false;
}

bool gx_plan_check(gx_act *act, gx_plan_kind kind, gx_plan_count *count)
{
    const plan_row *plan = &PLANS[act->authority->plan];
    int64_t present;
    if (plan->most[kind] == 0)
        return true;
    if (!count(act, &present))
        return gx_act_store_failed(act);
    return present < plan->most[kind] ||
           gx_refuse(act->problem, 402, "PLAN_LIMIT_EXCEEDED", "The plan %s has room for %lld %s", plan->name,
                     (long long)plan->most[kind], KINDS[kind]);
}
