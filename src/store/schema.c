/* The schema's steps: what the build embedded, applied once each. */
#include "store/schema.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/embedded.h"
#include "store/driver.h"

GX_EMBEDDED(schema);

static int number_of(const gx_embedded_file *step)
{
    return (int)strtol(step->name, NULL, 10); /* "0002_log.sql" */
}

int gx_schema_newest(void)
{
    int newest = 0;
    for (const gx_embedded_file *step = gx_embedded_schema; step->name != NULL; step++)
        newest = number_of(step);
    return newest;
}

/* The newest step that the database has, 0 for none, -1 on a fault. */
static int64_t newest_applied(gx_database *database)
{
    bool there = gx_statement_run(gx_query(database, "CREATE TABLE IF NOT EXISTS schema_steps ("
                                                     "step BIGINT PRIMARY KEY, name TEXT NOT NULL, "
                                                     "applied_at BIGINT NOT NULL)"));
    gx_statement *statement = there ? gx_query(database, "SELECT MAX(step) FROM schema_steps") : NULL;
    if (gx_statement_step(statement) != GX_STEP_ROW)
        return -1;
    int64_t newest = gx_column_int(statement, 0);
    gx_statement_reset(statement);
    return newest;
}

static bool apply(gx_database *database, const gx_embedded_file *step)
{
    if (!database->driver->script(database, step->bytes))
        return false;
    gx_statement *statement =
        gx_query(database, "INSERT INTO schema_steps (step, name, applied_at) VALUES ($1, $2, $3)");
    gx_bind_int(statement, 1, number_of(step));
    gx_bind_text(statement, 2, step->name);
    gx_bind_int(statement, 3, gx_clock_wall_ms());
    return gx_statement_run(statement);
}

static const gx_embedded_file *step_after(int64_t applied)
{
    const gx_embedded_file *step = gx_embedded_schema;
    while (step->name != NULL && number_of(step) <= applied)
        step++;
    return step->name == NULL ? NULL : step;
}

typedef enum progress { FAILED = -1, COMPLETE, STEPPED } progress;

/* Looks and acts under one write lock, so that two programs that start together do not take the same step twice. */
static progress take_next_step(gx_database *database, gx_error *error)
{
    if (!gx_database_begin_alone(database))
        return gx_error_set(error, "cannot begin a schema step: %s", gx_database_message(database));
    int64_t applied = newest_applied(database);
    if (applied < 0)
        return gx_error_set(error, "cannot read the schema's steps: %s", gx_database_message(database));
    if (applied > gx_schema_newest())
        return gx_error_set(error, "the store is at schema step %lld, this program knows only %d: it needs a newer one",
                            (long long)applied, gx_schema_newest());
    const gx_embedded_file *step = step_after(applied);
    if (step == NULL)
        return COMPLETE;
    if (!apply(database, step) || !gx_database_commit(database))
        return gx_error_set(error, "schema step %s: %s", step->name, gx_database_message(database));
    return STEPPED;
}

int gx_schema_migrate(gx_database *database, gx_error *error)
{
    progress now;
    do {
        now = take_next_step(database, error);
        gx_database_rollback(database); /* of what was only looked at, or failed */
    } while (now == STEPPED);
    if (now == COMPLETE && gx_database_in_transaction(database)) /* no memory to prepare even that */
        return gx_error_set(error, "cannot end a schema step: %s", gx_database_message(database));
    return now == COMPLETE ? 0 : -1;
}
