/* What the two files of the PostgreSQL driver know of each other; nobody else includes this. */
#ifndef GX_STORE_POSTGRES_H
#define GX_STORE_POSTGRES_H

#include <libpq-fe.h>

#include "store/driver.h"

typedef struct gx_postgres_database {
    gx_database base;
    PGconn *connection; /* may be dead: the next begin opens another one */
    char *url;
    bool read_only;
    unsigned generation; /* which connection this is: statements prepared on an older one are gone */
    unsigned names;      /* given to statements so far */
} gx_postgres_database;

static inline gx_postgres_database *gx_postgres_own(gx_database *database)
{
    return (gx_postgres_database *)(void *)database;
}

/* --- postgres.c --- */

bool gx_postgres_succeeded(const PGresult *result);

/* What the result, or the connection, says went wrong. False. */
bool gx_postgres_note_fault(gx_database *database, const PGresult *result);

/* --- postgres_statement.c: of gx_driver --- */

gx_statement *gx_postgres_prepare(gx_database *database, const char *sql);
void gx_postgres_finalize(gx_statement *statement);
bool gx_postgres_bind_text(gx_statement *statement, int index, gx_span text);
bool gx_postgres_bind_int(gx_statement *statement, int index, int64_t value);
bool gx_postgres_bind_null(gx_statement *statement, int index);
gx_step gx_postgres_step(gx_statement *statement);
void gx_postgres_reset(gx_statement *statement);
int64_t gx_postgres_changes(gx_statement *statement);
gx_span gx_postgres_column_text(gx_statement *statement, int column);
int64_t gx_postgres_column_int(gx_statement *statement, int column);

#endif
