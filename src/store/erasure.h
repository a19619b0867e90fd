/* Erasure: taking all that is a deleted developer's out of the store, a little at a time. */
#ifndef GX_STORE_ERASURE_H
#define GX_STORE_ERASURE_H

#include "base/ulid.h"
#include "store/log.h"

/* How far it is. It lives in memory only: who begins anew looks through the first tables in vain, and goes on. */
typedef struct gx_erasure {
    char developer_id[GX_ID_SIZE];
    size_t table;              /* the tables before it hold nothing of the developer any more */
    char position[GX_ID_SIZE]; /* in a table that has no index of developers: it was looked through up to here */
} gx_erasure;

/* The first developer who is deleted and not yet erased, and the erasure at its beginning. */
gx_log_lookup gx_erasure_next(gx_database *database, gx_erasure *out);

/* One step, in a job that writes; it shares the lane with debits. `to` is where the erasure is when that was kept.
 * *done: nothing is left. False on a fault. */
bool gx_erase(gx_txn *txn, const gx_erasure *from, gx_erasure *to, bool *done);

#endif
