/* What a driver implements; sqlite.c and postgres.c. Only store/ includes this.
 *
 * A driver's connection and statement begin with the structs below; database.c keeps these, the driver keeps the rest.
 */
#ifndef GX_STORE_DRIVER_H
#define GX_STORE_DRIVER_H

#include "store/database.h"

#define GX_DATABASE_MESSAGE_SIZE 256
#define GX_STATEMENT_BUCKETS     128 /* a power of two; the program has about a hundred statements */

typedef struct gx_driver {
    const char *name;         /* "sqlite" */
    int write_lanes;          /* connections that can write at the same time with profit */
    const char *list_tables;  /* SQL: the names of our tables */
    const char *list_columns; /* SQL: the names of the columns of table $1 */
    /* A SELECT behind this text opens a cursor, so that its rows come by parts; NULL: they come one by one anyway. */
    const char *open_cursor;
    const char *read_cursor;   /* SQL: the next part, no rows at the end */
    const char *close_cursor;  /* SQL */
    const char *count_servers; /* SQL: connections of servers to this store; NULL: a lock on its folder tells */
    void (*close)(gx_database *database);
    gx_statement *(*prepare)(gx_database *database, const char *sql); /* NULL and a fault on failure */
    void (*finalize)(gx_statement *statement);
    bool (*bind_text)(gx_statement *statement, int index, gx_span text); /* all bind_*: false and a fault on failure */
    bool (*bind_int)(gx_statement *statement, int index, int64_t value);
    bool (*bind_null)(gx_statement *statement, int index);
    gx_step (*step)(gx_statement *statement);
    void (*reset)(gx_statement *statement); /* forgets the parameters too */
    int64_t (*changes)(gx_statement *statement);
    gx_span (*column_text)(gx_statement *statement, int column); /* ptr NULL for NULL; NUL-terminated otherwise */
    int64_t (*column_int)(gx_statement *statement, int column);
    bool (*begin)(gx_database *database, bool writes);
    bool (*exclude)(gx_database *database);     /* after begin: keeps others who say it out; NULL: a writer is alone */
    gx_commit (*commit)(gx_database *database); /* a fault unless DONE */
    void (*rollback)(gx_database *database);
    bool (*in_transaction)(const gx_database *database);
    bool (*script)(gx_database *database, const char *sql);    /* several statements, for schema steps */
    bool (*limit_waits)(gx_database *database, int answer_ms); /* these two NULL: a file answers */
    void (*hurry)(gx_database *database, int64_t until_ms);
} gx_driver;

struct gx_database {
    const gx_driver *driver;
    gx_database_fault fault;
    bool conflicted; /* GX_FAULT_CONFLICT came up since the transaction began */
    char message[GX_DATABASE_MESSAGE_SIZE];
    gx_statement *prepared[GX_STATEMENT_BUCKETS]; /* owned; by the address of their SQL */
};

struct gx_statement {
    gx_database *database;
    const char *sql;
    gx_statement *next;       /* in its bucket */
    bool in_rows;             /* stands on a row: must be reset before the transaction ends */
    gx_database_fault broken; /* a parameter could not be bound: the next step fails */
};

/* What a driver that is a module of its own shows of itself. */
typedef struct gx_store_module {
    /* `url` is whole. A connection that is lost is opened again at the next begin. `beside`: see
     * gx_database_open_beside; may be NULL. */
    gx_database *(*open)(const char *url, bool read_only, const gx_database *beside, gx_error *error);
} gx_store_module;

extern const gx_store_module gx_postgres_module;

/* Notes a fault. Returns false, so that `return gx_database_fail(…)` reads well. */
bool gx_database_fail(gx_database *database, gx_database_fault fault, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
