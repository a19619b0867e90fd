/* The PostgreSQL driver: the connection, its faults and transactions; postgres_statement.c runs what is asked on it. */
#include "store/postgres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/module.h"

#define WRITE_LANES 4

/* Of the advisory lock that keeps programs which start together apart: "grantex" in ASCII. */
#define START_LOCK "SELECT pg_advisory_xact_lock(29113321604867448)"

static PGconn *connection_of(const gx_database *database)
{
    return ((const gx_postgres_database *)(const void *)database)->connection;
}

/* --- faults --- */

/* SQLSTATEs, or the classes that they begin with; the first that fits. */
static const struct {
    const char *state;
    gx_database_fault fault;
} faults[] = {
    {"23505", GX_FAULT_UNIQUE}, {"53100", GX_FAULT_FULL}, {"40", GX_FAULT_CONFLICT}, {"08", GX_FAULT_LOST},
    {"53", GX_FAULT_LOST},      {"55P03", GX_FAULT_LOST}, {"57", GX_FAULT_LOST},     {"58", GX_FAULT_LOST},
    {"25006", GX_FAULT_LOST}, /* a standby: it is promoted, or the connection finds the one that is */
};

static gx_database_fault fault_of(const char *state)
{
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        if (strncmp(state, faults[i].state, strlen(faults[i].state)) == 0)
            return faults[i].fault;
    }
    return GX_FAULT_OTHER;
}

/* Only the primary message: the details quote the values of rows. */
bool gx_postgres_note_fault(gx_database *database, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (state == NULL || PQstatus(connection_of(database)) != CONNECTION_OK)
        return gx_database_fail(database, GX_FAULT_LOST, "%s", PQerrorMessage(connection_of(database)));
    return gx_database_fail(database, fault_of(state), "%s (PostgreSQL %s)",
                            PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY), state);
}

