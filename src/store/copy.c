#include "store/copy.h"

#include <string.h>

#include "base/buffer.h"
#include "store/driver.h"
#include "store/schema.h"

/* The steps that each store took are its own. */
static const char STEPS_TABLE[] = "schema_steps";

typedef struct name name;
struct name {
    name *next;
    const char *text;
};

typedef struct copying {
    gx_database *from, *to;
    gx_arena *arena; /* the SQL must live as long as the statements made of it */
    gx_error *error;
} copying;

static int fail_of(const copying *c, const gx_database *database, const char *table)
{
    return gx_error_set(c->error, "%s: %s", table, gx_database_message(database));
}

static int no_memory(const copying *c)
{
    return gx_error_set(c->error, "out of memory");
}

/* The first column of every row, in their order. */
static int read_names(const copying *c, gx_statement *statement, const char *of, name **first)
{
    gx_step step;
    name **end = first;
    *first = NULL;
    while ((step = gx_statement_step(statement)) == GX_STEP_ROW) {
        name *one = gx_arena_alloc(c->arena, sizeof *one);
        if (one == NULL || (one->text = gx_arena_text(c->arena, gx_column_text(statement, 0))) == NULL)
            return no_memory(c);
        one->next = NULL;
        *end = one;
        end = &one->next;
    }
    return step == GX_STEP_DONE ? 0 : fail_of(c, c->from, of);
}

static int read_columns(const copying *c, const char *table, name **first)
{
    gx_statement *statement = gx_query(c->from, c->from->driver->list_columns);
    gx_bind_text(statement, 1, table);
    return read_names(c, statement, table, first);
}

/* --- the two statements of a table --- */

static const char *keep_sql(const copying *c, gx_buffer *sql)
{
    const char *kept = gx_buffer_text(sql) != NULL ? gx_arena_text(c->arena, sql->data) : NULL;
    gx_buffer_free(sql);
    return kept;
}

static void write_columns(gx_buffer *sql, const name *columns)
{
    for (const name *column = columns; column != NULL; column = column->next)
        gx_buffer_printf(sql, "%s%s", column == columns ? "" : ", ", column->text);
}

static const char *select_of(const copying *c, const char *table, const name *columns)
{
    gx_buffer sql = GX_BUFFER_INIT(0);
    gx_buffer_printf(&sql, "%sSELECT ", c->from->driver->open_cursor != NULL ? c->from->driver->open_cursor : "");
    write_columns(&sql, columns);
    gx_buffer_printf(&sql, " FROM %s", table);
    return keep_sql(c, &sql);
}

static const char *insert_of(const copying *c, const char *table, const name *columns)
{
    gx_buffer sql = GX_BUFFER_INIT(0);
    int number = 0;
    gx_buffer_printf(&sql, "INSERT INTO %s (", table);
    write_columns(&sql, columns);
    for (const name *column = columns; column != NULL; column = column->next)
        gx_buffer_printf(&sql, "%s$%d", number == 0 ? ") VALUES (" : ", ", number + 1), number++;
    gx_buffer_printf(&sql, ")");
    return keep_sql(c, &sql);
}

/* --- rows --- */

/* As text, numbers too: both kinds of store make of it what the column is. */
static bool insert_row(const copying *c, const char *insert, gx_statement *row, const name *columns)
{
    gx_statement *statement = gx_query(c->to, insert);
    int at = 0;
    for (const name *column = columns; column != NULL; column = column->next, at++) {
        if (gx_column_is_null(row, at))
            gx_bind_null(statement, at + 1);
        else
            gx_bind_span(statement, at + 1, gx_column_span(row, at));
    }
    return gx_statement_run(statement);
}

typedef struct table_copy {
    const char *name;
    name *columns;
    const char *select, *insert;
    int64_t rows; /* copied so far */
} table_copy;

