#include "api/rate_limits.h"

#include <stddef.h>
#include <string.h>

typedef struct preset_row {
    const char *name;
    uint32_t client[GX_RATE_KINDS]; /* 0: the number of GX_RATE_ORDINARY */
    uint32_t key[GX_RATE_KINDS];
    uint32_t any_key[3]; /* by plan */
} preset_row;

static const preset_row PRESETS[] = {
    [GX_RATES_OFF] = {.name = "off"},
    [GX_RATES_DEFAULT] =
        {
            .name = "default",
            .client =
                {
                    [GX_RATE_ORDINARY] = 600000,
                    [GX_RATE_SIGN_UP] = 30,
                    [GX_RATE_SIGN_IN] = 30,
                    [GX_RATE_PRINCIPAL_SESSION] = 600,
                    [GX_RATE_METRICS] = 60,
                },
            .any_key = {[GX_PLAN_FREE] = 600000, [GX_PLAN_PRO] = 600000, [GX_PLAN_ENTERPRISE] = 600000},
        },
    [GX_RATES_REFERENCE] =
        {
            .name = "reference",
            .client =
                {
                    [GX_RATE_ORDINARY] = 5000,
                    [GX_RATE_SIGN_UP] = 30,
                    [GX_RATE_SIGN_IN] = 10,
                    [GX_RATE_TOKEN] = 20,
                    [GX_RATE_TOKEN_REFRESH] = 20,
                    [GX_RATE_BUDGET_ALLOCATE] = 30,
                    [GX_RATE_BUDGET_DEBIT] = 30,
                    [GX_RATE_PRINCIPAL_SESSION] = 10,
                    [GX_RATE_WEBHOOK] = 30,
                    [GX_RATE_AUDIT_LOG] = 30,
                    [GX_RATE_METRICS] = 10,
                },
            .key = {[GX_RATE_AUTHORIZE] = 10},
            .any_key = {[GX_PLAN_FREE] = 100, [GX_PLAN_PRO] = 500, [GX_PLAN_ENTERPRISE] = 2000},
        },
};

bool gx_rate_preset_find(const char *name, gx_rate_preset *preset)
{
    for (size_t i = 0; i < sizeof PRESETS / sizeof *PRESETS; i++) {
        if (strcmp(PRESETS[i].name, name) == 0) {
            *preset = (gx_rate_preset)i;
            return true;
        }
    }
    return false;
}

gx_rate_limits gx_rate_limits_of(gx_rate_preset preset, gx_plan plan)
{
    const preset_row *row = &PRESETS[preset];
    gx_rate_limits limits = {.any_key = row->any_key[plan]};
    memcpy(limits.client, row->client, sizeof limits.client);
    memcpy(limits.key, row->key, sizeof limits.key);
    return limits;
}

void gx_rate_limits_set_client(gx_rate_limits *limits, uint32_t per_minute)
{
    limits->client[GX_RATE_ORDINARY] = per_minute;
}

void gx_rate_limits_set_key(gx_rate_limits *limits, uint32_t per_minute)
{
    limits->any_key = per_minute;
}

bool gx_rate_is_shared(const gx_rate_limits *limits, gx_rate rate)
{
    return limits->client[rate] == 0;
}
