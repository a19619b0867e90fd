/* From a statement to rows: what each table's file does once the parameters are bound. */
#ifndef GX_STORE_ROWS_H
#define GX_STORE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/database.h"

/* How a row of a query becomes a struct. */
typedef struct gx_row_shape {
    size_t size; /* of the struct */
    size_t next; /* where in it the pointer to the next one lies; of structs that are listed */
    /* Writes all of the struct from the row that the statement stands on; texts are copied into the arena. */
    void (*read)(gx_statement *statement, gx_arena *arena, void *out);
} gx_row_shape;

/* The one row that the statement gives: ROW and *out, DONE when it gives none, ERROR on a fault or when memory ran out.
 */
gx_step gx_rows_one(gx_statement *statement, gx_arena *arena, const gx_row_shape *shape, void *out);

/* Every row, in their order, as a list in the arena. `first` is the address of a pointer to the struct. */
bool gx_rows_all(gx_statement *statement, gx_arena *arena, const gx_row_shape *shape, void *first);

/* The single number that a SELECT COUNT(*) gives. */
bool gx_rows_count(gx_statement *statement, int64_t *count);

/* Runs it: ROW when it changed a row, DONE when it found none to change. */
gx_step gx_rows_changed(gx_statement *statement);

/* --- pages --- */

/* Which page of a list is asked for. */
typedef struct gx_paging {
    int64_t page; /* from 1 */
    int64_t size; /* rows on a page */
} gx_paging;

/* Rows differ in size a thousandfold, so a page ends by bytes as well: with the row that passes this many of the arena.
 * A page of fifty rows of the largest kind there is (an agent, see authority/limits.h) is never cut. */
#define GX_PAGE_MOST_BYTES ((size_t)8 * 1024 * 1024)

static inline int64_t gx_paging_skip(gx_paging paging)
{
    return (paging.page - 1) * paging.size;
}

/* For "LIMIT $index OFFSET $(index + 1)". */
void gx_bind_paging(gx_statement *statement, int index, gx_paging paging);

/* gx_rows_all, but as many as a page holds. */
bool gx_rows_page(gx_statement *statement, gx_arena *arena, const gx_row_shape *shape, void *first);

#endif
