/* Moving a store: every row of every table, into another one that may be of another kind. */
#ifndef GX_STORE_COPY_H
#define GX_STORE_COPY_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "store/database.h"

/* Copies what `from` has at one moment into `to`, in one transaction there. Both have the newest schema, `to` has no
 * row. Which tables and columns there are, `from` says itself. Tells each table with its rows, on the way; what was
 * told holds once 0 is returned. -1: see `error`, and nothing of it is in `to`. The arena must live as long as both are
 * open. */
int gx_store_copy(gx_database *from, gx_database *to, gx_arena *arena,
                  void (*tell)(void *context, const char *table, int64_t rows), void *context, gx_error *error);

#endif
