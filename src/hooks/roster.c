#include "hooks/roster.h"

#include <stdlib.h>
#include <string.h>

#include "base/span.h"

#define FIRST_BUCKETS 64

static size_t place(size_t bucket_count, const char *id)
{
    return gx_span_hash(gx_span_of(id)) & (bucket_count - 1);
}

static bool make_buckets(gx_roster *roster, size_t bucket_count)
{
    gx_courier **by_id = calloc(bucket_count, sizeof(gx_courier *));
    gx_courier **by_developer = calloc(bucket_count, sizeof(gx_courier *));
    if (by_id == NULL || by_developer == NULL) {
        free(by_id);
        free(by_developer);
        return false;
    }
    *roster = (gx_roster){.by_id = by_id, .by_developer = by_developer, .bucket_count = bucket_count};
    return true;
}

bool gx_roster_init(gx_roster *roster)
{
    return make_buckets(roster, FIRST_BUCKETS);
}

void gx_roster_free(gx_roster *roster)
{
    free(roster->by_id);
    free(roster->by_developer);
    *roster = (gx_roster){0};
}

gx_courier *gx_roster_find(const gx_roster *roster, const char *webhook_id)
{
    gx_courier *courier = roster->by_id[place(roster->bucket_count, webhook_id)];
    while (courier != NULL && strcmp(courier->id, webhook_id) != 0)
        courier = courier->next_by_id;
    return courier;
}

gx_courier *gx_roster_next_of(const gx_roster *roster, const char *developer_id, const gx_courier *previous)
{
    gx_courier *courier = previous != NULL ? previous->next_by_developer
                                           : roster->by_developer[place(roster->bucket_count, developer_id)];
    while (courier != NULL && strcmp(courier->developer_id, developer_id) != 0)
        courier = courier->next_by_developer;
    return courier;
}

static void push(gx_roster *roster, gx_courier *courier)
{
    gx_courier **first_by_id = &roster->by_id[place(roster->bucket_count, courier->id)];
    gx_courier **first_by_developer = &roster->by_developer[place(roster->bucket_count, courier->developer_id)];
    courier->next_by_id = *first_by_id;
    courier->next_by_developer = *first_by_developer;
    *first_by_id = *first_by_developer = courier;
    roster->count++;
}

static void move(void *context, gx_courier *courier)
{
    push(context, courier);
}

static void grow(gx_roster *roster)
{
    gx_roster larger;
    if (!make_buckets(&larger, roster->bucket_count * 2))
        return;
    gx_roster_each(roster, move, &larger);
    gx_roster smaller = *roster;
    *roster = larger;
    gx_roster_free(&smaller);
}

void gx_roster_add(gx_roster *roster, gx_courier *courier)
{
    if (roster->count == roster->bucket_count)
        grow(roster);
    push(roster, courier);
}

void gx_roster_remove(gx_roster *roster, gx_courier *courier)
{
    gx_courier **by_id = &roster->by_id[place(roster->bucket_count, courier->id)];
    while (*by_id != courier)
        by_id = &(*by_id)->next_by_id;
    *by_id = courier->next_by_id;

    gx_courier **by_developer = &roster->by_developer[place(roster->bucket_count, courier->developer_id)];
    while (*by_developer != courier)
        by_developer = &(*by_developer)->next_by_developer;
    *by_developer = courier->next_by_developer;
    roster->count--;
}

void gx_roster_each(const gx_roster *roster, void (*visit)(void *context, gx_courier *courier), void *context)
{
    for (size_t i = 0; i < roster->bucket_count; i++) {
        for (gx_courier *courier = roster->by_id[i], *next; courier != NULL; courier = next) {
            next = courier->next_by_id;
            visit(context, courier);
        }
    }
}