static int read_table(const copying *c, const char *of, table_copy *out)
{
    *out = (table_copy){.name = of};
    if (read_columns(c, of, &out->columns) != 0)
        return -1;
    out->select = select_of(c, of, out->columns);
    out->insert = insert_of(c, of, out->columns);
    return out->select != NULL && out->insert != NULL ? 0 : no_memory(c);
}

static int copy_rows(const copying *c, table_copy *t, const char *select)
{
    gx_statement *row = gx_query(c->from, select);
    gx_step step;
    while ((step = gx_statement_step(row)) == GX_STEP_ROW) {
        if (!insert_row(c, t->insert, row, t->columns))
            return fail_of(c, c->to, t->name);
        t->rows++;
    }
    return step == GX_STEP_DONE ? 0 : fail_of(c, c->from, t->name);
}

/* A table need not fit into memory. */
static int copy_by_parts(const copying *c, table_copy *t)
{
    const gx_driver *driver = c->from->driver;
    if (!gx_statement_run(gx_query(c->from, t->select)))
        return fail_of(c, c->from, t->name);
    for (int64_t before = -1; t->rows > before;) {
        before = t->rows;
        if (copy_rows(c, t, driver->read_cursor) != 0)
            return -1;
    }
    return gx_statement_run(gx_query(c->from, driver->close_cursor)) ? 0 : fail_of(c, c->from, t->name);
}

static int copy_table(const copying *c, table_copy *t)
{
    return c->from->driver->open_cursor != NULL ? copy_by_parts(c, t) : copy_rows(c, t, t->select);
}

static int check_empty(const copying *c, const char *table)
{
    const char *sql = gx_arena_printf(c->arena, "SELECT 1 FROM %s LIMIT 1", table);
    if (sql == NULL)
        return no_memory(c);
    gx_statement *statement = gx_query(c->to, sql);
    gx_step step = gx_statement_step(statement);
    if (step == GX_STEP_ROW)
        return gx_error_set(c->error, "the store to move to is not empty: it has rows in %s", table);
    return step == GX_STEP_DONE ? 0 : fail_of(c, c->to, table);
}

/* --- the whole --- */

static int check_step(const copying *c)
{
    gx_statement *statement = gx_query(c->from, "SELECT MAX(step) FROM schema_steps");
    if (gx_statement_step(statement) != GX_STEP_ROW)
        return fail_of(c, c->from, "the store to move is none");
    int64_t step = gx_column_int(statement, 0);
    gx_statement_reset(statement);
    if (step == gx_schema_newest())
        return 0;
    return gx_error_set(c->error,
                        "the store to move is at schema step %lld, this program at %d: start this program's server on "
                        "it once, or take a newer program",
                        (long long)step, gx_schema_newest());
}

static int copy_tables(const copying *c, void (*tell)(void *context, const char *table, int64_t rows), void *context)
{
    name *tables;
    if (check_step(c) != 0 || read_names(c, gx_query(c->from, c->from->driver->list_tables), "tables", &tables) != 0)
        return -1;
    for (const name *each = tables; each != NULL; each = each->next) {
        table_copy t;
        if (strcmp(each->text, STEPS_TABLE) == 0)
            continue;
        if (check_empty(c, each->text) != 0 || read_table(c, each->text, &t) != 0 || copy_table(c, &t) != 0)
            return -1;
        tell(context, t.name, t.rows);
    }
    return 0;
}

int gx_store_copy(gx_database *from, gx_database *to, gx_arena *arena,
                  void (*tell)(void *context, const char *table, int64_t rows), void *context, gx_error *error)
{
    const copying c = {.from = from, .to = to, .arena = arena, .error = error};
    int failed = -1;
    if (!gx_database_begin(from, false))
        fail_of(&c, from, "the store to move");
    else if (!gx_database_begin_alone(to))
        fail_of(&c, to, "the store to move to");
    else
        failed = copy_tables(&c, tell, context);
    if (!failed && !gx_database_commit(to))
        failed = fail_of(&c, to, "the store to move to did not confirm");
    gx_database_rollback(to);
    gx_database_rollback(from);
    return failed;
}
