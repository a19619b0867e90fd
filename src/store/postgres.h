/* What the files of the PostgreSQL driver know of each other; nobody else includes this. */
#ifndef GX_STORE_POSTGRES_H
#define GX_STORE_POSTGRES_H

#include <libpq-fe.h>
#include <stdatomic.h>

#include "store/driver.h"

#define GX_POSTGRES_APPLICATION "grantexd" /* as pg_stat_activity shows our connections */

typedef struct gx_postgres_database {
    gx_database base;
    PGconn *connection; /* may be dead: the next begin opens another one */
    char *url;
    int host; /* of those in the URL, the one that answered last */
    bool read_only;
    bool given_up;            /* the connection is dead because no answer came in time */
    int answer_ms;            /* how long one is waited for; 0: without end */
    int64_t again_ms;         /* monotonic: nobody is connected to before */
    _Atomic int64_t until_ms; /* monotonic: nothing is waited for after. Any thread */
    unsigned generation;      /* which connection this is: statements prepared on an older one are gone */
    unsigned names;           /* given to statements so far */
} gx_postgres_database;

static inline gx_postgres_database *gx_postgres_own(gx_database *database)
{
    return (gx_postgres_database *)(void *)database;
}

/* --- postgres.c --- */

bool gx_postgres_succeeded(const PGresult *result);

/* One text of one or more statements, without parameters. */
bool gx_postgres_execute(gx_database *database, const char *sql);

/* What the result, or the connection, says went wrong. False. */
bool gx_postgres_note_fault(gx_database *database, const PGresult *result);

/* --- postgres_wait.c --- */

/* False: it is not waited for any longer. True as well when the socket is at its end: what is done next with it tells.
 */
bool gx_postgres_wait(const gx_postgres_database *self, int fd, short events, int64_t deadline_ms);

/* What comes of a question that PQsend… has sent; `sent` is what that returned. The caller clears it; NULL, or what is
 * no success, is for gx_postgres_note_fault. Where no answer comes in time the connection is dead afterwards. */
PGresult *gx_postgres_answer(gx_postgres_database *self, int sent);

/* --- postgres_connect.c --- */

/* Whether libpq can read it, and nothing of a password stands where it would be told. */
bool gx_postgres_check_url(const char *url, gx_error *error);

/* In place of the connection that is there. */
bool gx_postgres_reconnect(gx_database *database);

/* From here on, of gx_driver. */
bool gx_postgres_limit_waits(gx_database *database, int answer_ms);

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
