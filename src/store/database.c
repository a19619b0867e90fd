/* What all drivers share: the statement cache, faults, and the transaction's shape. */
#include "store/database.h"

#include <stdarg.h>
#include <stdio.h>

#include "store/driver.h"

static void forget_fault(gx_database *database)
{
    database->fault = GX_FAULT_NONE;
    database->message[0] = '\0';
}

bool gx_database_fail(gx_database *database, gx_database_fault fault, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(database->message, sizeof database->message, format, arguments);
    va_end(arguments);
    database->fault = fault;
    database->conflicted = database->conflicted || fault == GX_FAULT_CONFLICT;
    return false;
}

gx_database_fault gx_database_fault_of(const gx_database *database)
{
    return database->fault;
}

const char *gx_database_message(const gx_database *database)
{
    return database->message;
}

void gx_database_close(gx_database *database)
{
    if (database == NULL)
        return;
    for (size_t i = 0; i < GX_STATEMENT_BUCKETS; i++) {
        for (gx_statement *statement = database->prepared[i], *next; statement != NULL; statement = next) {
            next = statement->next;
            database->driver->finalize(statement);
        }
    }
    database->driver->close(database);
}

/* --- statements --- */

static gx_statement **bucket_of(gx_database *database, const char *sql)
{
    uint64_t mixed = (uint64_t)(uintptr_t)sql * UINT64_C(0x9E3779B97F4A7C15); /* Fibonacci hashing: the high bits mix */
    return &database->prepared[(mixed >> 32) % GX_STATEMENT_BUCKETS];
}

static gx_statement *prepare_into(gx_statement **bucket, gx_database *database, const char *sql)
{
    gx_statement *statement = database->driver->prepare(database, sql);
    if (statement == NULL)
        return NULL;
    statement->database = database;
    statement->sql = sql;
    statement->next = *bucket;
    *bucket = statement;
    return statement;
}

gx_statement *gx_query(gx_database *database, const char *sql)
{
    forget_fault(database);
    gx_statement **bucket = bucket_of(database, sql);
    for (gx_statement *statement = *bucket; statement != NULL; statement = statement->next) {
        if (statement->sql == sql) {
            gx_statement_reset(statement);
            return statement;
        }
    }
    return prepare_into(bucket, database, sql);
}

static void note_bound(gx_statement *statement, bool bound)
{
    if (!bound)
        statement->broken = statement->database->fault;
}

void gx_bind_text(gx_statement *statement, int index, const char *text)
{
    if (text == NULL)
        gx_bind_null(statement, index);
    else
        gx_bind_span(statement, index, gx_span_of(text));
}

void gx_bind_span(gx_statement *statement, int index, gx_span text)
{
    if (statement != NULL)
        note_bound(statement, statement->database->driver->bind_text(statement, index, text));
}

void gx_bind_int(gx_statement *statement, int index, int64_t value)
{
    if (statement != NULL)
        note_bound(statement, statement->database->driver->bind_int(statement, index, value));
}

void gx_bind_null(gx_statement *statement, int index)
{
    if (statement != NULL)
        note_bound(statement, statement->database->driver->bind_null(statement, index));
}

static gx_step step_unless_broken(gx_statement *statement)
{
    if (statement->broken == GX_FAULT_NONE)
        return statement->database->driver->step(statement);
    statement->database->fault = statement->broken; /* again: another gx_query may have come in between */
    return GX_STEP_ERROR;
}

gx_step gx_statement_step(gx_statement *statement)
{
    if (statement == NULL)
        return GX_STEP_ERROR;
    gx_step step = step_unless_broken(statement);
    statement->in_rows = step == GX_STEP_ROW;
    if (step != GX_STEP_ROW)
        gx_statement_reset(statement);
    return step;
}

bool gx_statement_run(gx_statement *statement)
{
    gx_step step;
    do {
        step = gx_statement_step(statement);
    } while (step == GX_STEP_ROW);
    return step == GX_STEP_DONE;
}

