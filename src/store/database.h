/* One connection to a store: statements, rows, transactions. SQL is written once, in a subset that SQLite and
 * PostgreSQL share ($1 parameters, TEXT and BIGINT); each driver is a small file behind gx_driver.
 *
 * A connection is used by one thread at a time. Errors are sticky in `error` until the next gx_query. */
#ifndef GX_STORE_DATABASE_H
#define GX_STORE_DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/span.h"

typedef struct gx_database gx_database;
typedef struct gx_statement gx_statement;

typedef enum gx_step {
    GX_STEP_ERROR = -1,
    GX_STEP_DONE = 0,
    GX_STEP_ROW = 1,
} gx_step;

/* How a COMMIT ended. UNKNOWN: it was sent and the answer never came, so it may be durable or undone. */
typedef enum gx_commit {
    GX_COMMIT_DONE,
    GX_COMMIT_NOT_DONE,
    GX_COMMIT_UNKNOWN,
} gx_commit;

/* Why a step or a transaction failed. FULL and LOST may have ended the transaction: gx_database_in_transaction says. */
typedef enum gx_database_fault {
    GX_FAULT_NONE = 0,
    GX_FAULT_UNIQUE,   /* a unique key says no */
    GX_FAULT_FULL,     /* no room */
    GX_FAULT_LOST,     /* the store cannot: I/O error, damaged, locked for too long, no memory, connection gone */
    GX_FAULT_CONFLICT, /* another transaction was in the way (deadlock, serialization): the same one may work next time
                        */
    GX_FAULT_OTHER,    /* a defect of ours (syntax, type, foreign key) */
} gx_database_fault;

/* Opens the store at "sqlite:PATH", a bare path, or "postgres://…" (what libpq takes for a URI), with the settings that
 * durability needs. NULL: see `error`. */
gx_database *gx_database_open(const char *url, bool read_only, gx_error *error);

/* The same, to the store that `other` is connected to: of its hosts the one that answered there is tried first. Nobody
 * may use `other` meanwhile. */
gx_database *gx_database_open_beside(const gx_database *other, const char *url, bool read_only, gx_error *error);

/* Whether `url` names a store that a server of its own keeps, not a file. */
bool gx_store_is_server(const char *url);

/* The SQLite driver's own: `location` is what follows "sqlite:", a path, or ":memory:" for one connection's own store.
 * A new file can be read by its owner only. */
gx_database *gx_sqlite_open(const char *location, bool read_only, gx_error *error);

void gx_database_close(gx_database *database);

gx_database_fault gx_database_fault_of(const gx_database *database);
const char *gx_database_message(const gx_database *database); /* for the log, not for clients */

/* The statement for `sql`, which must have static storage: its ADDRESS is the key of the connection's statement cache.
 * It comes back reset, without parameters. NULL when it cannot be prepared; the calls below take NULL and do nothing,
 * gx_step then says GX_STEP_ERROR, so that the happy path needs no check in between. */
gx_statement *gx_query(gx_database *database, const char *sql);

/* Parameters count from 1. The text is copied or used up before the next call on the statement returns. */
void gx_bind_text(gx_statement *statement, int index, const char *text); /* NULL binds NULL */
void gx_bind_span(gx_statement *statement, int index, gx_span text);
void gx_bind_int(gx_statement *statement, int index, int64_t value);
void gx_bind_null(gx_statement *statement, int index);

/* Runs to the next row. After DONE or ERROR the statement is reset. */
gx_step gx_statement_step(gx_statement *statement);

/* Runs a statement that gives no row, or whose rows do not matter: true unless it failed. */
bool gx_statement_run(gx_statement *statement);

/* Rows that the last run to DONE changed. */
int64_t gx_statement_changes(gx_statement *statement);

/* Gives up the rows that are left, as the end of the transaction does too. */
void gx_statement_reset(gx_statement *statement);

/* Columns count from 0; text is lent until the next step or reset. NULL columns give NULL text, 0, the empty span. */
const char *gx_column_text(gx_statement *statement, int column);
gx_span gx_column_span(gx_statement *statement, int column);
int64_t gx_column_int(gx_statement *statement, int column);
bool gx_column_is_null(gx_statement *statement, int column);

/* Transactions. One savepoint level lies inside a transaction. All false on failure. */
bool gx_database_begin(gx_database *database, bool writes);
/* Writes, and no other transaction that began so runs meanwhile, of any program: for what is done once at the start. */
bool gx_database_begin_alone(gx_database *database);
bool gx_database_commit(gx_database *database);          /* durable when it returns true */
gx_commit gx_database_try_commit(gx_database *database); /* for who would otherwise do it all again */
void gx_database_rollback(gx_database *database);        /* no-op outside a transaction */
bool gx_database_savepoint(gx_database *database);
bool gx_database_release(gx_database *database);
bool gx_database_rollback_to(gx_database *database); /* undoes since the savepoint and releases it */

/* For who must not wait for ever where the store is behind a network: from here on no answer is waited for any longer,
 * the connection is lost then; and the store keeps no transaction of ours that says nothing. */
bool gx_database_limit_waits(gx_database *database, int answer_ms, gx_error *error);
/* Any thread: from then on (monotonic) nothing of the store is waited for. */
void gx_database_hurry(gx_database *database, int64_t until_ms);

/* Whether somebody else has a connection to the store, as far as its driver can see. False: a fault. In no transaction.
 */
bool gx_database_in_use(gx_database *database, bool *in_use);

bool gx_database_in_transaction(const gx_database *database); /* false after a fault that ended it */

/* How many connections can write at the same time with profit. */
int gx_database_write_lanes(const gx_database *database);

/* Whether a GX_FAULT_CONFLICT came up since the transaction began, whatever was asked of the store after it. */
bool gx_database_conflicted(const gx_database *database);

#endif
