/* What a job holds while it runs in a lane: the connection inside a transaction, one reading of the clock, and the log.
 */
#ifndef GX_STORE_TXN_H
#define GX_STORE_TXN_H

#include <stdint.h>

#include "store/database.h"

typedef struct gx_log_batch gx_log_batch; /* the events that the transaction has appended so far; store/log_append.c */

typedef struct gx_txn {
    gx_database *database; /* lent */
    int64_t now_ms;        /* wall clock when the job began; use it for every time the job writes */
    gx_log_batch *log;     /* NULL in a job that only reads */
} gx_txn;

#endif
