#include "authority/act.h"

bool gx_act_store_failed(gx_act *act)
{
    if (act->arena->failed)
        return gx_act_no_memory(act);
    gx_database_fault fault = gx_database_fault_of(act->txn->database);
    if (fault == GX_FAULT_FULL)
        return gx_refuse_no_room(act->problem);
    if (fault == GX_FAULT_OTHER || fault == GX_FAULT_UNIQUE) /* a defect of ours: no use trying again */
        return gx_refuse(act->problem, 500, "INTERNAL_ERROR", "An unexpected error occurred");
    return gx_refuse(act->problem, 503, "SERVICE_UNAVAILABLE", "The store is not available at the moment; try again");
}

bool gx_act_no_memory(gx_act *act)
{
    return gx_refuse(act->problem, 503, "SERVICE_UNAVAILABLE",
                     "The server is short of memory at the moment; try again");
}

bool gx_act_bad_request(gx_act *act, const char *message)
{
    return gx_refuse(act->problem, 400, "BAD_REQUEST", "%s", message);
}
