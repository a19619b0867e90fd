/* One act on a store without a server: what dev does before it starts, and what commands do beside one. */
#ifndef GX_DAEMON_OFFLINE_H
#define GX_DAEMON_OFFLINE_H

#include <stdbool.h>

#include "authority/act.h"
#include "base/error.h"
#include "daemon/data_folder.h"

typedef bool gx_offline_rule(gx_act *act, void *context);

/* Opens the store (schema brought up to date), lets `rule` run in one transaction, commits when it returns true. Its
 * results live in `arena`. -1 and `error` when the store or the rule refuses. The rule must not append events: nobody
 * would hear them. */
int gx_offline_act(const gx_data_folder *folder, gx_offline_rule *rule, void *context, gx_arena *arena,
                   gx_error *error);

#endif
