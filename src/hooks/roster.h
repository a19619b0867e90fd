/* The couriers that there are, found by their webhook or by its developer. Owns none of them. */
#ifndef GX_HOOKS_ROSTER_H
#define GX_HOOKS_ROSTER_H

#include <stdbool.h>
#include <stddef.h>

#include "hooks/courier.h"

typedef struct gx_roster {
    gx_courier **by_id, **by_developer; /* buckets, as many of each; owned */
    size_t bucket_count;                /* a power of two */
    size_t count;
} gx_roster;

bool gx_roster_init(gx_roster *roster); /* false: out of memory */
void gx_roster_free(gx_roster *roster);

gx_courier *gx_roster_find(const gx_roster *roster, const char *webhook_id);

/* Those of one developer, one after the other: begins with NULL, ends with NULL. */
gx_courier *gx_roster_next_of(const gx_roster *roster, const char *developer_id, const gx_courier *previous);

/* Never fails: without memory the chains get longer. */
void gx_roster_add(gx_roster *roster, gx_courier *courier);
void gx_roster_remove(gx_roster *roster, gx_courier *courier);

/* Calls `visit` for every courier; it may remove the one that it is given. */
void gx_roster_each(const gx_roster *roster, void (*visit)(void *context, gx_courier *courier), void *context);

#endif
