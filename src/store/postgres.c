/* The PostgreSQL driver: its faults and transactions. postgres_connect.c makes the connection, postgres_wait.c waits
 * for what comes over it, postgres_statement.c runs what is asked on it. */
#include "store/postgres.h"

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
    if (gx_postgres_own(database)->given_up)
        return gx_database_fail(database, GX_FAULT_LOST, "no answer came in time");
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

bool gx_postgres_execute(gx_database *database, const char *sql)
{
    gx_postgres_database *self = gx_postgres_own(database);
    PGresult *result = gx_postgres_answer(self, PQsendQuery(self->connection, sql));
    bool done = gx_postgres_succeeded(result) || gx_postgres_note_fault(database, result);
    PQclear(result);
    return done;
}

/* --- the connection's life --- */

static void postgres_hurry(gx_database *database, int64_t until_ms)
{
    atomic_store(&gx_postgres_own(database)->until_ms, until_ms);
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
           gx_postgres_execute(database, writes ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
}

/* The connection may have died while it was idle: only the first word on it tells. */
static bool postgres_begin(gx_database *database, bool writes)
{
    return begin_here(database, writes) || (gx_postgres_reconnect(database) && begin_here(database, writes));
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
    PGresult *result = gx_postgres_answer(gx_postgres_own(database), PQsendQuery(connection_of(database), "COMMIT"));
    gx_commit end = commit_end(database, result);
    PQclear(result);
    return end;
}

static void postgres_rollback(gx_database *database)
{
    gx_postgres_execute(database, "ROLLBACK");
}

static bool postgres_in_transaction(const gx_database *database)
{
    PGTransactionStatusType status = PQtransactionStatus(connection_of(database));
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

static bool postgres_exclude(gx_database *database)
{
    return gx_postgres_execute(database, START_LOCK);
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
                     "application_name = '" GX_POSTGRES_APPLICATION "' AND pid <> pg_backend_pid()",
    .in_transaction = postgres_in_transaction,
    .script = gx_postgres_execute,
    .limit_waits = gx_postgres_limit_waits,
    .hurry = postgres_hurry,
};

static gx_database *open_postgres(const char *url, bool read_only, const gx_database *beside, gx_error *error)
{
    if (!gx_postgres_check_url(url, error))
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
    if (beside != NULL)
        database->host = ((const gx_postgres_database *)(const void *)beside)->host;
    database->until_ms = INT64_MAX;
    if (gx_postgres_reconnect(&database->base))
        return &database->base;
    gx_error_set(error, "cannot open the PostgreSQL store: %s", gx_database_message(&database->base));
    gx_database_close(&database->base);
    return NULL;
}

GX_MODULE_TABLE const gx_store_module gx_postgres_module = {open_postgres};
