/* SQLite's own allocations, led through two functions of the test's. */
#ifndef GX_TEST_SQLITE_ALLOCATIONS_H
#define GX_TEST_SQLITE_ALLOCATIONS_H

#include <malloc.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>

static int sqlite_size(void *memory)
{
    return memory == NULL ? 0 : (int)malloc_usable_size(memory);
}

static int sqlite_round_up(int size)
{
    return (size + 7) & ~7;
}

static int sqlite_start(void *context)
{
    (void)context;
    return SQLITE_OK;
}

static void sqlite_stop(void *context)
{
    (void)context;
}

/* Before SQLite is used. What they give is given back by free(3). */
static bool lead_sqlite_through(void *(*take)(int size), void *(*retake)(void *old, int size))
{
    const sqlite3_mem_methods methods = {take,         free,        retake, sqlite_size, sqlite_round_up,
                                         sqlite_start, sqlite_stop, NULL};
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK;
}

#endif
