#include "store/rows.h"

#include <string.h>

/* The row that the statement stands on; NULL when memory ran out. */
static void *read_row(gx_statement *statement, gx_arena *arena, const gx_row_shape *shape)
{
    void *row = gx_arena_alloc(arena, shape->size);
    if (row != NULL)
        shape->read(statement, arena, row);
    return arena->failed ? NULL : row;
}

gx_step gx_rows_one(gx_statement *statement, gx_arena *arena, const gx_row_shape *shape, void *out)
{
    gx_step step = gx_statement_step(statement);
    if (step != GX_STEP_ROW)
        return step;
    const void *row = read_row(statement, arena, shape);
    gx_statement_reset(statement);
    if (row == NULL)
        return GX_STEP_ERROR;
    memcpy(out, row, shape->size);
    return GX_STEP_ROW;
}

/* Pointers to different structs are different types: they are copied, never written through a void **. */
static bool collect(gx_statement *statement, gx_arena *arena, const gx_row_shape *shape, size_t most_bytes, void *first)
{
    const size_t used_before = arena->used;
    void *head = NULL, *link = &head; /* where the next row's address goes */
    gx_step step = GX_STEP_DONE;
    while (arena->used - used_before <= most_bytes && (step = gx_statement_step(statement)) == GX_STEP_ROW) {
        void *row = read_row(statement, arena, shape);
        if (row == NULL)
            break;
        memcpy(link, &row, sizeof row);
        link = (char *)row + shape->next;
    }
    gx_statement_reset(statement);
    if (step == GX_STEP_ERROR || arena->failed)
        return false;
    memcpy(first, &head, sizeof head);
    return true;
}

bool gx_rows_all(gx_statement *statement, gx_arena *arena, const gx_row_shape *shape, void *first)
{
    return collect(statement, arena, shape, SIZE_MAX, first);
}

bool gx_rows_page(gx_statement *statement, gx_arena *arena, const gx_row_shape *shape, void *first)
{
    return collect(statement, arena, shape, GX_PAGE_MOST_BYTES, first);
}

void gx_bind_paging(gx_statement *statement, int index, gx_paging paging)
{
    gx_bind_int(statement, index, paging.size);
    gx_bind_int(statement, index + 1, gx_paging_skip(paging));
}

bool gx_rows_count(gx_statement *statement, int64_t *count)
{
    if (gx_statement_step(statement) != GX_STEP_ROW)
        return false;
    *count = gx_column_int(statement, 0);
    gx_statement_reset(statement);
    return true;
}

gx_step gx_rows_changed(gx_statement *statement)
{
    if (!gx_statement_run(statement))
        return GX_STEP_ERROR;
    return gx_statement_changes(statement) > 0 ? GX_STEP_ROW : GX_STEP_DONE;
}
