/* The events that authority tells of: one function for each type builds the payload (contract section 2: the page's
 * fields first, what existing clients want besides after them) and appends it to the developer's log, in the
 * transaction of the change. All refuse and return false when it cannot be appended. */
#ifndef GX_AUTHORITY_EVENTS_H
#define GX_AUTHORITY_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "authority/act.h"
#include "store/budgets.h"
#include "store/grants.h"

bool gx_append_grant_created(gx_act *act, const gx_grant_row *grant);

/* `root` is the grant whose revocation took this one with it, or this one itself. */
bool gx_append_grant_revoked(gx_act *act, const gx_grant_row *grant, const char *revoked_by, const gx_grant_row *root);

/* `method` is "exchange" or "refresh". */
bool gx_append_token_issued(gx_act *act, const gx_grant_row *grant, const char *token_id, const char *method);

bool gx_append_budget_threshold(gx_act *act, const gx_grant_row *grant, const gx_budget_row *budget,
                                int64_t percentage);

bool gx_append_budget_exhausted(gx_act *act, const gx_grant_row *grant, const gx_budget_row *budget);

#endif
