/* How a statement runs on PostgreSQL: prepared once on each connection, parameters as text, all its rows at once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "store/postgres.h"

#define MOST_PARAMETERS 32
#define NULL_TEXT       SIZE_MAX

typedef struct postgres_statement {
    gx_statement base;
    char name[16];
    unsigned generation;            /* it was prepared on; 0: on none */
    gx_buffer text;                 /* the parameters, each ended by a NUL */
    size_t starts[MOST_PARAMETERS]; /* of $1, $2 … in `text`, or NULL_TEXT */
    int parameters;
    PGresult *result; /* NULL until it runs */
    int row;          /* the one it stands on */
    int64_t changes;
} postgres_statement;

static postgres_statement *own(gx_statement *statement)
{
    return (postgres_statement *)statement;
}

gx_statement *gx_postgres_prepare(gx_database *database, const char *sql)
{
    (void)sql;
    postgres_statement *statement = calloc(1, sizeof *statement);
    if (statement == NULL) {
        gx_database_fail(database, GX_FAULT_LOST, "out of memory");
        return NULL;
    }
    snprintf(statement->name, sizeof statement->name, "s%u", ++gx_postgres_own(database)->names);
    statement->text = GX_BUFFER_INIT(0);
    return &statement->base;
}

void gx_postgres_finalize(gx_statement *statement)
{
    PQclear(own(statement)->result);
    gx_buffer_free(&own(statement)->text);
    free(statement);
}

/* SQLite has no row locks and needs none: there the clause is a comment, which here is opened. */
static void open_comments(char *sql)
{
    static const char BEGINNING[] = "/* for update";
    for (char *at = sql; (at = strstr(at, BEGINNING)) != NULL;) {
        memset(at, ' ', 2);
        at = strstr(at, "*/");
        memset(at, ' ', 2);
    }
}

/* Once on each connection. */
static bool prepare_here(postgres_statement *statement)
{
    gx_database *database = statement->base.database;
    if (statement->generation == gx_postgres_own(database)->generation)
        return true;
    char *sql = strdup(statement->base.sql);
    if (sql == NULL)
        return gx_database_fail(database, GX_FAULT_LOST, "out of memory");
    open_comments(sql);
    gx_postgres_database *self = gx_postgres_own(database);
    PGresult *result = gx_postgres_answer(self, PQsendPrepare(self->connection, statement->name, sql, 0, NULL));
    bool done = gx_postgres_succeeded(result) || gx_postgres_note_fault(database, result);
    if (done)
        statement->generation = gx_postgres_own(database)->generation;
    PQclear(result);
    free(sql);
    return done;
}

static bool set_parameter(gx_statement *statement, int index, size_t start)
{
    if (index < 1 || index > MOST_PARAMETERS)
        return gx_database_fail(statement->database, GX_FAULT_OTHER, "parameters are $1 to $%d", MOST_PARAMETERS);
    postgres_statement *self = own(statement);
    while (self->parameters < index)
        self->starts[self->parameters++] = NULL_TEXT;
    self->starts[index - 1] = start;
    return true;
}

bool gx_postgres_bind_text(gx_statement *statement, int index, gx_span text)
{
    gx_buffer *into = &own(statement)->text;
    size_t start = into->length;
    if (text.len > 0 && memchr(text.ptr, '\0', text.len) != NULL)
        return gx_database_fail(statement->database, GX_FAULT_OTHER, "PostgreSQL takes no text with a NUL in it");
    gx_buffer_append(into, text.ptr, text.len);
    gx_buffer_append(into, "", 1);
    if (into->failed)
        return gx_database_fail(statement->database, GX_FAULT_LOST, "out of memory");
    return set_parameter(statement, index, start);
}

bool gx_postgres_bind_int(gx_statement *statement, int index, int64_t value)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%lld", (long long)value);
    return gx_postgres_bind_text(statement, index, (gx_span){digits, (size_t)length});
}

bool gx_postgres_bind_null(gx_statement *statement, int index)
{
    return set_parameter(statement, index, NULL_TEXT);
}

static bool run(postgres_statement *statement)
{
    const char *values[MOST_PARAMETERS];
    for (int i = 0; i < statement->parameters; i++)
        values[i] = statement->starts[i] == NULL_TEXT ? NULL : statement->text.data + statement->starts[i];
    gx_database *database = statement->base.database;
    gx_postgres_database *self = gx_postgres_own(database);
    statement->result = gx_postgres_answer(
        self, PQsendQueryPrepared(self->connection, statement->name, statement->parameters, values, NULL, NULL, 0));
    statement->row = -1;
    return gx_postgres_succeeded(statement->result) || gx_postgres_note_fault(database, statement->result);
}

/* PQcmdTuples counts the rows that a SELECT gives, too. */
static int64_t changed_by(PGresult *result)
{
    bool reads = strncmp(PQcmdStatus(result), "SELECT", 6) == 0;
    return reads ? 0 : strtoll(PQcmdTuples(result), NULL, 10);
}

gx_step gx_postgres_step(gx_statement *statement)
{
    postgres_statement *self = own(statement);
    if (self->result == NULL && (!prepare_here(self) || !run(self)))
        return GX_STEP_ERROR;
    if (++self->row < PQntuples(self->result))
        return GX_STEP_ROW;
    self->changes = changed_by(self->result);
    return GX_STEP_DONE;
}

void gx_postgres_reset(gx_statement *statement)
{
    postgres_statement *self = own(statement);
    PQclear(self->result);
    self->result = NULL;
    self->parameters = 0;
    gx_buffer_clear(&self->text);
}

int64_t gx_postgres_changes(gx_statement *statement)
{
    return own(statement)->changes;
}

gx_span gx_postgres_column_text(gx_statement *statement, int column)
{
    const postgres_statement *self = own(statement);
    if (PQgetisnull(self->result, self->row, column))
        return (gx_span){NULL, 0};
    return (gx_span){PQgetvalue(self->result, self->row, column), (size_t)PQgetlength(self->result, self->row, column)};
}

int64_t gx_postgres_column_int(gx_statement *statement, int column)
{
    const postgres_statement *self = own(statement);
    return strtoll(PQgetvalue(self->result, self->row, column), NULL, 10); /* NULL gives "" */
}
