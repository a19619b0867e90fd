/* Where a test keeps its store: a file in a folder of its own or, where GRANTEX_TEST_POSTGRES names a PostgreSQL
 * database (tests/with_postgres.py starts one and says so), a schema of its own in there. */
#ifndef GX_TESTS_SUPPORT_STORE_PLACE_H
#define GX_TESTS_SUPPORT_STORE_PLACE_H

#include <stdbool.h>

typedef struct store_place {
    char folder[64];    /* "" on PostgreSQL */
    char schema[32];    /* "" for a file */
    char location[256]; /* for gx_database_open */
} store_place;

bool store_place_on_postgres(void);

/* An empty place, removed by the other one. Both fail the test when they cannot. */
void store_place_make(store_place *place);
void store_place_remove(store_place *place);

#endif
