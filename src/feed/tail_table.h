/* The tails of one feed, by developer: a chained hash table. */
#ifndef GX_FEED_TAIL_TABLE_H
#define GX_FEED_TAIL_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "feed/tail.h"

typedef struct gx_tail_table {
    gx_tail **buckets;
    size_t bucket_count; /* a power of two */
    size_t count;
} gx_tail_table;

/* False when out of memory. */
bool gx_tail_table_init(gx_tail_table *table);

/* Frees the table; it must be empty. */
void gx_tail_table_free(gx_tail_table *table);

gx_tail *gx_tail_table_find(const gx_tail_table *table, const char *developer_id); /* NULL: nobody follows */

/* Never fails: without memory to grow the chains get longer. */
void gx_tail_table_add(gx_tail_table *table, gx_tail *tail);
void gx_tail_table_remove(gx_tail_table *table, gx_tail *tail);

void gx_tail_table_each(const gx_tail_table *table, void (*visit)(void *context, gx_tail *tail), void *context);

/* gx_tail_reset for every one. */
void gx_tail_table_reset(gx_tail_table *table);

#endif
