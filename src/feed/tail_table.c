#include "feed/tail_table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BUCKETS 64

static gx_tail **bucket(gx_tail **buckets, size_t count, const char *developer_id)
{
    return &buckets[gx_span_hash(gx_span_of(developer_id)) & (count - 1)];
}

bool gx_tail_table_init(gx_tail_table *table)
{
    gx_tail **buckets = calloc(FIRST_BUCKETS, sizeof(gx_tail *));
    if (!buckets)
        return false;
    *table = (gx_tail_table){.buckets = buckets, .bucket_count = FIRST_BUCKETS};
    return true;
}

void gx_tail_table_free(gx_tail_table *table)
{
    free(table->buckets);
    *table = (gx_tail_table){0};
}

gx_tail *gx_tail_table_find(const gx_tail_table *table, const char *developer_id)
{
    gx_tail *tail = *bucket(table->buckets, table->bucket_count, developer_id);
    while (tail && strcmp(tail->developer_id, developer_id) != 0)
        tail = tail->next_in_bucket;
    return tail;
}

static void push(gx_tail **buckets, size_t count, gx_tail *tail)
{
    gx_tail **first = bucket(buckets, count, tail->developer_id);
    tail->next_in_bucket = *first;
    *first = tail;
}

static void grow(gx_tail_table *table)
{
    size_t count = table->bucket_count * 2;
    gx_tail **buckets = calloc(count, sizeof(gx_tail *));
    if (!buckets)
        return;
    for (size_t i = 0; i < table->bucket_count; i++) {
        for (gx_tail *tail = table->buckets[i], *next; tail; tail = next) {
            next = tail->next_in_bucket;
            push(buckets, count, tail);
        }
    }
    free(table->buckets);
    table->buckets = buckets;
    table->bucket_count = count;
}

void gx_tail_table_add(gx_tail_table *table, gx_tail *tail)
{
    if (table->count == table->bucket_count)
        grow(table);
    push(table->buckets, table->bucket_count, tail);
    table->count++;
}

void gx_tail_table_remove(gx_tail_table *table, gx_tail *tail)
{
    gx_tail **link = bucket(table->buckets, table->bucket_count, tail->developer_id);
    while (*link != tail)
        link = &(*link)->next_in_bucket;
    *link = tail->next_in_bucket;
    table->count--;
}

void gx_tail_table_each(const gx_tail_table *table, void (*visit)(void *context, gx_tail *tail), void *context)
{
    for (size_t i = 0; i < table->bucket_count; i++) {
        for (gx_tail *tail = table->buckets[i]; tail; tail = tail->next_in_bucket)
            visit(context, tail);
    }
}

static void reset(void *context, gx_tail *tail)
{
    (void)context;
    gx_tail_reset(tail);
}

void gx_tail_table_reset(gx_tail_table *table)
{
    gx_tail_table_each(table, reset, NULL);
}