int64_t gx_statement_changes(gx_statement *statement)
{
    return statement == NULL ? 0 : statement->database->driver->changes(statement);
}

void gx_statement_reset(gx_statement *statement)
{
    if (statement == NULL)
        return;
    statement->database->driver->reset(statement);
    statement->in_rows = false;
    statement->broken = GX_FAULT_NONE;
}

gx_span gx_column_span(gx_statement *statement, int column)
{
    return statement->database->driver->column_text(statement, column);
}

const char *gx_column_text(gx_statement *statement, int column)
{
    return gx_column_span(statement, column).ptr;
}

int64_t gx_column_int(gx_statement *statement, int column)
{
    return statement->database->driver->column_int(statement, column);
}

bool gx_column_is_null(gx_statement *statement, int column)
{
    return gx_column_span(statement, column).ptr == NULL;
}

/* --- transactions --- */

/* A statement that still stands on a row would hold its snapshot beyond the transaction's end. */
static void reset_statements_in_rows(gx_database *database)
{
    for (size_t i = 0; i < GX_STATEMENT_BUCKETS; i++) {
        for (gx_statement *statement = database->prepared[i]; statement != NULL; statement = statement->next) {
            if (statement->in_rows)
                gx_statement_reset(statement);
        }
    }
}

bool gx_database_begin(gx_database *database, bool writes)
{
    database->conflicted = false;
    return database->driver->begin(database, writes);
}

bool gx_database_begin_alone(gx_database *database)
{
    return gx_database_begin(database, true) &&
           (database->driver->exclude == NULL || database->driver->exclude(database));
}

gx_commit gx_database_try_commit(gx_database *database)
{
    reset_statements_in_rows(database);
    return database->driver->commit(database);
}

bool gx_database_commit(gx_database *database)
{
    return gx_database_try_commit(database) == GX_COMMIT_DONE;
}

void gx_database_rollback(gx_database *database)
{
    reset_statements_in_rows(database);
    if (gx_database_in_transaction(database))
        database->driver->rollback(database);
}

bool gx_database_savepoint(gx_database *database)
{
    return gx_statement_run(gx_query(database, "SAVEPOINT job"));
}

bool gx_database_release(gx_database *database)
{
    return gx_statement_run(gx_query(database, "RELEASE SAVEPOINT job"));
}

bool gx_database_rollback_to(gx_database *database)
{
    return gx_statement_run(gx_query(database, "ROLLBACK TO SAVEPOINT job")) && gx_database_release(database);
}

bool gx_database_in_transaction(const gx_database *database)
{
    return database->driver->in_transaction(database);
}

bool gx_database_conflicted(const gx_database *database)
{
    return database->conflicted;
}

int gx_database_write_lanes(const gx_database *database)
{
    return database->driver->write_lanes;
}

bool gx_database_limit_waits(gx_database *database, int answer_ms, gx_error *error)
{
    if (database->driver->limit_waits == NULL || database->driver->limit_waits(database, answer_ms))
        return true;
    gx_error_set(error, "the store cannot be prepared: %s", gx_database_message(database));
    return false;
}

void gx_database_hurry(gx_database *database, int64_t until_ms)
{
    if (database->driver->hurry != NULL)
        database->driver->hurry(database, until_ms);
}

bool gx_database_in_use(gx_database *database, bool *in_use)
{
    *in_use = false;
    if (database->driver->count_servers == NULL)
        return true;
    if (!gx_database_begin(database, false))
        return false;
    gx_statement *statement = gx_query(database, database->driver->count_servers);
    gx_step step = gx_statement_step(statement);
    if (step == GX_STEP_ROW)
        *in_use = gx_column_int(statement, 0) > 0;
    gx_statement_reset(statement);
    gx_database_rollback(database);
    return step == GX_STEP_ROW;
}
