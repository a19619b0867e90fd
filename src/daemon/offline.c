#include "daemon/offline.h"

#include "base/clock.h"
#include "store/database.h"
#include "store/schema.h"

static int act_once(gx_database *database, gx_offline_rule *rule, void *context, gx_arena *arena, gx_error *error)
{
    gx_problem problem = {0};
    gx_authority nobody = {0};
    gx_txn txn = {.database = database, .now_ms = gx_clock_wall_ms()};
    gx_act act = {.txn = &txn, .arena = arena, .problem = &problem, .authority = &nobody};
    if (!gx_database_begin(database, true))
        return gx_error_set(error, "the store is busy: %s", gx_database_message(database));
    if (!rule(&act, context)) {
        gx_database_rollback(database);
        return gx_error_set(error, "%s", problem.message);
    }
    if (!gx_database_commit(database))
        return gx_error_set(error, "the store did not confirm the change: %s", gx_database_message(database));
    return 0;
}

int gx_offline_act(const gx_data_folder *folder, gx_offline_rule *rule, void *context, gx_arena *arena, gx_error *error)
{
    gx_database *database = gx_database_open(folder->store, false, error);
    if (database == NULL)
        return -1;
    int failed = gx_schema_migrate(database, error);
    if (!failed)
        failed = act_once(database, rule, context, arena, error);
    gx_database_close(database);
    return failed;
}
