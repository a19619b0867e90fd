#include "authority/id.h"

#include "base/ulid.h"

const char *gx_id_for(gx_act *act, const char *prefix)
{
    char id[GX_ID_SIZE];
    const char *copy = gx_id_new(id, prefix, act->txn->now_ms) ? gx_arena_text(act->arena, id) : NULL;
    if (copy == NULL)
        gx_act_no_memory(act);
    return copy;
}