bool gx_postgres_succeeded(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* One text of one or more statements, without parameters. */
static bool execute(gx_database *database, const char *sql)
{
    PGresult *result = PQexec(connection_of(database), sql);
    bool done = gx_postgres_succeeded(result) || gx_postgres_note_fault(database, result);
    PQclear(result);
    return done;
}

/* --- the connection --- */

static void keep_quiet(void *context, const char *message)
{
    (void)context;
    (void)message;
}

#define APPLICATION "grantexd" /* as pg_stat_activity shows our connections */

/* What stands before the URL is a default, what stands behind it holds whatever the URL says. */
static PGconn *connect_to(const char *url)
{
    static const char *const keywords[] = {"connect_timeout", "tcp_user_timeout", "dbname",
                                           "client_encoding", "application_name", NULL};
    const char *values[] = {"10", "15000", url, "UTF8", APPLICATION, NULL};
    return PQconnectdbParams(keywords, values, 1);
}

/* A COMMIT that returned must have been synced, unless the server's owner has said more than that. */
static bool apply_settings(gx_database *database, bool read_only)
{
    return execute(database, "SET lock_timeout = '10s'; SELECT set_config('synchronous_commit', 'on', false) "
                             "WHERE current_setting('synchronous_commit') = 'off'") &&
           (!read_only || execute(database, "SET default_transaction_read_only = on"));
}

static bool reconnect(gx_database *database)
{
    gx_postgres_database *self = gx_postgres_own(database);
    PQfinish(self->connection);
    self->connection = connect_to(self->url);
    self->generation++;
    if (PQstatus(self->connection) != CONNECTION_OK)
        return gx_database_fail(database, GX_FAULT_LOST, "%s", PQerrorMessage(self->connection));
    PQsetNoticeProcessor(self->connection, keep_quiet, NULL);
    return apply_settings(database, self->read_only);
}

static void postgres_close(gx_database *database)
{
    PQfinish(connection_of(database));
    free(gx_postgres_own(database)->url);
    free(database);
}

/* --- transactions --- */

static bool begin_here(gx_database *database, bool writes)
{
    return PQtransactionStatus(connection_of(database)) == PQTRANS_IDLE &&
           execute(database, writes ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
}

/* The connection may have died while it was idle: only the first word on it tells. */
static bool postgres_begin(gx_database *database, bool writes)
{
    return begin_here(database, writes) || (reconnect(database) && begin_here(database, writes));
}

/* A transaction in which a statement failed answers COMMIT with ROLLBACK. */
static gx_commit commit_end(gx_database *database, PGresult *result)
{
    if (gx_postgres_succeeded(result) && strcmp(PQcmdStatus(result), "COMMIT") == 0)
        return GX_COMMIT_DONE;
    if (gx_postgres_succeeded(result))
        gx_database_fail(database, GX_FAULT_OTHER, "a failed statement was overlooked");
    else
        gx_postgres_note_fault(database, result);
    return PQstatus(connection_of(database)) == CONNECTION_OK ? GX_COMMIT_NOT_DONE : GX_COMMIT_UNKNOWN;
}

static gx_commit postgres_commit(gx_database *database)
{
    PGresult *result = PQexec(connection_of(database), "COMMIT");
    gx_commit end = commit_end(database, result);
    PQclear(result);
    return end;
}

static void postgres_rollback(gx_database *database)
{
    execute(database, "ROLLBACK");
}

static bool postgres_in_transaction(const gx_database *database)
{
    PGTransactionStatusType status = PQtransactionStatus(connection_of(database));
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

static bool postgres_exclude(gx_database *database)
{
    return execute(database, START_LOCK);
}

static const gx_driver postgres_driver = {
    .name = "postgres",
    .write_lanes = WRITE_LANES,
    .list_tables = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename",
    .list_columns = "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema()"
                    " AND table_name = $1 ORDER BY ordinal_position",
    .open_cursor = "DECLARE part NO SCROLL CURSOR FOR ",
    .read_cursor = "FETCH 1000 FROM part",
    .close_cursor = "CLOSE part",
    .close = postgres_close,
    .prepare = gx_postgres_prepare,
    .finalize = gx_postgres_finalize,
    .bind_text = gx_postgres_bind_text,
    .bind_int = gx_postgres_bind_int,
    .bind_null = gx_postgres_bind_null,
    .step = gx_postgres_step,
    .reset = gx_postgres_reset,
    .changes = gx_postgres_changes,
    .column_text = gx_postgres_column_text,
    .column_int = gx_postgres_column_int,
    .begin = postgres_begin,
    .exclude = postgres_exclude,
    .commit = postgres_commit,
    .rollback = postgres_rollback,
    .count_servers = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                     "application_name = '" APPLICATION "' AND pid <> pg_backend_pid()",
    .in_transaction = postgres_in_transaction,
    .script = execute,
};

/* An unescaped '@' or '/' in a password moves a piece of it to where the host, the port or the database stand. */
static bool holds_stray_password(const PQconninfoOption *option)
{
    static const char *const PLACES[] = {"host", "port", "dbname"};
    for (size_t i = 0; i < sizeof PLACES / sizeof PLACES[0]; i++) {
        if (strcmp(option->keyword, PLACES[i]) == 0 && option->val != NULL && strchr(option->val, '@') != NULL)
            return true;
    }
    return false;
}

/* What libpq says of a URI that it cannot read quotes it, password and all: such a one must not get that far. */
static bool check_url(const char *url, gx_error *error)
{
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    bool good = options != NULL;
    for (const PQconninfoOption *option = options; good && option->keyword != NULL; option++)
        good = !holds_stray_password(option);
    PQconninfoFree(options);
    if (!good)
        gx_error_set(error, "the PostgreSQL URL cannot be read: it is postgres://USER:PASSWORD@HOST:PORT/DATABASE?…, "
                            "and what is not a letter or a digit in a user or password is written %%XX");
    return good;
}

static gx_database *open_postgres(const char *url, bool read_only, gx_error *error)
{
    if (!check_url(url, error))
        return NULL;
    gx_postgres_database *database = calloc(1, sizeof *database);
    char *copy = strdup(url);
    if (database == NULL || copy == NULL) {
        free(database);
        free(copy);
        gx_error_set(error, "cannot open the PostgreSQL store: out of memory");
        return NULL;
    }
    database->base.driver = &postgres_driver;
    database->url = copy;
    database->read_only = read_only;
    if (reconnect(&database->base))
        return &database->base;
    gx_error_set(error, "cannot open the PostgreSQL store: %s", gx_database_message(&database->base));
    gx_database_close(&database->base);
    return NULL;
}

GX_MODULE_TABLE const gx_store_module gx_postgres_module = {open_postgres};
