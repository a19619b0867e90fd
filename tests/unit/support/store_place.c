#include "support/store_place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/database.h"

static const char *postgres(void)
{
    return getenv("GRANTEX_TEST_POSTGRES");
}

bool store_place_on_postgres(void)
{
    return postgres() != NULL;
}

static void tell_postgres(const char *sql)
{
    gx_error error = {""};
    gx_database *database = gx_database_open(postgres(), false, &error);
    if (database == NULL)
        fail_msg("%s", error.message);
    if (!gx_statement_run(gx_query(database, sql)))
        fail_msg("%s", gx_database_message(database));
    gx_database_close(database);
}

static void make_schema(store_place *place)
{
    static atomic_uint made;
    char sql[64];
    snprintf(place->schema, sizeof place->schema, "t%d_%u", (int)getpid(), atomic_fetch_add(&made, 1));
    snprintf(place->location, sizeof place->location, "%s&options=-csearch_path%%3D%s", postgres(), place->schema);
    snprintf(sql, sizeof sql, "CREATE SCHEMA %s", place->schema);
    tell_postgres(sql);
}

void store_place_make(store_place *place)
{
    *place = (store_place){.folder = ""};
    if (store_place_on_postgres()) {
        make_schema(place);
        return;
    }
    snprintf(place->folder, sizeof place->folder, "/tmp/grantex-test-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->location, sizeof place->location, "%s/store.db", place->folder);
}

static void remove_files(const store_place *place)
{
    static const char *const ENDINGS[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof ENDINGS / sizeof *ENDINGS; i++) {
        char path[sizeof place->location + 8];
        snprintf(path, sizeof path, "%s%s", place->location, ENDINGS[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(place->folder), 0);
}

void store_place_remove(store_place *place)
{
    if (place->schema[0] == '\0') {
        remove_files(place);
        return;
    }
    char sql[64];
    snprintf(sql, sizeof sql, "DROP SCHEMA %s CASCADE", place->schema);
    tell_postgres(sql);
}
